"""Everything that starts, supervises, watches and stops Heed.

This room owns the words *service* (the embedded PostgreSQL and Redis), *child* (a process that the supervisor runs)
and *run file* (how a command finds the services of a running Heed). It knows nothing of tenants, surveys or cases.
"""
