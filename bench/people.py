"""The users of the benchmark: the same names and attributes on every server."""

PASSWORD = "Correct-horse1!"
DIGITS = 7
SAMPLE = 500  # users with tokens and an SRP verifier of their own, spread over the pool
FAMILY_NAMES = 997  # different ones


def number(index: int) -> str:
    return f"{index:0{DIGITS}d}"


def username(index: int) -> str:
    return f"user{number(index)}"


def attributes(index: int) -> dict[str, str]:
    return {
        "email": f"{username(index)}@example.com",
        "email_verified": "true",
        "family_name": f"Family{index % FAMILY_NAMES:03d}",
        "given_name": f"Given{index % 89:02d}",
    }


def wire_attributes(index: int) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes(index).items()]


def sample(users: int, wanted: int = SAMPLE) -> list[int]:
    """Indexes spread evenly over the pool."""
    count = min(users, wanted)
    return [index * users // count for index in range(count)]
