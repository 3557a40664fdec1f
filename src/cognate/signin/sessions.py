"""Sessions: begun with a sign-in, noted at each refresh, bounded per user. Source: J.5."""

from dataclasses import replace

from cognate.domain.families import TokenFamily
from cognate.domain.pools import Pool
from cognate.domain.sessions import (
    SESSION_ID_ALPHABET,
    SESSION_ID_LENGTH,
    TOKEN_PREFIX,
    TokenSession,
    device_type,
)
from cognate.domain.tiers import includes
from cognate.ports import Call, Transaction


def are_in_tier(pool: Pool) -> bool:
    return includes(pool.tier, "ESSENTIALS")


def limit_of(pool: Pool) -> int | None:
    """How many sessions a user may have; None where the pool does not track them."""
    settings = pool.sessions if are_in_tier(pool) else None
    return settings.max_per_user if settings is not None and settings.tracking else None


def begun(call: Call, pool: Pool) -> TokenSession | None:
    """The session of a sign-in that has just succeeded, where the pool tracks them."""
    if limit_of(pool) is None:
        return None
    name = call.entropy.text(SESSION_ID_ALPHABET, SESSION_ID_LENGTH)
    return TokenSession(
        session_id=TOKEN_PREFIX + name,
        device_type=device_type(call.inquiry.user_agent),
        last_active_at=call.clock.now(),
        last_ip=call.inquiry.source_ip or None,
    )


async def make_room(tx: Transaction, family: TokenFamily, *, limit: int | None) -> None:
    """End the sessions used least recently, so that `family` is at most the `limit`-th."""
    if limit is None:
        return
    live = await tx.families.of_user(family.pool_id, family.sub, now=family.issued_at)
    tracked = [(one.session.last_active_at, one.origin_jti) for one in live if one.session]
    for _, origin_jti in sorted(tracked)[: max(len(tracked) - limit + 1, 0)]:
        await tx.families.revoke(family.pool_id, origin_jti, now=family.issued_at)


async def note_use(call: Call, family: TokenFamily) -> None:
    """A refresh is activity."""
    if family.session is None:
        return
    now = call.clock.now()
    used = replace(
        family.session,
        device_type=device_type(call.inquiry.user_agent),
        last_active_at=now,
        last_ip=call.inquiry.source_ip or None,
    )

    async def note(tx: Transaction) -> None:
        present = await tx.families.find(family.pool_id, family.origin_jti)
        if present is not None:
            await tx.families.save_details(replace(present, session=used))

    await call.store.change(note)
