"""A tenant's data in its own hands: all of it taken out, kept no longer than wanted, deleted with proof.

It reaches the tables of every room through the models' metadata, so that a new table is never forgotten. Owns the words
export (all that a tenant has, as one file), departure (a tenant that goes) and proof (what is kept of that).
"""
