"""
Keys at rest and in use: the master key, pools' data keys under it, signing keys under those.

Owns sealing and signing; which keys exist is stored by `storage`, what they mean is in `domain`.
"""
