"""
The shapes AWS clients send and read, generated from the service models and checked in.

Owns the structs of every operation (one module per service), their decoding and validation, and
the wording of a refused request. Knows nothing of what an operation does, nor of HTTP: that is
`operations` and `web`. Regenerate with `python tools/generate_wire.py`.
"""
