"""
What a stranger is shown for a user who does not exist, where the client hides who does.

Everything is a keyed digest of pool and name: the same each time, and not to be told from real.
Source: user-pools.md F.4.
"""

import hashlib
import string
import uuid
from collections.abc import Sequence

from cognate.domain.attributes import is_email, is_phone_number
from cognate.domain.codes import FORGOT_PASSWORD_LIFETIME, Code, Delivery
from cognate.domain.ids import Sub
from cognate.domain.message_texts import code_message
from cognate.domain.messages import QueuedMessage
from cognate.domain.pools import Pool
from cognate.errors import UserNotFoundException
from cognate.ports import Call, PoolKeys, Transaction
from cognate.protocol import srp
from cognate.signin.codes import delivery_to, new_code

PURPOSE = "unknown user"
SALT_BYTES = 16
VERIFIER_BYTES = 384


def no_such_user() -> UserNotFoundException:
    """In the words of sign-up confirmation, resending and password reset."""
    return UserNotFoundException("Username/client id combination not found.")


async def digest(call: Call, pool: Pool, name: str, use: str) -> bytes:
    keys = await call.keys.of_pool(pool)
    return keys.digest(f"{PURPOSE} {use}", name.lower().encode())


async def sub(call: Call, pool: Pool, name: str) -> Sub:
    """A UUID that looks like a user's."""
    return Sub(str(uuid.UUID(bytes=(await digest(call, pool, name, "sub"))[:16], version=4)))


async def salt_and_verifier(call: Call, pool: Pool, name: str) -> tuple[bytes, int]:
    """An SRP salt, and a verifier that no password fits."""
    seed = await digest(call, pool, name, "srp")
    drawn = hashlib.shake_256(seed).digest(SALT_BYTES + VERIFIER_BYTES)
    salt = bytearray(drawn[:SALT_BYTES])
    salt[0] |= 0x10
    return bytes(salt), int.from_bytes(drawn[SALT_BYTES:], "big") % srp.N


async def destination(
    call: Call, pool: Pool, name: str, channels: Sequence[str]
) -> tuple[str, str]:
    """
    An attribute of `channels` (in order of preference, at least one) and an address for it: the
    name itself where it is one, else one that is the same each time.
    """
    if "email" in channels and is_email(name):
        return "email", name
    if "phone_number" in channels and is_phone_number(name):
        return "phone_number", name
    drawn = await digest(call, pool, name, "destination")
    if channels[0] == "phone_number":
        return "phone_number", f"+1555{int.from_bytes(drawn[:4], 'big') % 10_000_000:07d}"
    local, domain = (string.ascii_lowercase[byte % 26] for byte in drawn[:2])
    return "email", f"{local}@{domain}.example"


async def pretend_to_send(
    call: Call, pool: Pool, sub: Sub, *, name: str, purpose: str, channels: Sequence[str]
) -> Delivery:
    """
    Answer as if a code had been sent to the user called `name`, with as much work.

    What is stored is a code that nobody can know. So the next step refuses as it does after a
    real one: a wrong code at first, an expired one later.
    """
    attribute, address = await destination(call, pool, name, channels)
    keys = await call.keys.of_pool(pool)
    now = call.clock.now()
    code = Code(
        pool_id=pool.pool_id,
        sub=sub,
        purpose=purpose,
        code_hash=call.entropy.token(32),
        attribute=attribute,
        issued_at=now,
        expires_at=now + FORGOT_PASSWORD_LIFETIME,
    )
    text = code_message(pool, attribute=attribute, recipient=address, code=new_code(call)).body
    message = _nobodys_message(call, keys, pool, text)

    async def pretend(tx: Transaction) -> None:
        await tx.users.find(pool.pool_id, sub)
        await tx.codes.save(code)
        await _pretend_to_put(tx, message)

    await call.store.change(pretend)
    return delivery_to(attribute, address)


async def pretend_to_put(call: Call, pool: Pool, text: str) -> None:
    """As much work as handing `text` to the outbox."""
    message = _nobodys_message(call, await call.keys.of_pool(pool), pool, text)

    async def pretend(tx: Transaction) -> None:
        await _pretend_to_put(tx, message)

    await call.store.change(pretend)


def _nobodys_message(call: Call, keys: PoolKeys, pool: Pool, text: str) -> QueuedMessage:
    now = call.clock.now()
    return QueuedMessage(
        pool_id=pool.pool_id,
        message_id=call.entropy.uuid(),
        state="failed",
        sealed_content=keys.seal(PURPOSE, text.encode()),
        attempts=0,
        created_at=now,
        next_attempt_at=now,
    )


async def _pretend_to_put(tx: Transaction, message: QueuedMessage) -> None:
    await tx.messages.add(message)
    await tx.messages.delete(message.pool_id, message.message_id)
