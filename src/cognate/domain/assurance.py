"""
How sure a sign-in is: the level that the proven methods earn, and how far a user can get.

Source: user-pools.md E.6 (step-up), G.3. Methods are `amr` values (RFC 8176 where it names them).
"""

from collections.abc import Collection, Mapping, Sequence

PASSWORD = "pwd"
SOFTWARE_TOKEN = "otp"
SMS = "sms"
EMAIL = "email_otp"
SYNCED_PASSKEY = "swk"
BOUND_PASSKEY = "hwk"
SEVERAL = "mfa"  # said behind two or more

MESSAGES = frozenset({SMS, EMAIL})
PASSKEYS = frozenset({SYNCED_PASSKEY, BOUND_PASSKEY})


def level_of(methods: Collection[str]) -> int:
    """1 to 4: a password; a code alone; a passkey, or password and code; password and app."""
    proven = set(methods)
    if {PASSWORD, SOFTWARE_TOKEN} <= proven:
        return 4
    if proven & PASSKEYS or (PASSWORD in proven and proven & MESSAGES):
        return 3
    return 2 if proven & MESSAGES else 1


def authentication_methods(methods: Sequence[str]) -> tuple[str, ...]:
    """`amr`: each method once, and `mfa` behind two or more."""
    distinct = tuple(dict.fromkeys(methods))
    return (*distinct, SEVERAL) if len(distinct) > 1 else distinct


def levels_asked(names: str, acr_values: Mapping[str, str]) -> tuple[int, ...]:
    """
    The levels that a space-separated list names, in its order; unknown names are left out.

    `acr_values`: the pool's names, `Level1` to `Level4`.
    """
    levels = {name: int(level.removeprefix("Level")) for level, name in acr_values.items()}
    return tuple(levels[name] for name in names.split() if name in levels)
