"""Cases: one customer's trouble, from the answer that opened it to its proven end.

This room owns the words case, case owner, severity, status, first contact, attempt, resolution, closure,
outcome and reopening. A case is closed only when what its outcome claims has happened, and it is reopened for
somebody else than the one who closed it. By when things are due is the business of `sla`, why they went wrong
that of `causes`.
"""
