"""Queries for risk configurations and for the events of users."""

from collections.abc import Sequence
from datetime import datetime

from cognate.domain.ids import PoolId, Sub
from cognate.domain.risk import AuthEvent, RiskConfiguration
from cognate.storage.connection import Connection, millis
from cognate.storage.documents import Documents, RememberedDocuments

CONFIGURATIONS = RememberedDocuments(RiskConfiguration)
EVENTS = Documents(AuthEvent)


class RiskConfigurations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, client_id: str) -> RiskConfiguration | None:
        row = await self._connection.one(
            "SELECT document FROM risk_configurations WHERE pool_id = ? AND client_id = ?",
            pool_id,
            client_id,
        )
        return None if row is None else CONFIGURATIONS.decode(row[0])

    async def save(self, configuration: RiskConfiguration) -> None:
        await self._connection.run(
            "INSERT INTO risk_configurations (pool_id, client_id, document) VALUES (?, ?, ?)"
            " ON CONFLICT (pool_id, client_id) DO UPDATE SET document = excluded.document",
            configuration.pool_id,
            configuration.client_id,
            CONFIGURATIONS.encode(configuration),
        )

    async def delete(self, pool_id: PoolId, client_id: str) -> None:
        await self._connection.run(
            "DELETE FROM risk_configurations WHERE pool_id = ? AND client_id = ?",
            pool_id,
            client_id,
        )


class AuthEvents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def save(self, event: AuthEvent) -> None:
        await self._connection.run(
            "INSERT INTO auth_events (pool_id, sub, event_id, created_at, document)"
            " VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub, event_id) DO UPDATE SET document = excluded.document",
            event.pool_id,
            event.sub,
            event.event_id,
            millis(event.created_at),
            EVENTS.encode(event),
        )

    async def find(self, pool_id: PoolId, sub: Sub, event_id: str) -> AuthEvent | None:
        row = await self._connection.one(
            "SELECT document FROM auth_events WHERE pool_id = ? AND sub = ? AND event_id = ?",
            pool_id,
            sub,
            event_id,
        )
        return None if row is None else EVENTS.decode(row[0])

    async def page(
        self, pool_id: PoolId, sub: Sub, *, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[AuthEvent]:
        if before is None:
            rows = await self._connection.all(
                "SELECT document FROM auth_events WHERE pool_id = ? AND sub = ?"
                " ORDER BY created_at DESC, event_id DESC LIMIT ?",
                pool_id,
                sub,
                limit,
            )
        else:
            rows = await self._connection.all(
                "SELECT document FROM auth_events WHERE pool_id = ? AND sub = ?"
                " AND (created_at, event_id) < (?, ?)"
                " ORDER BY created_at DESC, event_id DESC LIMIT ?",
                pool_id,
                sub,
                millis(before[0]),
                before[1],
                limit,
            )
        return [EVENTS.decode(row[0]) for row in rows]

    async def purge(self, *, before: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM auth_events WHERE (pool_id, sub, event_id) IN"
            " (SELECT pool_id, sub, event_id FROM auth_events WHERE created_at < ? LIMIT ?)",
            millis(before),
            limit,
        )
