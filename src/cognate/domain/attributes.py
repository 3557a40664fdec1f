"""The schema of a pool's user attributes, and what a value must be. Source: user-pools.md C.2."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from cognate.errors import InvalidParameterException

MAXIMUM_VALUE_LENGTH = 2048
MAXIMUM_CUSTOM_ATTRIBUTES = 50
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
STANDARD_BY_NAME = {attribute.name: attribute for attribute in STANDARD_ATTRIBUTES}
VERIFIED_FLAGS = frozenset({"email_verified", "phone_number_verified"})

# Who a user is elsewhere: part of the schema once the pool has an identity provider.
IDENTITIES = SchemaAttribute(name="identities", data_type="String")
# Set by the server alone, whoever asks.
NEVER_WRITTEN = frozenset({"sub", IDENTITIES.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDefinition:
    """
    An attribute as a pool's owner defines it: `name` without `custom:`. None was not given;
    bounds are decimal text, of the length for String and of the value for Number.
    """

    name: str
    data_type: str | None = None
    developer_only: bool | None = None
    mutable: bool | None = None
    required: bool | None = None
    minimum: str | None = None
    maximum: str | None = None


def custom_attribute(definition: AttributeDefinition) -> SchemaAttribute:
    """
    Raises:
        InvalidParameterException: required, or bounds that no value fits.
    """
    if definition.required:
        raise InvalidParameterException("Required custom attributes are not supported currently.")
    name = f"custom:{definition.name}"
    attribute = SchemaAttribute(
        name=f"dev:{name}" if definition.developer_only else name,
        data_type=definition.data_type or "String",
        developer_only=bool(definition.developer_only),
        mutable=definition.mutable is not False,
        minimum=definition.minimum,
        maximum=definition.maximum,
    )
    _check_bounds(attribute)
    return attribute


def standard_attribute(definition: AttributeDefinition) -> SchemaAttribute:
    """
    A standard attribute made required, immutable or narrower.

    Raises:
        InvalidParameterException: another type, developer-only, or bounds that no value fits.
    """
    standard = STANDARD_BY_NAME[definition.name]
    if definition.developer_only or definition.data_type not in (None, standard.data_type):
        raise InvalidParameterException(
            "You can not change AttributeDataType or set developerOnlyAttribute"
            f" for standard schema attribute {definition.name}"
        )
    attribute = replace(
        standard,
        mutable=standard.mutable if definition.mutable is None else definition.mutable,
        required=standard.required if definition.required is None else definition.required,
        minimum=standard.minimum if definition.minimum is None else definition.minimum,
        maximum=standard.maximum if definition.maximum is None else definition.maximum,
    )
    if standard.name == "sub" and attribute != standard:
        raise InvalidParameterException("The attribute sub cannot be changed.")
    _check_bounds(attribute)
    return attribute


def _check_bounds(attribute: SchemaAttribute) -> None:
    """Only text and numbers have bounds."""
    if attribute.data_type == "String":
        minimum, maximum = _bounds(attribute, _LENGTH)
        if max(minimum or 0, maximum or 0) > MAXIMUM_VALUE_LENGTH:
            raise _bad_bounds(
                attribute,
                f"String attributes cannot have a length of more than {MAXIMUM_VALUE_LENGTH}",
            )
        kind = "length"
    elif attribute.data_type == "Number":
        minimum, maximum = _bounds(attribute, _NUMBER)
        kind = "value"
    else:
        return
    if minimum is not None and maximum is not None and maximum < minimum:
        raise _bad_bounds(attribute, f"Max {kind} cannot be less than min {kind}.")


# Bounds are short: Decimal takes time that grows with the square of what it reads.
_LENGTH = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"-?[0-9]{1,64}(\.[0-9]{1,64})?")


def _bounds(
    attribute: SchemaAttribute, form: re.Pattern[str]
) -> tuple[Decimal | None, Decimal | None]:
    for text in (attribute.minimum, attribute.maximum):
        if text is not None and form.fullmatch(text) is None:
            raise _bad_bounds(attribute, "Attribute constraints must be numbers.")
    minimum, maximum = attribute.minimum, attribute.maximum
    return (
        None if minimum is None else Decimal(minimum),
        None if maximum is None else Decimal(maximum),
    )


def _bad_bounds(attribute: SchemaAttribute, fault: str) -> InvalidParameterException:
    return InvalidParameterException(f"user.{attribute.name}: {fault}")


def schema_of(definitions: Iterable[AttributeDefinition]) -> tuple[SchemaAttribute, ...]:
    """
    A new pool's schema: the standard attributes in their order, then the custom ones as given.

    Raises:
        InvalidParameterException: a definition that is not allowed, or a name given twice.
    """
    standard = dict(STANDARD_BY_NAME)
    seen: set[str] = set()
    custom = []
    for definition in definitions:
        if definition.name not in standard:
            custom.append(definition)
            continue
        if definition.name in seen:
            raise _taken(definition.name)
        seen.add(definition.name)
        standard[definition.name] = standard_attribute(definition)
    return with_custom_attributes(tuple(standard.values()), custom)


def with_custom_attributes(
    schema: tuple[SchemaAttribute, ...], definitions: Iterable[AttributeDefinition]
) -> tuple[SchemaAttribute, ...]:
    """
    Raises:
        InvalidParameterException: a definition that is not allowed, a name that the schema has,
            or more than fifty custom attributes.
    """
    names = {attribute.name for attribute in schema}
    added = []
    for definition in definitions:
        attribute = custom_attribute(definition)
        if attribute.name in names:
            raise _taken(attribute.name)
        names.add(attribute.name)
        added.append(attribute)
    if sum(":" in name for name in names) > MAXIMUM_CUSTOM_ATTRIBUTES:
        raise InvalidParameterException(
            f"A user pool cannot have more than {MAXIMUM_CUSTOM_ATTRIBUTES} custom attributes."
        )
    return (*schema, *added)


def with_identities(schema: tuple[SchemaAttribute, ...]) -> tuple[SchemaAttribute, ...]:
    """The schema of a pool that has, or once had, an identity provider."""
    if IDENTITIES in schema:
        return schema
    standard = tuple(attribute for attribute in schema if attribute.name in STANDARD_NAMES)
    return (*standard, IDENTITIES, *schema[len(standard) :])


def _taken(name: str) -> InvalidParameterException:
    return InvalidParameterException(f"{name}: Existing attribute already has name {name}.")


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
