"""
The CSV files that import jobs read, row by row. Source: user-pools.md J.1.

UTF-8 without a byte order mark, no quoting, a comma inside a value written `\\,`, values trimmed.
What is wrong with a row is told without any of its data.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cognate.domain.attributes import IDENTITIES, VERIFIABLE, format_fault
from cognate.domain.passwords import ForeignHash
from cognate.domain.pools import Pool
from cognate.domain.user_attributes import check_flags, flag_of
from cognate.domain.usernames import with_username_attribute
from cognate.domain.users import MfaPreference, User
from cognate.errors import InvalidParameterException
from cognate.protocol import foreign_hashes
from cognate.protocol.foreign_hashes import HashAlgorithm, UnusableHash

MFA_ENABLED = "cognito:mfa_enabled"
USERNAME = "cognito:username"
PASSWORD_HASH = "password_hash"
ROW_CHARACTERS = 16_000
USERNAME_CHARACTERS = 128
SMS_MFA = "SMS_MFA"

NOT_VERIFIED = (
    "The User Record does not set any of the auto verified attributes to true."
    " (Example: email_verified to true)."
)

_COMMA = re.compile(r"(?<!\\),")
_BLANK = re.compile(r"\s")
_BIRTHDATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_EPOCH_SECONDS = re.compile(r"[0-9]{1,15}")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LINE_ENDS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


class UnreadableFile(Exception):
    """The file's header does not fit the pool; the text says how."""


class RowRefused(Exception):
    """Why a row's user is not imported; nothing of the row is in it."""


def header_of(pool: Pool) -> list[str]:
    """Every column that a file for this pool has, as GetCSVHeader lists them."""
    names = [a.name for a in pool.schema if a.name not in ("sub", IDENTITIES.name)]
    standard = [name for name in names if ":" not in name]
    custom = [name for name in names if ":" in name]
    return [*standard, MFA_ENABLED, USERNAME, *custom]


def split(line: str) -> list[str]:
    """The values of a row, trimmed, commas restored."""
    if "\\," not in line:
        return [value.strip() for value in line.split(",")]
    return [value.replace("\\,", ",").strip() for value in _COMMA.split(line)]


def joined(values: Sequence[str]) -> str:
    """
    One row, without its line end. What ends with a backslash gets a blank behind it, which
    reading trims; line ends inside a value cannot be written, and become blanks.
    """
    return ",".join(_written(value) for value in values)


