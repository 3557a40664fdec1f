"""How a command fails."""


class Failure(Exception):
    """Something outside went wrong: a port is taken, a file cannot be written. Status 1."""


class Misuse(Exception):
    """What was typed cannot be meant. Status 2."""
