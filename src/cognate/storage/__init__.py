"""
The only place that knows SQL: a repository per noun, one text for SQLite and PostgreSQL.

`sqlite` and `postgresql` give the same small `Connection`; `repositories` are written over it.
Rules live in `domain`; here are queries, rows and migrations.
"""
