"""
What a person types: commands, their options, and what they print.

Owns processes, sockets and signals; what the server does is put together in `app`. A mistake of
the person ends with status 2, a failure of the machine with 1, both with one line that says why.
"""
