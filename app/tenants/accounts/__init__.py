"""How a person proves who they are: passwords, passkeys, codes of an app, recovery codes, and the sessions that follow.

Flask-Security does the cryptography and finds the person of a session; what a person may do is decided elsewhere, by
the membership (app/tenants/access.py). Owns: session, way of signing in, passkey, authenticator app, recovery code,
fresh sign-in.
"""
