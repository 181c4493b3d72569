"""Outbound webhooks: what happened here, told to a tenant's other systems, signed as Standard Webhooks say.

Owns: endpoint (where to, and of what), delivery (one message to one endpoint and what became of it), courier (what
carries them, apart from the outbox, so that a slow receiver holds up nobody else).
"""
