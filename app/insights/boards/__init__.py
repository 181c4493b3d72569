"""Boards: what each role sees first. The tenant's one figure stands on all of them, with its interval and definition.

Owns the words: north star (the tenant's one figure), move (a change that is more than chance), voice (what a customer
said, without names), kept (how often a promise was).
"""
