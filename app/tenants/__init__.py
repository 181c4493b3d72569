"""Tenants, the people who work in them, and what each may do. Owns: tenant, user, membership, role, permission,
API key, audit."""
