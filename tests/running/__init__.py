"""The server as it runs: its process, its messages, what can be seen of it."""
