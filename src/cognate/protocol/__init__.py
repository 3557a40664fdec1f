"""
Public standards as pure functions: SRP, JOSE, TOTP, PKCE, SigV4, IAM policies, sealing, hashing.

Nothing here knows Cognate: no settings, no clock, no chance, no storage. Time and random bytes
come in as arguments, values go out. What a standard's result means for a user is decided above.
"""
