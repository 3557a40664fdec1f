"""Queries for devices, and for sign-ins that wait for a device's proof."""

from collections.abc import Sequence
from datetime import datetime

from cognate.domain.devices import Device
from cognate.domain.ids import PoolId, Sub
from cognate.storage.connection import Connection, millis
from cognate.storage.documents import Documents

DOCUMENTS = Documents(Device)


class Devices:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, sub: Sub, device_key: str) -> Device | None:
        row = await self._connection.one(
            "SELECT document FROM devices WHERE pool_id = ? AND sub = ? AND device_key = ?",
            pool_id,
            sub,
            device_key,
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def save(self, device: Device) -> None:
        await self._connection.run(
            "INSERT INTO devices (pool_id, sub, device_key, confirmed, created_at, document)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub, device_key) DO UPDATE SET confirmed = excluded.confirmed,"
            " document = excluded.document",
            device.pool_id,
            device.sub,
            device.device_key,
            int(device.is_confirmed),
            millis(device.created_at),
            DOCUMENTS.encode(device),
        )

    async def delete(self, pool_id: PoolId, sub: Sub, device_key: str) -> bool:
        deleted = await self._connection.run(
            "DELETE FROM devices WHERE pool_id = ? AND sub = ? AND device_key = ?",
            pool_id,
            sub,
            device_key,
        )
        return deleted == 1

    async def page(self, pool_id: PoolId, sub: Sub, *, after: str, limit: int) -> Sequence[Device]:
        rows = await self._connection.all(
            "SELECT document FROM devices"
            " WHERE pool_id = ? AND sub = ? AND confirmed = 1 AND device_key > ?"
            " ORDER BY device_key LIMIT ?",
            pool_id,
            sub,
            after,
            limit,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def await_proof(
        self, pool_id: PoolId, sub: Sub, device_key: str, session: str, *, expires_at: datetime
    ) -> None:
        await self._connection.run(
            "INSERT INTO awaited_devices (pool_id, sub, device_key, session, expires_at)"
            " VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub, device_key) DO UPDATE SET session = excluded.session,"
            " expires_at = excluded.expires_at",
            pool_id,
            sub,
            device_key,
            session,
            millis(expires_at),
        )

    async def awaited(self, pool_id: PoolId, sub: Sub, device_key: str) -> str | None:
        row = await self._connection.one(
            "SELECT session FROM awaited_devices WHERE pool_id = ? AND sub = ? AND device_key = ?",
            pool_id,
            sub,
            device_key,
        )
        return None if row is None else str(row[0])

    async def purge_awaited(self, *, now: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM awaited_devices WHERE (pool_id, sub, device_key) IN"
            " (SELECT pool_id, sub, device_key FROM awaited_devices WHERE expires_at < ? LIMIT ?)",
            millis(now),
            limit,
        )

    async def purge_offered(self, *, before: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM devices WHERE confirmed = 0 AND (pool_id, sub, device_key) IN"
            " (SELECT pool_id, sub, device_key FROM devices"
            " WHERE confirmed = 0 AND created_at < ? LIMIT ?)",
            millis(before),
            limit,
        )
