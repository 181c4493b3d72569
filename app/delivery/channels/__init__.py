"""The ways out of the house, one module each. A channel hands over what it is given and says how that ended."""
