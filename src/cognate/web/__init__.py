"""
HTTP only: AWS's JSON protocol, discovery and keys, health and metrics, the development pages.

Turns requests into calls of `operations` and their answers, errors included, into responses. No
rule of Cognito's is decided here.
"""
