"""
One function per AWS operation, in the module of its noun; each module's `OPERATIONS` lists them.

A function reads top to bottom: look up, check, change, answer. Shapes come from `wire`, records
from `domain`, and what signing in means from `signin`.
"""
