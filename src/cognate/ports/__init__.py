"""
What the core asks of the outside, as Protocols: storage, time, chance, keys, passwords, messages.

`Call` carries one of each into an operation. Nothing here does anything; implementations live in
`storage`, `keys`, `messages`, `system`, and are joined in `app`.
"""

from cognate.ports.call import Call, Caller, Inquiry
from cognate.ports.compromised import CompromisedPasswords
from cognate.ports.keys import Keys, PoolKeys
from cognate.ports.messages import Outbox
from cognate.ports.passwords import Passwords, SlowWork, Turns
from cognate.ports.store import Body, Repositories, Store, Transaction
from cognate.ports.system import Clock, Entropy
from cognate.ports.triggers import Triggers

__all__ = [
    "Body",
    "Call",
    "Caller",
    "Clock",
    "CompromisedPasswords",
    "Entropy",
    "Inquiry",
    "Keys",
    "Outbox",
    "Passwords",
    "PoolKeys",
    "Repositories",
    "SlowWork",
    "Store",
    "Transaction",
    "Triggers",
    "Turns",
]
