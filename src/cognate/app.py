"""The composition root: puts the parts together. The only module that knows all of them."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cognate.config import ConfigurationError, Settings
from cognate.domain.deployment import Deployment
from cognate.domain.pools import Pool
from cognate.errors import ServiceUnavailableException, UnexpectedLambdaException
from cognate.keys import master
from cognate.keys.compromised import NoList, SortedFile
from cognate.keys.passwords import PasswordKeeper
from cognate.keys.ring import KeyRing
from cognate.logs import RequestLog
from cognate.maintenance import Maintenance
from cognate.messages.outbox import StoredOutbox, content_of
from cognate.messages.sender import Sender
from cognate.messages.worker import Bell, DeliveryWorker
from cognate.ports import (
    Call,
    Caller,
    Clock,
    CompromisedPasswords,
    Entropy,
    Inquiry,
    SlowWork,
    Store,
)
from cognate.protocol.password_hash import INSECURE_FAST, OWASP
from cognate.protocol.sealing import KEY_BYTES
from cognate.system import (
    ArithmeticPool,
    SystemClock,
    SystemEntropy,
    UserTurns,
    available_cores,
    resident_bytes,
)
from cognate.transfer.import_jobs import ImportRunner
from cognate.web.authentication import SignatureAuthentication
from cognate.web.aws import AwsProtocol
from cognate.web.development import DevelopmentPages
from cognate.web.http import Request, Response
from cognate.web.inbox import Inbox
from cognate.web.metrics import AloneBoard, Board, Metrics
from cognate.web.quotas import RequestQuotas
from cognate.web.server import Server

CHANNELS = frozenset({"email", "sms"})


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
    deliveries: DeliveryWorker
    maintenance: Maintenance
    imports: ImportRunner
    close: Callable[[], Coroutine[Any, Any, None]]

    async def check(self) -> None:
        """
        See that the server could answer.

        Raises:
            ServiceUnavailableException: the database cannot be reached.
            MasterKeyError: the master key is not the one that sealed the data.
        """
        await self.store.check()
        await self.keys.check()


class Watch:
    """What every request leaves behind: a log line, and counts."""

    def __init__(self, log: RequestLog, metrics: Metrics) -> None:
        self._log = log
        self._metrics = metrics
        self.tick = SystemClock.tick

    def observe(self, request: Request, response: Response, seconds: float) -> None:
        self._metrics.observe(response.operation, response.error, seconds)
        self._log(
            request_id=request.request_id,
            operation=response.operation,
            status=response.status,
            error=response.error,
            seconds=seconds,
        )

    async def metrics(self) -> bytes:
        return await self._metrics.text()


async def open_store(settings: Settings) -> Store:
    """
    Raises:
        ConfigurationError: a database URL of an unknown kind, or a database of a newer version.
        ServiceUnavailableException: the database cannot be reached.
    """
    from cognate.storage.migrations import SchemaError

    try:
        return await _opened_store(settings)
    except SchemaError as cause:
        raise ConfigurationError(str(cause)) from cause


async def _opened_store(settings: Settings) -> Store:
    url = settings.database
    if url is None or url.startswith("sqlite:"):
        from cognate.storage.sqlite import SqliteStore, path_of

        path = settings.data / "cognate.db" if url is None else path_of(url)
        return SqliteStore(path)
    if url.startswith(("postgresql://", "postgres://")):
        from cognate.storage.postgresql import PostgresqlStore

        return await PostgresqlStore.open(url)
    raise ConfigurationError("database is a sqlite: or postgresql:// URL")


async def open_sealed(settings: Settings, entropy: Entropy) -> tuple[Store, master.MasterKeys]:
    """The database and the keys to it; as `open_store` and `master_keys`."""
    store = await open_store(settings)
    try:
        return store, await master_keys(settings, store, entropy)
    except BaseException:
        await store.close()
        raise


def compromised_passwords(settings: Settings) -> CompromisedPasswords:
    """
    Raises:
        ConfigurationError: the list cannot be read.
    """
    if settings.compromised_passwords is None:
        return NoList()
    try:
        return SortedFile(Path(settings.compromised_passwords))
    except OSError as cause:
        raise ConfigurationError(f"compromised-passwords: {cause}") from cause


async def master_keys(settings: Settings, store: Store, entropy: Entropy) -> master.MasterKeys:
    """
    Raises:
        MasterKeyError: no key, or none that can be read.
    """
    if settings.master_key is not None:
        return master.from_environment(settings.master_key)
    # A new key opens nothing that an older one sealed.
    sealed = await store.key_records.master_key_ids()
    fresh = None if sealed else entropy.token(KEY_BYTES)
    return master.from_file(settings.data / "master.key", fresh=fresh)


def senders(settings: Settings) -> Mapping[str, Sender]:
    """
    By channel.

    Raises:
        ConfigurationError: a setting for sending cannot be used.
    """
    if settings.smtp is None:
        return {}
    from cognate.messages.smtp import SmtpSender, SmtpServer, SmtpUrlError

    try:
        return {"email": SmtpSender(SmtpServer.parse(settings.smtp), sender=settings.smtp_from)}
    except SmtpUrlError as cause:
        raise ConfigurationError(str(cause)) from cause


async def build(
    settings: Settings,
    *,
    clock: SystemClock | None = None,
    entropy: Entropy | None = None,
    work: SlowWork | None = None,
    board: Board | None = None,
) -> App:
    """
    A server for `settings`. Tests hand in their own clock, entropy and arithmetic; one of several
    processes a board for their metrics.

    Raises:
        ConfigurationError, MasterKeyError: the settings cannot be used.
        ServiceUnavailableException: the database cannot be reached.
    """
    clock = clock or SystemClock()
    entropy = entropy or SystemEntropy()
    by_channel = senders(settings)
    pool = work or ArithmeticPool(max(available_cores() // settings.workers, 1))
    store, master_key = await open_sealed(settings, entropy)
    keys = KeyRing(store=store, master=master_key, entropy=entropy, clock=clock)
    deployment = Deployment(
        region=settings.region,
        account_id=settings.account_id,
        public_url=settings.own_url,
        development=not settings.is_production,
        fixed_code=settings.fixed_code,
        issuer_form=settings.issuer,
    )
    passwords = PasswordKeeper(
        work=pool,
        keys=keys,
        entropy=entropy,
        clock=clock,
        parameters=INSECURE_FAST if settings.insecure_fast_passwords else OWASP,
    )
    bell = Bell()
    outbox = StoredOutbox(
        clock=clock,
        entropy=entropy,
        kept=frozenset() if settings.is_production else CHANNELS - by_channel.keys(),
        wake=bell.ring,
    )
    deliveries = DeliveryWorker(
        store=store,
        keys=keys,
        clock=clock,
        senders=by_channel,
        keeps=not settings.is_production,
        bell=bell,
    )
    imports = ImportRunner(store=store, clock=clock, entropy=entropy)
    turns = UserTurns()
    triggers = NoFunctions()
    compromised = compromised_passwords(settings)

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
            compromised=compromised,
            deployment=deployment,
            caller=caller,
            inquiry=inquiry,
        )

    def own_call() -> Call:
        return make_call(
            Caller(region=deployment.region, account_id=deployment.account_id),
            Inquiry(request_id=entropy.uuid(), source_ip="", user_agent="cognate", headers={}),
        )

    def process_gauges() -> Mapping[str, float]:
        return {
            "cognate_arithmetic_queue_length": getattr(pool, "waiting", 0),
            "cognate_process_resident_memory_bytes": resident_bytes(),
        }

    async def shared_gauges() -> Mapping[str, float]:
        try:
            return {"cognate_outbox_backlog": await store.messages.backlog()}
        except ServiceUnavailableException:
            return {}  # unknown now; the counts are told all the same

    metrics = Metrics(process=process_gauges, shared=shared_gauges, board=board or AloneBoard())
    maintenance = Maintenance(store=store, clock=clock, publish=metrics.post)
    quotas = RequestQuotas(own_call)
    protocol = AwsProtocol(
        authentication=SignatureAuthentication(
            store=store, keys=keys, deployment=deployment, now=clock.real_now
        ),
        make_call=make_call,
        development=deployment.development,
        quotas=quotas if settings.simulate_quotas else None,
    )

    async def start() -> None:
        deliveries.start()
        maintenance.start()
        imports.start()

    async def close() -> None:
        await imports.stop()
        await maintenance.stop()
        await deliveries.stop()
        await store.close()
        compromised.close()
        if isinstance(pool, ArithmeticPool):
            pool.close()

    def forget() -> None:
        keys.forget()
        clock.reset()
        quotas.forget()

    development = DevelopmentPages(
        call=own_call,
        inbox=Inbox(content_of),
        clock=clock,
        forget=forget,
        alone=settings.workers == 1,
    )
    server = Server(
        protocol=protocol,
        system_call=own_call,
        development=None if settings.is_production else development,
        monitor=Watch(RequestLog(settings.log_level, now=clock.real_now), metrics),
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
        deliveries=deliveries,
        maintenance=maintenance,
        imports=imports,
        close=close,
    )
