"""Signing in through a tenant's own identity provider, by OpenID Connect. Owns: identity provider, identity, vouching.

A provider speaks for the tenant that has set it up and for nobody else: what it says opens that tenant alone.
"""
