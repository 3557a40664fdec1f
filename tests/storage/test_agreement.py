"""SQLite and PostgreSQL are told the same things and must answer the same."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from cognate.domain.codes import SIGN_UP
from cognate.domain.user_filters import UserFilter
from cognate.domain.users import UserStatus
from cognate.errors import AWSError
from cognate.ports import Store, Transaction
from cognate.ports.store import AlreadyStored
from cognate.storage.postgresql import PostgresqlStore
from cognate.storage.sqlite import SqliteStore
from tests.conftest import PostgreSQLDatabases
from tests.storage.records import (
    NOW,
    a_client,
    a_code,
    a_credential,
    a_device,
    a_family,
    a_group,
    a_message,
    a_passkey,
    a_pool,
    a_software_token,
    a_user,
    attempts,
    sub_of,
)

POOLS = [
    a_pool("plain0000"),
    a_pool("byemail00", username_attributes=("email",), case_sensitive=False),
    a_pool("aliases00", alias_attributes=("email", "preferred_username")),
]

pools = st.sampled_from(POOLS)
numbers = st.integers(0, 3)
instants = st.integers(-3, 3).map(lambda n: NOW + n * timedelta(milliseconds=1))
names = st.sampled_from(["", "a", "A", "ä", "a\x00", "b%", "_", "😀", "\U0010ffff", "a" * 300])
short_names = st.sampled_from(["a", "A", "ä", "b%", "😀"])
statuses = st.sampled_from([UserStatus.CONFIRMED, UserStatus.UNCONFIRMED])
attributes = st.dictionaries(
    st.sampled_from(["email", "email_verified", "name", "preferred_username", "custom:x"]),
    st.sampled_from(["true", "ada@example.com", "ADA@example.com", "x\x00y", "é" * 2048]),
    max_size=4,
)
limits = st.integers(1, 3)


class Agreement(RuleBasedStateMachine):
    """`runner`, `stores`: set by the test, for the whole of it."""

    runner: asyncio.Runner
    stores: tuple[Store, Store]

    def __init__(self) -> None:
        super().__init__()
        for store in self.stores:
            self.runner.run(store.clear())

    def both(self, ask: Callable[[Store], Awaitable[Any]]) -> None:
        """The same answer, or the same refusal."""

        async def asked(store: Store) -> Any:
            try:
                return await ask(store)
            except (AlreadyStored, AWSError, Undone) as refused:
                return type(refused).__name__

        first, second = (self.runner.run(asked(store)) for store in self.stores)
        assert first == second

    def change(self, body: Callable[[Transaction], Awaitable[Any]]) -> None:
        self.both(lambda store: store.change(body))

    # --- pools, clients, groups ---

    @rule(pool=pools, instant=instants)
    def add_or_save_a_pool(self, pool, instant):
        async def body(tx):
            added = await tx.pools.add(pool)
            await tx.pools.save(replace(pool, modified_at=instant))
            return added

        self.change(body)

    @rule(pool=pools)
    def delete_a_pool(self, pool):
        self.change(lambda tx: tx.pools.delete(pool.pool_id))

    @rule(after=names, limit=limits)
    def page_pools(self, after, limit):
        self.both(
            lambda store: store.pools.page(
                account_id="000000000000", region="us-east-1", after=after, limit=limit
            )
        )
        self.both(lambda store: store.pools.ids(after=after, limit=limit))

    @rule(pool=pools, name=st.sampled_from("abc"))
    def add_a_client(self, pool, name):
        self.change(lambda tx: tx.clients.add(a_client(name, pool)))

    @rule(pool=pools, name=st.sampled_from("abc"))
    def delete_a_client(self, pool, name):
        self.change(lambda tx: tx.clients.delete(pool.pool_id, a_client(name).client_id))

    @rule(pool=pools, name=st.sampled_from("abc"), after=names, limit=limits)
    def read_clients(self, pool, name, after, limit):
        self.both(lambda store: store.clients.pool_of(a_client(name).client_id))
        self.both(lambda store: store.clients.find(pool.pool_id, a_client(name).client_id))
        self.both(lambda store: store.clients.page(pool.pool_id, after=after, limit=limit))

    @rule(pool=pools, name=names, number=numbers)
    def add_a_group_with_a_member(self, pool, name, number):
        async def body(tx):
            await tx.groups.add(a_group(name, pool))
            await tx.groups.add_member(pool.pool_id, name, sub_of(number), now=NOW)

        self.change(body)

    @rule(pool=pools, name=names, number=numbers)
    def remove_a_member_or_a_group(self, pool, name, number):
        self.change(lambda tx: tx.groups.remove_member(pool.pool_id, name, sub_of(number)))
        self.change(lambda tx: tx.groups.delete(pool.pool_id, name))

    @rule(pool=pools, name=names, number=numbers, limit=limits)
    def read_groups(self, pool, name, number, limit):
        self.both(lambda store: store.groups.page(pool.pool_id, after=name, limit=limit))
        self.both(lambda store: store.groups.of_user(pool.pool_id, sub_of(number)))
        self.both(lambda store: store.groups.members(pool.pool_id, name, after="", limit=limit))

    # --- users ---

    @rule(pool=pools, number=numbers, name=short_names, status=statuses, given=attributes)
    def add_a_user(self, pool, number, name, status, given):
        user = a_user(number, pool, username=name, status=status, attributes=given)
        self.change(lambda tx: tx.users.add(pool, user))

    @rule(pool=pools, number=numbers, status=statuses, enabled=st.booleans(), given=attributes)
    def save_a_user(self, pool, number, status, enabled, given):
        async def body(tx):
            user = await tx.users.find(pool.pool_id, sub_of(number))
            if user is None:
                return None
            changed = replace(user, status=status, enabled=enabled, attributes=given)
            await tx.users.save(pool, changed)
            return await tx.users.find(pool.pool_id, sub_of(number))

        self.change(body)

    @rule(pool=pools, number=numbers)
    def delete_a_user(self, pool, number):
        self.change(lambda tx: tx.users.delete(a_user(number, pool)))

    @rule(pool=pools, name=names, kind=st.sampled_from(["email", "preferred_username"]))
    def find_a_user(self, pool, name, kind):
        self.both(lambda store: store.users.find_by_username(pool, name))
        self.both(lambda store: store.users.find_by_alias(pool, kind, name))
        self.both(lambda store: store.users.find_by_alias(pool, kind, "ada@example.com"))
        self.both(lambda store: store.users.estimate(pool.pool_id))

    @rule(
        pool=pools,
        attribute=st.sampled_from(
            ["email", "name", "username", "sub", "status", "cognito:user_status"]
        ),
        value=names | st.sampled_from(["Enabled", "CONF", "00000001", "ada", "x\x00"]),
        prefix=st.booleans(),
        limit=limits,
    )
    def page_users(self, pool, attribute, value, prefix, limit):
        condition = UserFilter(attribute=attribute, value=value, prefix=prefix)

        async def all_pages(store):
            pages = [await store.users.page(pool, condition=condition, after=None, limit=limit)]
            while pages[-1].after is not None:
                pages.append(
                    await store.users.page(
                        pool, condition=condition, after=pages[-1].after, limit=limit
                    )
                )
            return pages

        self.both(all_pages)

    # --- what is used once ---

    @rule(pool=pools, number=numbers, digest=numbers, instant=instants)
    def save_and_redeem_codes(self, pool, number, digest, instant):
        code = a_code(bytes([digest]), pool_id=pool.pool_id, sub=sub_of(number), issued_at=instant)
        self.change(lambda tx: tx.codes.redeem(code))
        self.change(lambda tx: tx.codes.save(code))
        self.both(lambda store: store.codes.find(pool.pool_id, sub_of(number), SIGN_UP))

    @rule(pool=pools, number=numbers, digest=numbers, instant=instants)
    def redeem_a_code(self, pool, number, digest, instant):
        code = a_code(bytes([digest]), pool_id=pool.pool_id, sub=sub_of(number), issued_at=instant)
        self.change(lambda tx: tx.codes.redeem(code))

    @rule(pool=pools, name=names, number=numbers, instant=instants)
    def add_a_family(self, pool, name, number, instant):
        family = a_family(name, pool_id=pool.pool_id, sub=sub_of(number), expires_at=instant)
        self.change(lambda tx: tx.families.add(family))

    @rule(pool=pools, name=names, generation=numbers, instant=instants)
    def rotate_a_family(self, pool, name, generation, instant):
        family = a_family(name, pool_id=pool.pool_id, generation=generation)
        self.change(lambda tx: tx.families.rotate(family, now=instant))
        self.both(lambda store: store.families.find(pool.pool_id, family.origin_jti))

    @rule(pool=pools, name=names, number=numbers, instant=instants)
    def revoke_families(self, pool, name, number, instant):
        origin_jti = a_family(name).origin_jti
        self.change(lambda tx: tx.families.revoke(pool.pool_id, origin_jti, now=instant))
        self.change(lambda tx: tx.families.revoke_all(pool.pool_id, sub_of(number), now=instant))

    @rule(pool=pools, name=names, instant=instants)
    def use_a_session(self, pool, name, instant):
        self.both(lambda store: store.challenge_sessions.is_used(pool.pool_id, name))
        self.change(lambda tx: tx.challenge_sessions.use(pool.pool_id, name, expires_at=instant))

    @rule(pool=pools, number=numbers, instant=instants)
    def add_a_message(self, pool, number, instant):
        message = a_message(f"{number}", pool, created_at=instant, next_attempt_at=instant)
        self.change(lambda tx: tx.messages.add(message))

    @rule(pool=pools, number=numbers, attempt=numbers, due=instants, until=instants)
    def claim_a_message(self, pool, number, attempt, due, until):
        message = a_message(f"{number}", pool, attempts=attempt, next_attempt_at=due)
        self.change(lambda tx: tx.messages.claim(message, until=until))
        self.both(lambda store: store.messages.due(now=until, limit=3))
        self.both(lambda store: store.messages.newest(limit=3))

    @rule(pool=pools, number=numbers, state=st.sampled_from(["kept", "failed", "queued"]))
    def settle_a_message(self, pool, number, state):
        message = a_message(f"{number}", pool, state=state)
        self.change(lambda tx: tx.messages.settle(message))
        self.both(lambda store: store.messages.backlog())

    @rule(pool=pools, number=numbers, step=st.integers(0, 20))
    def spend_a_step(self, pool, number, step):
        token = replace(a_software_token(), pool_id=pool.pool_id, sub=sub_of(number))
        if step == 0:
            self.change(lambda tx: tx.software_tokens.save(token))
        self.change(lambda tx: tx.software_tokens.spend(pool.pool_id, sub_of(number), step=step))
        self.both(lambda store: store.software_tokens.find(pool.pool_id, sub_of(number)))

    @rule(pool=pools, number=numbers, count=numbers, instant=instants)
    def count_attempts(self, pool, number, count, instant):
        counter = attempts(count, pool_id=pool.pool_id, sub=sub_of(number), last_at=instant)
        self.change(lambda tx: tx.attempts.save(counter))
        self.both(lambda store: store.attempts.find(pool.pool_id, sub_of(number), "password"))

    @rule(pool=pools, number=numbers, name=names)
    def keep_what_belongs_to_a_user(self, pool, number, name):
        of = {"pool_id": pool.pool_id, "sub": sub_of(number)}
        self.change(
            lambda tx: tx.credentials.save(pool.pool_id, sub_of(number), a_credential(name))
        )
        self.change(lambda tx: tx.passkeys.save(a_passkey(name, **of)))
        self.change(lambda tx: tx.devices.save(a_device(name, **of)))
        self.both(lambda store: store.credentials.find(pool.pool_id, sub_of(number)))
        self.both(lambda store: store.passkeys.of_user(pool.pool_id, sub_of(number)))
        self.both(lambda store: store.devices.page(pool.pool_id, sub_of(number), after="", limit=2))

    # --- forgetting, and thinking better of it ---

    @rule(pool=pools, instant=instants, keep=numbers)
    def purge(self, pool, instant, keep):
        """All that there is: which ones go first is nobody's promise."""
        self.change(lambda tx: tx.codes.purge(before=instant, limit=99))
        self.change(lambda tx: tx.attempts.purge(before=instant, limit=99))
        self.change(lambda tx: tx.families.purge(pool.pool_id, now=instant, limit=99))
        self.change(lambda tx: tx.challenge_sessions.purge(now=instant, limit=99))
        self.change(lambda tx: tx.messages.purge_failed(before=instant, limit=99))
        self.change(lambda tx: tx.messages.purge_kept(keep=keep, limit=99))

    @rule(pool=pools, number=numbers, name=short_names, fail=st.booleans())
    def do_much_and_perhaps_undo_it(self, pool, number, name, fail):
        async def body(tx):
            answers = [
                await tx.pools.add(pool),
                await tx.users.find_by_username(pool, name),
                await tx.users.delete(a_user(number, pool)),
                await tx.families.revoke_all(pool.pool_id, sub_of(number), now=NOW),
            ]
            await tx.users.add(pool, a_user(number, pool, username=name))
            answers.append(await tx.users.find_by_username(pool, name))
            if fail:
                raise Undone
            return answers

        self.change(body)


class Undone(Exception):
    """What a body raises to be rolled back."""


def test_both_databases_answer_the_same(postgresql_databases: PostgreSQLDatabases, tmp_path: Path):
    url = postgresql_databases.empty()
    with asyncio.Runner() as runner:

        async def opened() -> tuple[Store, Store]:
            return (
                SqliteStore(tmp_path / "cognate.db"),
                await PostgresqlStore.open(url),
            )

        Agreement.runner = runner
        Agreement.stores = runner.run(opened())
        try:
            run_state_machine_as_test(
                Agreement,
                settings=settings(
                    max_examples=25,
                    stateful_step_count=40,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            for store in Agreement.stores:
                runner.run(store.close())
