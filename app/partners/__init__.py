"""Partners, firms that deliver a part of the experience in the tenant's name. Owns: partner, target."""
