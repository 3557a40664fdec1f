"""Queries for passkeys."""

from collections.abc import Sequence

from cognate.domain.ids import PoolId, Sub
from cognate.domain.passkeys import Passkey, PasskeyChallenge
from cognate.storage.connection import Connection, instant, millis
from cognate.storage.documents import Documents

DOCUMENTS = Documents(Passkey)


class Passkeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_user(self, pool_id: PoolId, sub: Sub) -> Sequence[Passkey]:
        rows = await self._connection.all(
            "SELECT document FROM passkeys WHERE pool_id = ? AND sub = ? ORDER BY credential_id",
            pool_id,
            sub,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def find(self, pool_id: PoolId, sub: Sub, credential_id: str) -> Passkey | None:
        row = await self._connection.one(
            "SELECT document FROM passkeys WHERE pool_id = ? AND sub = ? AND credential_id = ?",
            pool_id,
            sub,
            credential_id,
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def count(self, pool_id: PoolId, sub: Sub) -> int:
        row = await self._connection.one(
            "SELECT count(*) FROM passkeys WHERE pool_id = ? AND sub = ?", pool_id, sub
        )
        return 0 if row is None else int(row[0])

    async def save(self, passkey: Passkey) -> None:
        await self._connection.run(
            "INSERT INTO passkeys (pool_id, sub, credential_id, document) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub, credential_id) DO UPDATE SET document = excluded.document",
            passkey.pool_id,
            passkey.sub,
            passkey.credential_id,
            DOCUMENTS.encode(passkey),
        )

    async def delete(self, pool_id: PoolId, sub: Sub, credential_id: str) -> bool:
        deleted = await self._connection.run(
            "DELETE FROM passkeys WHERE pool_id = ? AND sub = ? AND credential_id = ?",
            pool_id,
            sub,
            credential_id,
        )
        return deleted == 1

    async def save_challenge(self, pending: PasskeyChallenge) -> None:
        await self._connection.run(
            "INSERT INTO passkey_challenges (pool_id, sub, challenge, client_id, expires_at)"
            " VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub) DO UPDATE SET challenge = excluded.challenge,"
            " client_id = excluded.client_id, expires_at = excluded.expires_at",
            pending.pool_id,
            pending.sub,
            pending.challenge,
            pending.client_id,
            millis(pending.expires_at),
        )

    async def take_challenge(self, pool_id: PoolId, sub: Sub) -> PasskeyChallenge | None:
        row = await self._connection.one(
            "DELETE FROM passkey_challenges WHERE pool_id = ? AND sub = ?"
            " RETURNING challenge, client_id, expires_at",
            pool_id,
            sub,
        )
        if row is None:
            return None
        return PasskeyChallenge(
            pool_id=pool_id,
            sub=sub,
            challenge=row[0],
            client_id=row[1],
            expires_at=instant(row[2]),
        )
