"""The composition root: puts the parts together. The only module that knows all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognate.config import ConfigurationError, Settings
from cognate.domain.deployment import Deployment
from cognate.domain.pools import Pool
from cognate.errors import UnexpectedLambdaException
from cognate.keys import master
from cognate.keys.passwords import PasswordKeeper
from cognate.keys.ring import KeyRing
from cognate.messages.outbox import StoredOutbox
from cognate.ports import Call, Caller, Clock, Entropy, Inquiry, SlowWork, Store
from cognate.protocol.password_hash import INSECURE_FAST, OWASP
from cognate.protocol.sealing import KEY_BYTES
from cognate.system import ArithmeticPool, SystemClock, SystemEntropy, UserTurns, available_cores
from cognate.web.authentication import SignatureAuthentication
from cognate.web.aws import AwsProtocol
from cognate.web.server import Server
from cognate.wire.service import Service


class NoFunctions:
    """Triggers before the functions runtime is there: a pool that names one is told so."""

    def has(self, pool: Pool, trigger: str) -> bool:
        return bool(pool.lambda_config.get(trigger))

    async def invoke(self, pool: Pool, trigger: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        raise UnexpectedLambdaException(
            f"{trigger} invocation failed due to error ResourceNotFoundException."
        )


@dataclass(slots=True, kw_only=True)
class App:
    """
    A server put together: the ASGI application, and what commands and tests reach into.

    `call` makes a call of an operation as the server itself, signed by nobody.
    """

    asgi: Server
    settings: Settings
    store: Store
    keys: KeyRing
    clock: Clock
    deployment: Deployment
    call: Callable[[], Call]
    close: Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Counters:
    """Requests by operation and error name: labels come from the model, never from a caller."""

    requests: dict[tuple[str, str], int] = field(default_factory=dict)

    def observe(self, operation: str, error: str | None) -> None:
        key = (operation, error or "")
        self.requests[key] = self.requests.get(key, 0) + 1

    def text(self) -> bytes:
        lines = [
            "# HELP cognate_requests_total Requests by operation and error.",
            "# TYPE cognate_requests_total counter",
        ]
        lines += [
            f'cognate_requests_total{{operation="{operation}",error="{error}"}} {count}'
            for (operation, error), count in sorted(self.requests.items())
        ]
        return ("\n".join(lines) + "\n").encode()


async def open_store(settings: Settings) -> Store:
    """
    Raises:
        ConfigurationError: a database URL of an unknown kind.
        ServiceUnavailableException: the database cannot be reached.
    """
    url = settings.database
    if url is None or url.startswith("sqlite:"):
        from cognate.storage.sqlite import SqliteStore, path_of

        path = settings.data / "cognate.db" if url is None else path_of(url)
        return SqliteStore(path)
    if url.startswith(("postgresql://", "postgres://")):
        from cognate.storage.postgresql import PostgresqlStore

        return await PostgresqlStore.open(url)
    raise ConfigurationError("database is a sqlite: or postgresql:// URL")


def master_keys(settings: Settings, entropy: Entropy) -> master.MasterKeys:
    """
    Raises:
        MasterKeyError: no key, or none that can be read.
    """
    if settings.master_key is not None:
        return master.from_environment(settings.master_key)
    return master.from_file(settings.data / "master.key", fresh=entropy.token(KEY_BYTES))


def service_of_target(prefix: str) -> Service | None:
    """The service behind an X-Amz-Target prefix; each is imported when first asked for."""
    if prefix == "AWSCognitoIdentityProviderService":
        from cognate.wire.cognito_idp import SERVICE

        return SERVICE
    if prefix == "AWSCognitoIdentityService":
        from cognate.wire.cognito_identity import SERVICE as IDENTITY

        return IDENTITY
    if prefix == "Logs_20140328":
        from cognate.wire.logs import SERVICE as LOGS

        return LOGS
    return None


async def build(
    settings: Settings,
    *,
    clock: SystemClock | None = None,
    entropy: Entropy | None = None,
    work: SlowWork | None = None,
) -> App:
    """
    A server for `settings`. Tests hand in their own clock, entropy and arithmetic.

    Raises:
        ConfigurationError, MasterKeyError: the settings cannot be used.
        ServiceUnavailableException: the database cannot be reached.
    """
    clock = clock or SystemClock()
    entropy = entropy or SystemEntropy()
    pool = work or ArithmeticPool(max(available_cores() // settings.workers, 1))
    store = await open_store(settings)
    keys = KeyRing(store=store, master=master_keys(settings, entropy), entropy=entropy, clock=clock)
    deployment = Deployment(
        region=settings.region,
        account_id=settings.account_id,
        public_url=settings.own_url,
        development=not settings.is_production,
        fixed_code=settings.fixed_code,
    )
    passwords = PasswordKeeper(
        work=pool,
        keys=keys,
        entropy=entropy,
        clock=clock,
        parameters=INSECURE_FAST if settings.insecure_fast_passwords else OWASP,
    )
    wake = asyncio.Event()
    outbox = StoredOutbox(
        clock=clock,
        entropy=entropy,
        state="kept" if settings.smtp is None else "queued",
        wake=wake.set,
    )
    turns = UserTurns()
    triggers = NoFunctions()

    def make_call(caller: Caller, inquiry: Inquiry) -> Call:
        return Call(
            store=store,
            clock=clock,
            entropy=entropy,
            keys=keys,
            passwords=passwords,
            turns=turns,
            outbox=outbox,
            triggers=triggers,
            deployment=deployment,
            caller=caller,
            inquiry=inquiry,
        )

    def own_call() -> Call:
        return make_call(
            Caller(region=deployment.region, account_id=deployment.account_id),
            Inquiry(request_id=entropy.uuid(), source_ip="", user_agent="cognate", headers={}),
        )

    counters = Counters()
    protocol = AwsProtocol(
        services=service_of_target,
        authentication=SignatureAuthentication(
            store=store, keys=keys, deployment=deployment, now=clock.real_now
        ),
        make_call=make_call,
        observe=counters.observe,
    )

    async def start() -> None:
        await store.check()

    async def close() -> None:
        await store.close()
        if isinstance(pool, ArithmeticPool):
            pool.close()

    server = Server(
        protocol=protocol,
        system_call=own_call,
        development=None,
        metrics=counters.text,
        new_request_id=entropy.uuid,
        start=start,
        stop=close,
    )
    return App(
        asgi=server,
        settings=settings,
        store=store,
        keys=keys,
        clock=clock,
        deployment=deployment,
        call=own_call,
        close=close,
    )
