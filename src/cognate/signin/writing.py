"""Writing user attributes: who may, and what a value must be. Source: user-pools.md C.2, C.3, I."""

from collections.abc import Mapping

from cognate.domain.attributes import NEVER_WRITTEN, format_fault
from cognate.domain.clients import Client
from cognate.domain.pools import Pool
from cognate.errors import InvalidParameterException, NotAuthorizedException


def missing_required(pool: Pool, attributes: Mapping[str, str]) -> list[str]:
    """Names of required attributes without a value, in schema order."""
    return [
        attribute.name
        for attribute in pool.schema
        if attribute.required and attribute.name != "sub" and not attributes.get(attribute.name)
    ]


def check_writable(pool: Pool, client: Client, given: Mapping[str, str]) -> None:
    """
    Raises:
        InvalidParameterException: an attribute that the schema does not have.
        NotAuthorizedException: one that this client may not write.
    """
    check_known(pool, given)
    for name in given:
        if not client.may_write(pool.schema_by_name[name]):
            raise NotAuthorizedException("A client attempted to write unauthorized attribute")


def check_known(pool: Pool, given: Mapping[str, str]) -> None:
    """
    Raises:
        InvalidParameterException: an attribute that the schema does not have.
    """
    unknown = [name for name in given if name not in pool.schema_by_name]
    if unknown:
        faults = "\n".join(f"{name}: Attribute does not exist in the schema." for name in unknown)
        raise InvalidParameterException(f"Attributes did not conform to the schema: {faults}\n")


def check_values(pool: Pool, given: Mapping[str, str]) -> None:
    """
    Every value against its type, bounds and form; empty ones stand for none.

    Raises:
        InvalidParameterException: the first wrong form, or all that break the schema.
    """
    for name, value in given.items():
        fault = format_fault(name, value) if value else None
        if fault is not None:
            raise InvalidParameterException(fault)
    faults = [
        f"{name}: {fault}"
        for name, value in given.items()
        if value and (fault := pool.schema_by_name[name].fault(value)) is not None
    ]
    if faults:
        text = "\n".join(faults)
        raise InvalidParameterException(f"Attributes did not conform to the schema: {text}\n")


def check_required(pool: Pool, attributes: Mapping[str, str]) -> None:
    """
    Raises:
        InvalidParameterException: a required attribute has no value.
    """
    missing = missing_required(pool, attributes)
    if missing:
        text = "\n".join(f"{name}: The attribute is required" for name in missing)
        raise InvalidParameterException(f"Attributes did not conform to the schema: {text}\n")


def check_mutable(pool: Pool, given: Mapping[str, str]) -> None:
    """
    Raises:
        InvalidParameterException: an attribute that is set once and for all.
    """
    fixed = [
        name for name in given if name in NEVER_WRITTEN or not pool.schema_by_name[name].mutable
    ]
    if fixed:
        text = "".join(f"user.{name}: Attribute cannot be updated.\n" for name in fixed)
        raise InvalidParameterException(text)
