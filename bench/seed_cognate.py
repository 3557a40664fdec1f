"""
Users for Cognate, straight through its storage: `python -m bench.seed_cognate DATA USERS URL`.

Hashing a million passwords would take hours, so all users of one batch share one credential (same
password, same salt). Some of them, spread over the pool, get an SRP verifier of their own and
are signed in. What the benchmark needs to know is left in DATA/bench.json.
"""

import asyncio
import json
import random
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import people
from bench.srp_client import SrpClient
from cognate.app import App, build
from cognate.config import Settings
from cognate.domain.ids import PoolId, Sub
from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.operations.table import OPERATIONS
from cognate.ports import Call, Transaction
from cognate.protocol import srp
from cognate.signin.lookup import existing_pool, existing_user
from cognate.wire.cognito_idp import (
    CreateUserPoolClientRequest,
    CreateUserPoolRequest,
    InitiateAuthRequest,
    RespondToAuthChallengeRequest,
)

BATCH = 5000  # users in one commit
SRP_SALT = bytes(range(0x10, 0x20))
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


async def create_pool(call: Call) -> tuple[str, str]:
    """The ids of a new pool and its client, made by the operations themselves."""
    operations = OPERATIONS["cognito-idp"]
    pool = await operations["CreateUserPool"](call, CreateUserPoolRequest(pool_name="bench"))
    pool_id: str = pool.user_pool.id
    client = await operations["CreateUserPoolClient"](
        call,
        CreateUserPoolClientRequest(
            user_pool_id=pool_id,
            client_name="bench",
            explicit_auth_flows=FLOWS,  # type: ignore[arg-type]  # the wire's own literals
        ),
    )
    return pool_id, client.user_pool_client.client_id


def random_subs(count: int, seed: int) -> list[Sub]:
    """
    In ascending order, so that a batch touches neighbouring pages of the tables.

    What is read later is chosen at random, so this helps the loading alone.
    """
    chance = random.Random(seed)  # noqa: S311 - ids of made-up users
    return [
        Sub(str(uuid.UUID(int=number, version=4)))
        for number in sorted(chance.getrandbits(128) for _ in range(count))
    ]


async def add_users(app: App, pool: Pool, first: int, subs: Sequence[Sub]) -> None:
    """One batch in one change, with one credential for all of them."""
    call = app.call()
    credential = await call.passwords.derive(
        pool, people.username(first), people.PASSWORD, previous=None
    )
    now = call.clock.now()

    async def add(tx: Transaction) -> None:
        for index, sub in enumerate(subs, first):
            user = User(
                pool_id=pool.pool_id,
                sub=sub,
                username=people.username(index),
                status=UserStatus.CONFIRMED,
                created_at=now,
                modified_at=now,
                attributes=people.attributes(index),
            )
            await tx.users.add(pool, user)
            await tx.credentials.save(pool.pool_id, sub, credential)

    await app.store.change(add)


async def give_verifiers(app: App, pool: Pool, users: Sequence[User]) -> None:
    """An SRP verifier of their own beside the shared hash, which takes a tenth of a millisecond."""
    keys = await app.keys.of_pool(pool)
    credentials: dict[Sub, Credential] = {}
    for user in users:
        stored = await app.store.credentials.find(pool.pool_id, user.sub)
        assert stored is not None
        verifier = srp.verifier(pool.srp_name, user.username, people.PASSWORD, SRP_SALT)
        sealed = keys.seal("srp verifier", srp.encode_verifier(verifier))
        credentials[user.sub] = replace(stored, srp_salt=SRP_SALT, sealed_verifier=sealed)

    async def store(tx: Transaction) -> None:
        for sub, credential in credentials.items():
            await tx.credentials.save(pool.pool_id, sub, credential)

    await app.store.change(store)


async def sign_in(call: Call, pool: Pool, client_id: str, user: User) -> dict[str, str]:
    """By SRP, through the operations themselves."""
    operations = OPERATIONS["cognito-idp"]
    client = SrpClient.prepared()
    begun = await operations["InitiateAuth"](
        call,
        InitiateAuthRequest(
            client_id=client_id,
            auth_flow="USER_SRP_AUTH",
            auth_parameters={"USERNAME": user.username, "SRP_A": client.public_hex},
        ),
    )
    responses = client.responses(pool.pool_id, begun.challenge_parameters, password=people.PASSWORD)
    answered = await operations["RespondToAuthChallenge"](
        call,
        RespondToAuthChallengeRequest(
            client_id=client_id,
            challenge_name="PASSWORD_VERIFIER",
            session=begun.session,
            challenge_responses=responses,
        ),
    )
    result = answered.authentication_result
    return {
        "username": user.username,
        "access_token": result.access_token,
        "refresh_token": result.refresh_token,
    }


async def signed_in_sample(
    app: App, pool: Pool, client_id: str, users: int
) -> list[dict[str, str]]:
    call = app.call()
    chosen = [
        await existing_user(app.store, pool, people.username(index))
        for index in people.sample(users)
    ]
    await give_verifiers(app, pool, chosen)
    return [await sign_in(call, pool, client_id, user) for user in chosen]


async def seed(data: Path, users: int, public_url: str) -> None:
    """Bring the pool in `data` to `users` users; it may have fewer already, or not be there."""
    summary = data / "bench.json"
    app = await build(Settings(data=data, public_url=public_url))
    try:
        state: dict[str, Any] = {"users": 0}
        if summary.exists():
            state = json.loads(summary.read_bytes())
        else:
            state["pool_id"], state["client_id"] = await create_pool(app.call())
        pool = await existing_pool(app.store, PoolId(state["pool_id"]))
        first = state["users"]
        subs = random_subs(users - first, seed=users)
        for begin in range(0, len(subs), BATCH):
            await add_users(app, pool, first + begin, subs[begin : begin + BATCH])
        state["users"] = users
        state["sessions"] = await signed_in_sample(app, pool, state["client_id"], users)
        summary.write_text(json.dumps(state), encoding="utf-8")
    finally:
        await app.close()


if __name__ == "__main__":
    asyncio.run(seed(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
