"""
The published figures, reproducible: `make bench` runs `bench/run.py`.

Owns the load generator, the judging of tokens, the servers beside ours, and the page and charts in
`docs/`. What is fast enough is said in `bench/goals.py`; nothing of the server is decided here.
"""
