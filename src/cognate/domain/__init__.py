"""
Records and rules of user pools, a module per noun: what is true whatever the wire or the database.

Everything here is frozen data and pure functions; what needs time or chance takes it as a value.
"""
