"""The schema of a pool's user attributes, and what a value must be. Source: user-pools.md C.2."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

MAXIMUM_VALUE_LENGTH = 2048
VERIFIABLE = ("email", "phone_number")

# RE2-like on purpose: no nested repetition, so matching is linear.
EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]]+@[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]")
PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{0,14}")
BIRTHDATE_LENGTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaAttribute:
    """
    One attribute that users of a pool may have. `name` is the full name (`custom:x`,
    `dev:custom:x`); bounds are decimal text as on the wire, None where there is none.
    """

    name: str
    data_type: str  # String | Number | Boolean | DateTime
    developer_only: bool = False
    mutable: bool = True
    required: bool = False
    minimum: str | None = None
    maximum: str | None = None

    def fault(self, value: str) -> str | None:
        """Why `value` may not be stored, in the service's words, or None where it may."""
        if len(value) > MAXIMUM_VALUE_LENGTH:
            return f"String attributes cannot have a length of more than {MAXIMUM_VALUE_LENGTH}"
        match self.data_type:
            case "String":
                return self._length_fault(value)
            case "Number":
                return self._number_fault(value)
            case "Boolean":
                return None if value.lower() in ("true", "false") else "Invalid boolean value."
            case _:
                return self._date_fault(value)

    def _length_fault(self, value: str) -> str | None:
        if self.minimum is not None and len(value) < int(self.minimum):
            return f"String value is too short. Minimum length is {self.minimum}."
        if self.maximum is not None and len(value) > int(self.maximum):
            return f"String value is too long. Maximum length is {self.maximum}."
        return None

    def _number_fault(self, value: str) -> str | None:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return "Invalid number value."
        if not number.is_finite():
            return "Invalid number value."
        if self.minimum is not None and number < Decimal(self.minimum):
            return f"Number value is too small. Minimum value is {self.minimum}."
        if self.maximum is not None and number > Decimal(self.maximum):
            return f"Number value is too large. Maximum value is {self.maximum}."
        return None

    @staticmethod
    def _date_fault(value: str) -> str | None:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "Invalid date value."
        return None


def _text(name: str, *, required: bool = False, mutable: bool = True) -> SchemaAttribute:
    return SchemaAttribute(
        name=name,
        data_type="String",
        mutable=mutable,
        required=required,
        minimum="0",
        maximum=str(MAXIMUM_VALUE_LENGTH),
    )


# In the order in which the service lists them.
STANDARD_ATTRIBUTES: tuple[SchemaAttribute, ...] = (
    SchemaAttribute(
        name="sub", data_type="String", mutable=False, required=True, minimum="1", maximum="2048"
    ),
    *(
        _text(name)
        for name in (
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "email",
        )
    ),
    SchemaAttribute(name="email_verified", data_type="Boolean"),
    _text("gender"),
    SchemaAttribute(name="birthdate", data_type="String", minimum="10", maximum="10"),
    *(_text(name) for name in ("zoneinfo", "locale", "phone_number")),
    SchemaAttribute(name="phone_number_verified", data_type="Boolean"),
    _text("address"),
    SchemaAttribute(name="updated_at", data_type="Number", minimum="0"),
)
STANDARD_NAMES = frozenset(attribute.name for attribute in STANDARD_ATTRIBUTES)
VERIFIED_FLAGS = frozenset({"email_verified", "phone_number_verified"})


def is_email(value: str) -> bool:
    return len(value) <= MAXIMUM_VALUE_LENGTH and EMAIL.fullmatch(value) is not None


def is_phone_number(value: str) -> bool:
    return PHONE_NUMBER.fullmatch(value) is not None


def format_fault(name: str, value: str) -> str | None:
    """Why an e-mail address or phone number is none, in the service's words."""
    if name == "email" and not is_email(value):
        return "Invalid email address format."
    if name == "phone_number" and not is_phone_number(value):
        return "Invalid phone number format."
    return None


def masked(name: str, value: str) -> str:
    """The destination as answers show it: `t***@t***` or `+*******1212` (user-pools.md B)."""
    if name == "phone_number":
        return "+" + "*" * max(len(value) - 5, 0) + value[-4:]
    local, _, domain = value.partition("@")
    return f"{local[:1]}***@{domain[:1]}***"
