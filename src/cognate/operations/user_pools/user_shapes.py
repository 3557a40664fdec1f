"""Users and their attributes between records and the wire's `[{Name, Value}]` lists."""

from collections.abc import Collection, Sequence

from cognate.domain.codes import Delivery
from cognate.domain.users import User
from cognate.errors import InvalidParameterException
from cognate.wire.cognito_idp import AttributeType, CodeDeliveryDetailsType, UserType


def attributes_of(given: Sequence[AttributeType] | None) -> dict[str, str]:
    """
    Name to value, the last one of a name; "" stands for removal.

    Raises:
        InvalidParameterException: an attribute without a value.
    """
    attributes = {}
    for attribute in given or ():
        if attribute.value is None:
            raise InvalidParameterException(
                f"Attribute value for {attribute.name} must not be null"
            )
        attributes[attribute.name] = attribute.value
    return attributes


def attribute_list(user: User, wanted: Collection[str] | None = None) -> list[AttributeType]:
    """`sub` first; only `wanted` ones where any are named."""
    attributes = {"sub": user.sub, **user.attributes}
    if wanted:
        attributes = {name: value for name, value in attributes.items() if name in wanted}
    return [AttributeType(name=name, value=value) for name, value in attributes.items()]


def user_type(user: User, wanted: Collection[str] | None = None) -> UserType:
    return UserType(
        username=user.username,
        attributes=attribute_list(user, wanted),
        user_create_date=user.created_at.timestamp(),
        user_last_modified_date=user.modified_at.timestamp(),
        enabled=user.enabled,
        user_status=user.status.value,
    )


def delivery_details(delivery: Delivery) -> CodeDeliveryDetailsType:
    return CodeDeliveryDetailsType(
        destination=delivery.destination,
        delivery_medium=delivery.medium,
        attribute_name=delivery.attribute,
    )
