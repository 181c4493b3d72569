"""Customers: the people who are asked, and how one person is recognised under several identifiers.

The room owns the words customer, identifier (an email address, a phone number, a number of the tenant's own),
consent and suppression. Whoever needs a person's address, language or time zone asks here.
"""
