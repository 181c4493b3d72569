"""Outreach: who is asked after an interaction, by which channel and when, and why somebody was not asked.

Every outreach rule gives one decision per interaction, kept with its reason. The room owns the words
interaction, outreach rule, decision, fatigue ledger, quiet hours and invitation.
"""
