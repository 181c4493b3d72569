"""A tenant goes: some days in which it can be taken back, then all its rows are removed, and a signed proof is kept."""
