"""The kernel: transactions, the tenant scope, the outbox, clock, ids, tokens, errors and pages of lists.

It knows no word of the domain. It owns: scope, actor, event, job, outbox, token, fault.
"""