def _written(value: str) -> str:
    value = _LINE_ENDS.sub(" ", value).replace(",", "\\,")
    return value + " " if value.endswith("\\") else value


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a row says of its user. `username`: as it stands there."""

    username: str
    attributes: Mapping[str, str]
    mfa: MfaPreference
    foreign_hash: ForeignHash | None


class RowReader:
    """
    Reads the rows of one file. `columns`: of its header, in its order.

    Raises:
        UnreadableFile: not the pool's columns.
    """

    def __init__(self, pool: Pool, columns: Sequence[str], algorithm: HashAlgorithm | None) -> None:
        self._pool = pool
        self._algorithm = algorithm
        expected = header_of(pool)
        if algorithm is not None:
            expected.append(PASSWORD_HASH)
        _check_header(columns, expected)
        self._width = len(columns)
        places = {name: place for place, name in enumerate(columns)}
        self._username = places.pop(USERNAME)
        self._mfa = places.pop(MFA_ENABLED)
        self._hash = places.pop(PASSWORD_HASH, None)
        schema = pool.schema_by_name
        self._attributes = [
            (place, name, _conversion(name, schema[name].data_type), schema[name].fault)
            for name, place in places.items()
        ]
        self._required = [
            a.name for a in pool.schema if a.required and a.name not in ("sub", *VERIFIABLE)
        ]
        # An e-mail address or phone number may be the user name instead.
        self._required_addresses = [
            a.name for a in pool.schema if a.required and a.name in VERIFIABLE
        ]

    def read(self, line: str) -> NewUser:
        """
        Raises:
            RowRefused: the row's user cannot be imported.
        """
        if len(line) > ROW_CHARACTERS:
            raise RowRefused(f"The row is longer than {ROW_CHARACTERS} characters.")
        values = split(line)
        if len(values) != self._width:
            raise RowRefused("The row does not have as many values as the header has columns.")
        username = values[self._username]
        _check_username(username)
        given = {}
        for place, name, converted, fault_of in self._attributes:
            value = values[place]
            if not value:
                continue
            value = converted(value)
            fault = format_fault(name, value) or fault_of(value)
            if fault is not None:
                raise RowRefused(f"{name}: {fault}")
            given[name] = value
        try:
            attributes = with_username_attribute(self._pool, username, given)
            check_flags(attributes, attributes)
        except InvalidParameterException as cause:
            raise RowRefused(cause.message) from cause
        self._check_complete(attributes)
        return NewUser(
            username=username,
            attributes=attributes,
            mfa=self._mfa_of(values[self._mfa], attributes),
            foreign_hash=self._hash_of(values),
        )

    def _check_complete(self, attributes: dict[str, str]) -> None:
        for name in (*self._required, *self._required_addresses):
            if not attributes.get(name):
                raise RowRefused(f"{name}: The attribute is required")
        for name in VERIFIABLE:
            if name in attributes:
                attributes.setdefault(flag_of(name), "false")
        if not any(
            attributes.get(name) and attributes.get(flag_of(name)) == "true"
            for name in self._pool.auto_verified
        ):
            raise RowRefused(NOT_VERIFIED)

    def _mfa_of(self, text: str, attributes: Mapping[str, str]) -> MfaPreference:
        """Blank is as the pool has it."""
        value, mode = text.lower(), self._pool.mfa.mode
        if value not in ("", "true", "false"):
            raise RowRefused(f"{MFA_ENABLED} is true or false.")
        if value == "false" and mode == "ON":
            raise RowRefused(f"{MFA_ENABLED} must be true: the user pool requires MFA.")
        if value == "true" and mode == "OFF":
            raise RowRefused(f"{MFA_ENABLED} must be false: the user pool has no MFA.")
        if value == "true" and self._pool.mfa.sms_enabled and attributes.get("phone_number"):
            return MfaPreference(enabled=(SMS_MFA,), preferred=SMS_MFA)
        return MfaPreference()

    def _hash_of(self, values: Sequence[str]) -> ForeignHash | None:
        if self._hash is None or self._algorithm is None or not values[self._hash]:
            return None
        text = values[self._hash]
        try:
            foreign_hashes.check(self._algorithm, text)
        except UnusableHash as cause:
            raise RowRefused(f"{PASSWORD_HASH}: {cause}.") from cause
        return ForeignHash(algorithm=self._algorithm, text=text)


def _check_header(columns: Sequence[str], expected: Sequence[str]) -> None:
    if len(set(columns)) != len(columns):
        raise UnreadableFile("The header of the CSV file names a column twice.")
    for name in expected:
        if name not in columns:
            raise UnreadableFile(f"The header of the CSV file does not have the column {name}.")
    if len(columns) > len(expected):
        raise UnreadableFile(
            "The header of the CSV file has columns that the user pool does not have."
        )


def _check_username(username: str) -> None:
    if not username:
        raise RowRefused(f"{USERNAME} is required.")
    if _BLANK.search(username):
        raise RowRefused(f"{USERNAME} cannot contain blanks.")
    if len(username) > USERNAME_CHARACTERS:
        raise RowRefused(f"{USERNAME} is longer than {USERNAME_CHARACTERS} characters.")


def _conversion(name: str, data_type: str) -> Callable[[str], str]:
    """From a column's form to the one that is stored."""
    if name == "birthdate":
        return _birthdate
    if name == "updated_at":
        return _epoch_seconds
    return str.lower if data_type == "Boolean" else _as_it_is


def _as_it_is(value: str) -> str:
    return value


def _birthdate(value: str) -> str:
    found = _BIRTHDATE.fullmatch(value)
    if found is None:
        raise RowRefused("birthdate: The date is written mm/dd/yyyy.")
    month, day, year = found.groups()
    try:
        datetime(int(year), int(month), int(day))  # noqa: DTZ001 - a day, wherever
    except ValueError as cause:
        raise RowRefused("birthdate: There is no such day.") from cause
    return f"{year}-{month}-{day}"


def _epoch_seconds(value: str) -> str:
    if _EPOCH_SECONDS.fullmatch(value) is None:
        raise RowRefused("updated_at: The time is written in seconds since 1970.")
    return value


# --- writing -------------------------------------------------------------------------------------


class RowWriter:
    """Writes users of a pool as rows that Cognito's import reads, with hashes of one algorithm."""

    def __init__(self, pool: Pool, *, with_hashes: bool) -> None:
        self._pool = pool
        self._names = header_of(pool)
        self._with_hashes = with_hashes

    @property
    def header(self) -> str:
        return joined([*self._names, PASSWORD_HASH] if self._with_hashes else self._names)

    def row(self, user: User, password_hash: str) -> str:
        """`password_hash` empty: the user will have to set a new password."""
        values = [self._value(user, name) for name in self._names]
        return joined([*values, password_hash] if self._with_hashes else values)

    def _value(self, user: User, name: str) -> str:
        match name:
            case "cognito:username":
                for kind in self._pool.username_attributes:
                    if user.attributes.get(kind):
                        return user.attributes[kind]
                return user.username
            case "cognito:mfa_enabled":
                mode = self._pool.mfa.mode
                on = mode == "ON" or (mode == "OPTIONAL" and bool(user.mfa.enabled))
                return "true" if on else "false"
            case "birthdate":
                return _ISO_DATE.sub(r"\2/\3/\1", user.attributes.get(name, ""))
            case _:
                return user.attributes.get(name, "")
