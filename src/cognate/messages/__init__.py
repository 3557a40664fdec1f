"""
Messages to users: the outbox that changes write into, the worker that empties it, and senders.

What a message says is decided by the operation that causes it; how it travels is decided here.
"""
