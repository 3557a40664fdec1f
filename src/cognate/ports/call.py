"""What an operation is called with, beside its request."""

from collections.abc import Mapping
from dataclasses import dataclass

from cognate.domain.deployment import Deployment
from cognate.ports.compromised import CompromisedPasswords
from cognate.ports.keys import Keys
from cognate.ports.messages import Outbox
from cognate.ports.passwords import Passwords, Turns
from cognate.ports.store import Store
from cognate.ports.system import Clock, Entropy
from cognate.ports.triggers import Triggers


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who signed the request: the region and account that it acts in. None fields: unsigned."""

    region: str
    account_id: str
    access_key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """The request as it came in: for traces, risk decisions and rate limits."""

    request_id: str
    source_ip: str
    user_agent: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of one operation: the doors to the outside, and who is calling."""

    store: Store
    clock: Clock
    entropy: Entropy
    keys: Keys
    passwords: Passwords
    turns: Turns
    outbox: Outbox
    triggers: Triggers
    compromised: CompromisedPasswords
    deployment: Deployment
    caller: Caller
    inquiry: Inquiry
