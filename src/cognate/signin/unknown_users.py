"""
What a stranger is shown for a user who does not exist, where the client hides who does.

Everything is a keyed digest of pool and name: the same each time, and not to be told from real.
Source: user-pools.md F.4.
"""

import uuid

from cognate.domain.ids import Sub
from cognate.domain.pools import Pool
from cognate.ports import Call
from cognate.protocol import srp

PURPOSE = "unknown user"
VERIFIER_BLOCKS = 12  # of 32 bytes: as long as a verifier


async def digest(call: Call, pool: Pool, name: str, use: str) -> bytes:
    keys = await call.keys.of_pool(pool)
    return keys.digest(f"{PURPOSE} {use}", name.lower().encode())


async def sub(call: Call, pool: Pool, name: str) -> Sub:
    """A UUID that looks like a user's."""
    return Sub(str(uuid.UUID(bytes=(await digest(call, pool, name, "sub"))[:16], version=4)))


async def salt_and_verifier(call: Call, pool: Pool, name: str) -> tuple[bytes, int]:
    """An SRP salt, and a verifier that no password fits."""
    salt = bytearray((await digest(call, pool, name, "salt"))[:16])
    salt[0] |= 0x10
    blocks = [await digest(call, pool, name, f"verifier {i}") for i in range(VERIFIER_BLOCKS)]
    return bytes(salt), int.from_bytes(b"".join(blocks), "big") % srp.N
