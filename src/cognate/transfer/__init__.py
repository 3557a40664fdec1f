"""
Users in and out: import jobs, pool archives, and CSV files as Cognito reads and writes them.

Owns the formats and how long work is done piece by piece; who may ask is judged above, and rows are
stored through the ports.
"""
