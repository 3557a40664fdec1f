"""
Whose request a server passes on: its user's address and program count then, not its own.

Source: user-pools.md J.4.
"""

import ipaddress
from dataclasses import replace

from cognate.domain.clients import Client
from cognate.ports import Call
from cognate.wire.cognito_idp import ContextDataType, UserContextDataType


def from_their_user(call: Call, told: ContextDataType | None) -> Call:
    """The call as an administrator's server describes it in ContextData."""
    if told is None:
        return call
    agents = [
        header.header_value
        for header in told.http_headers
        if (header.header_name or "").lower() == "user-agent" and header.header_value
    ]
    return _from(call, told.ip_address, agents[0] if agents else None)


def from_its_user(call: Call, client: Client, told: UserContextDataType | None) -> Call:
    """
    The call as an app describes it in UserContextData, where it is a server that may.

    Such a client has a secret, and every operation checks first that the caller knows it.
    """
    if told is None or not client.propagates_user_context or not client.secrets:
        return call
    return _from(call, told.ip_address, None)


def _from(call: Call, address: str | None, agent: str | None) -> Call:
    inquiry = call.inquiry
    if address and _is_address(address):
        inquiry = replace(inquiry, source_ip=address)
    if agent:
        inquiry = replace(inquiry, user_agent=agent)
    return replace(call, inquiry=inquiry)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
