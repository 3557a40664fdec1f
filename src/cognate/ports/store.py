"""
The storage contract. Both databases pass the same conformance suite (`tests/storage`).

Reads go through the store itself; writes through `store.change(body)`, where `body` is an async
function of a transaction that awaits nothing but that transaction and may be run again. Returning
commits, raising rolls back. When `change` returns, the write survives the process and the machine.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

from cognate.domain.attempts import Attempts
from cognate.domain.clients import Client
from cognate.domain.codes import Code
from cognate.domain.devices import Device
from cognate.domain.families import TokenFamily
from cognate.domain.groups import Group
from cognate.domain.identity_providers import IdentityProvider
from cognate.domain.ids import ClientId, OriginJti, PoolId, Sub
from cognate.domain.import_jobs import ImportJob, Turn
from cognate.domain.keys import AccessKey, DataKey, SigningCertificate, SigningKey
from cognate.domain.linked_identities import LinkedIdentity
from cognate.domain.managed_login_branding import Asset, Style
from cognate.domain.messages import QueuedMessage
from cognate.domain.passkeys import Passkey, PasskeyChallenge
from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool
from cognate.domain.provisioned_limits import ProvisionedLimit
from cognate.domain.resource_servers import ResourceServer
from cognate.domain.risk import AuthEvent, RiskConfiguration
from cognate.domain.software_tokens import SoftwareToken
from cognate.domain.terms import Terms
from cognate.domain.ui_customization import UICustomization
from cognate.domain.user_filters import UserFilter
from cognate.domain.users import User

Value: TypeAlias = str | bytes | int | None
Rows: TypeAlias = Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """
    Users in ascending order of what they were filtered by; `after` continues, None ends. A page
    may hold fewer than were asked for, and not be the last.
    """

    users: Sequence[User]
    after: tuple[str, str] | None


class Pools(Protocol):
    async def find(self, pool_id: PoolId) -> Pool | None: ...
    async def add(self, pool: Pool) -> bool:
        """False where the id is taken."""

    async def save(self, pool: Pool) -> None: ...
    async def delete(self, pool_id: PoolId) -> None:
        """The pool and everything in it."""

    async def page(
        self, *, account_id: str, region: str, after: str, limit: int
    ) -> Sequence[Pool]: ...
    async def count(self, *, account_id: str, region: str) -> int: ...
    async def ids(self, *, after: str, limit: int) -> Sequence[PoolId]:
        """Of all pools, in ascending order."""


class Clients(Protocol):
    async def find(self, pool_id: PoolId, client_id: ClientId) -> Client | None: ...
    async def pool_of(self, client_id: ClientId) -> PoolId | None:
        """Client ids are unique over all pools."""

    async def add(self, client: Client) -> bool:
        """False where the id is taken."""

    async def save(self, client: Client) -> None: ...
    async def delete(self, pool_id: PoolId, client_id: ClientId) -> bool: ...
    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[Client]: ...
    async def count(self, pool_id: PoolId) -> int: ...


class Users(Protocol):
    async def find(self, pool_id: PoolId, sub: Sub) -> User | None: ...
    async def find_by_username(self, pool: Pool, username: str) -> User | None: ...
    async def find_by_alias(self, pool: Pool, kind: str, value: str) -> User | None:
        """The one user who holds `value` as a sign-in name of this kind."""

    async def add(self, pool: Pool, user: User) -> None:
        """The caller has checked in this change that user name and aliases are free."""

    async def add_many(self, pool: Pool, users: Sequence[User]) -> None:
        """As `add`, for many; they have no name in common with each other either."""

    async def taken_usernames(self, pool: Pool, keys: Collection[str]) -> set[str]:
        """Those of `keys` (`Pool.name_key`) that are user names of the pool."""

    async def taken_aliases(self, pool: Pool, kind: str, keys: Collection[str]) -> set[str]:
        """Those of `keys` (`users.alias_key`) that are sign-in names of this kind."""

    async def save(self, pool: Pool, user: User) -> None:
        """Attributes, state, and the names and search keys that follow from them."""

    async def delete(self, user: User) -> bool:
        """The user and all that is kept of them; False where already gone."""

    async def page(
        self,
        pool: Pool,
        *,
        condition: UserFilter | None,
        after: tuple[str, str] | None,
        limit: int,
    ) -> UserPage: ...
    async def estimate(self, pool_id: PoolId) -> int:
        """How many users the pool has: exact up to ten thousand, then within a few percent."""


class Credentials(Protocol):
    async def find(self, pool_id: PoolId, sub: Sub) -> Credential | None: ...
    async def exists(self, pool_id: PoolId, sub: Sub) -> bool: ...
    async def save(self, pool_id: PoolId, sub: Sub, credential: Credential) -> None: ...
    async def add_many(
        self, pool_id: PoolId, credentials: Sequence[tuple[Sub, Credential]]
    ) -> None:
        """For users who have none."""

    async def delete(self, pool_id: PoolId, sub: Sub) -> None: ...


class Groups(Protocol):
    async def find(self, pool_id: PoolId, name: str) -> Group | None: ...
    async def add(self, group: Group) -> None: ...
    async def save(self, group: Group) -> None: ...
    async def delete(self, pool_id: PoolId, name: str) -> bool:
        """The group and its memberships."""

    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[Group]: ...
    async def count(self, pool_id: PoolId) -> int: ...
    async def add_member(self, pool_id: PoolId, name: str, sub: Sub, *, now: datetime) -> None: ...
    async def remove_member(self, pool_id: PoolId, name: str, sub: Sub) -> None: ...
    async def of_user(self, pool_id: PoolId, sub: Sub) -> Sequence[Group]:
        """All groups of a user (at most a hundred), by name."""

    async def members(
        self, pool_id: PoolId, name: str, *, after: str, limit: int
    ) -> Sequence[User]:
        """Members in order of `sub`, beginning after the sub `after`."""


class Codes(Protocol):
    async def find(self, pool_id: PoolId, sub: Sub, purpose: str) -> Code | None: ...
    async def save(self, code: Code) -> None:
        """Replaces an earlier code of the same purpose."""

    async def redeem(self, code: Code) -> bool:
        """Use it up: True for exactly one caller."""

    async def delete(self, pool_id: PoolId, sub: Sub, purpose: str) -> None: ...
    async def purge(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` codes that were issued before then; how many there were."""


class AttemptCounters(Protocol):
    async def find(self, pool_id: PoolId, sub: Sub, kind: str) -> Attempts | None: ...
    async def save(self, attempts: Attempts) -> None: ...
    async def clear(self, pool_id: PoolId, sub: Sub, kind: str) -> None: ...
    async def clear_guesses(self, pool_id: PoolId, sub: Sub) -> None:
        """Those at passwords and codes, from known places too (`attempts.kind_of_guess`)."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` counters that last counted before then; how many there were."""


class KnownNetworks(Protocol):
    """Networks that users signed in from (`networks.network_of`)."""

    async def seen_at(self, pool_id: PoolId, sub: Sub, network: str) -> datetime | None:
        """When the user last signed in from there, as far as it was noted."""

    async def note(
        self, pool_id: PoolId, sub: Sub, network: str, *, now: datetime, keep: int
    ) -> None:
        """The user signed in from there now; of more than `keep` the oldest are forgotten."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` that were noted before then; how many there were."""


class Families(Protocol):
    async def find(self, pool_id: PoolId, origin_jti: OriginJti) -> TokenFamily | None: ...
    async def add(self, family: TokenFamily) -> None: ...
    async def rotate(self, family: TokenFamily, *, now: datetime) -> bool:
        """From `family.generation` to the next: True for exactly one caller."""

    async def revoke(self, pool_id: PoolId, origin_jti: OriginJti, *, now: datetime) -> bool: ...
    async def save_details(self, family: TokenFamily) -> None:
        """All but generation and revocation, which change by compare-and-set only."""

    async def of_user(self, pool_id: PoolId, sub: Sub, *, now: datetime) -> Sequence[TokenFamily]:
        """The live families of a user, in no order."""

    async def revoke_all(self, pool_id: PoolId, sub: Sub, *, now: datetime) -> int:
        """Every family of a user."""

    async def purge(self, pool_id: PoolId, *, now: datetime, limit: int) -> int:
        """Forget at most `limit` families that have expired; how many there were."""


class ChallengeSessions(Protocol):
    """Only what was used is stored; the state of a sign-in travels sealed."""

    async def use(self, pool_id: PoolId, session_id: str, *, expires_at: datetime) -> bool:
        """Mark as used: True for exactly one caller."""

    async def is_used(self, pool_id: PoolId, session_id: str) -> bool: ...
    async def purge(self, *, now: datetime, limit: int) -> int:
        """Forget at most `limit` that have expired; how many there were."""


class KeyRecords(Protocol):
    async def data_keys(self, pool_id: PoolId) -> Sequence[DataKey]: ...
    async def data_key(self, pool_id: PoolId, key_id: str) -> DataKey | None: ...
    async def master_key_ids(self) -> Sequence[str]:
        """Of the master keys that seal the data keys of this database."""

    async def add_data_key(self, key: DataKey) -> None: ...
    async def signing_key(self, pool_id: PoolId, kid: str) -> SigningKey | None: ...
    async def add_signing_key(self, key: SigningKey) -> None: ...
    async def signing_certificate(self, pool_id: PoolId) -> SigningCertificate | None: ...
    async def add_signing_certificate(self, made: SigningCertificate) -> None: ...


class AccessKeys(Protocol):
    async def find(self, access_key_id: str) -> AccessKey | None: ...
    async def add(self, key: AccessKey) -> None: ...
    async def all(self) -> Sequence[AccessKey]: ...
    async def revoke(self, access_key_id: str, *, now: datetime) -> bool: ...


class Messages(Protocol):
    async def add(self, message: QueuedMessage) -> None: ...
    async def due(self, *, now: datetime, limit: int) -> Sequence[QueuedMessage]:
        """Queued messages whose time has come, oldest first."""

    async def claim(self, message: QueuedMessage, *, until: datetime) -> bool:
        """Take it for delivery until then: True for exactly one caller."""

    async def settle(self, message: QueuedMessage) -> None:
        """Store a new state, attempt count and next time."""

    async def delete(self, pool_id: PoolId, message_id: str) -> None: ...
    async def newest(self, *, limit: int) -> Sequence[QueuedMessage]: ...
    async def backlog(self) -> int:
        """How many are queued."""

    async def purge_failed(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` failed ones that were made before then; how many there were."""

    async def purge_kept(self, *, keep: int, limit: int) -> int:
        """Forget at most `limit` kept ones, but not the `keep` newest; how many there were."""


class SoftwareTokens(Protocol):
    async def find(self, pool_id: PoolId, sub: Sub) -> SoftwareToken | None: ...
    async def save(self, token: SoftwareToken) -> None: ...
    async def spend(self, pool_id: PoolId, sub: Sub, *, step: int) -> bool:
        """Mark the code of `step` as used: True for exactly one caller."""

    async def delete(self, pool_id: PoolId, sub: Sub) -> bool: ...


class Passkeys(Protocol):
    async def of_user(self, pool_id: PoolId, sub: Sub) -> Sequence[Passkey]: ...
    async def find(self, pool_id: PoolId, sub: Sub, credential_id: str) -> Passkey | None: ...
    async def count(self, pool_id: PoolId, sub: Sub) -> int: ...
    async def save(self, passkey: Passkey) -> None: ...
    async def delete(self, pool_id: PoolId, sub: Sub, credential_id: str) -> bool: ...
    async def save_challenge(self, pending: PasskeyChallenge) -> None:
        """One registration at a time for each user; the last counts."""

    async def take_challenge(self, pool_id: PoolId, sub: Sub) -> PasskeyChallenge | None:
        """The registration under way, which is over by this."""


class Devices(Protocol):
    async def find(self, pool_id: PoolId, sub: Sub, device_key: str) -> Device | None: ...
    async def save(self, device: Device) -> None: ...
    async def delete(self, pool_id: PoolId, sub: Sub, device_key: str) -> bool: ...
    async def page(self, pool_id: PoolId, sub: Sub, *, after: str, limit: int) -> Sequence[Device]:
        """Confirmed devices in order of their keys."""

    async def await_proof(
        self, pool_id: PoolId, sub: Sub, device_key: str, session: str, *, expires_at: datetime
    ) -> None:
        """Keep the sealed session of a sign-in that waits for this device; the last counts."""

    async def awaited(self, pool_id: PoolId, sub: Sub, device_key: str) -> str | None: ...
    async def purge_awaited(self, *, now: datetime, limit: int) -> int:
        """Forget at most `limit` sign-ins past their time; how many there were."""

    async def purge_offered(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` devices offered before then and never confirmed; how many."""


class RiskConfigurations(Protocol):
    """`client_id` is "" for the pool's own."""

    async def find(self, pool_id: PoolId, client_id: str) -> RiskConfiguration | None: ...
    async def save(self, configuration: RiskConfiguration) -> None: ...
    async def delete(self, pool_id: PoolId, client_id: str) -> None: ...


class AuthEvents(Protocol):
    async def save(self, event: AuthEvent) -> None:
        """Replaces what was kept under the same id."""

    async def find(self, pool_id: PoolId, sub: Sub, event_id: str) -> AuthEvent | None: ...
    async def page(
        self, pool_id: PoolId, sub: Sub, *, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[AuthEvent]:
        """Newest first; `before`: the time and id of the last one seen."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` events of before then; how many there were."""


class Domains(Protocol):
    """The way from a domain's name, unique over all pools, to its pool, which holds the rest."""

    async def pool_of(self, domain: str) -> PoolId | None: ...
    async def add(self, domain: str, pool_id: PoolId) -> bool:
        """False where the name is taken."""

    async def delete(self, domain: str, pool_id: PoolId) -> None: ...


class ResourceServers(Protocol):
    async def find(self, pool_id: PoolId, identifier: str) -> ResourceServer | None: ...
    async def add(self, server: ResourceServer) -> bool:
        """False where the pool has one of this identifier."""

    async def save(self, server: ResourceServer) -> None: ...
    async def delete(self, pool_id: PoolId, identifier: str) -> bool: ...
    async def page(
        self, pool_id: PoolId, *, after: str, limit: int
    ) -> Sequence[ResourceServer]: ...
    async def count(self, pool_id: PoolId) -> int: ...


class IdentityProviders(Protocol):
    async def find(self, pool_id: PoolId, name: str) -> IdentityProvider | None: ...
    async def name_of(self, pool_id: PoolId, identifier: str) -> str | None:
        """The name of the provider that has this identifier."""

    async def add(self, provider: IdentityProvider) -> bool:
        """
        False where the pool has one of this name. The caller has checked in this change that the
        identifiers are free.
        """

    async def save(self, provider: IdentityProvider) -> None: ...
    async def delete(self, pool_id: PoolId, name: str) -> bool: ...
    async def page(
        self, pool_id: PoolId, *, after: str, limit: int
    ) -> Sequence[IdentityProvider]: ...
    async def names(self, pool_id: PoolId) -> Sequence[str]:
        """Of all of them (at most three hundred), in order."""


class LinkedIdentities(Protocol):
    async def find(
        self, pool_id: PoolId, provider: str, attribute: str, value: str
    ) -> LinkedIdentity | None: ...
    async def save(self, link: LinkedIdentity) -> None:
        """Replaces one of the same provider, attribute and value."""

    async def delete(self, link: LinkedIdentity) -> None: ...
    async def of_user(self, pool_id: PoolId, sub: Sub) -> Sequence[LinkedIdentity]: ...
    async def attributes_of(self, pool_id: PoolId, provider: str, *, limit: int) -> Sequence[str]:
        """By which attributes users are linked to this provider: the first `limit` of them."""


class ManagedLoginStyles(Protocol):
    async def find(self, pool_id: PoolId, style_id: str) -> Style | None: ...
    async def find_by_client(self, pool_id: PoolId, client_id: ClientId) -> Style | None: ...
    async def add(self, style: Style) -> bool:
        """False where the client has one."""

    async def save(self, style: Style) -> None: ...
    async def delete(self, pool_id: PoolId, style_id: str) -> bool: ...
    async def count(self, pool_id: PoolId) -> int: ...
    async def assets(self, pool_id: PoolId, style_id: str) -> Sequence[Asset]: ...
    async def save_asset(self, style: Style, asset: Asset) -> None:
        """Replaces one of the same key."""

    async def delete_assets(self, pool_id: PoolId, style_id: str) -> None: ...


class UICustomizations(Protocol):
    async def find(self, pool_id: PoolId, client_id: str) -> UICustomization | None: ...
    async def save(self, customization: UICustomization) -> None: ...
    async def delete(self, pool_id: PoolId, client_id: str) -> None: ...


class TermsDocuments(Protocol):
    async def find(self, pool_id: PoolId, terms_id: str) -> Terms | None: ...
    async def find_by_client(
        self, pool_id: PoolId, client_id: ClientId, name: str
    ) -> Terms | None: ...
    async def add(self, terms: Terms) -> None: ...
    async def save(self, terms: Terms) -> None: ...
    async def delete(self, pool_id: PoolId, terms_id: str) -> bool: ...
    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[Terms]: ...
    async def count(self, pool_id: PoolId) -> int: ...


class ProvisionedLimits(Protocol):
    async def rate(self, *, account_id: str, region: str, category: str) -> int | None:
        """None where the account was granted no other rate than the free one."""

    async def save(self, limit: ProvisionedLimit) -> None: ...


class ImportJobs(Protocol):
    async def find(self, pool_id: PoolId, job_id: str) -> ImportJob | None: ...
    async def add(self, job: ImportJob) -> None: ...
    async def save(self, job: ImportJob) -> None: ...
    async def count(self, pool_id: PoolId) -> int: ...
    async def page(
        self, pool_id: PoolId, *, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[ImportJob]:
        """Newest first; `before`: the time and id of the last one seen."""

    async def activate(self, account_id: str, region: str, turn: Turn) -> bool:
        """Make it the account's one active import; False where another is."""

    async def waiting(self, *, now: datetime, limit: int) -> Sequence[Turn]:
        """Active imports that nobody works on."""

    async def lease(self, turn: Turn, *, by: str, until: datetime) -> bool:
        """Take it, or keep it, until then: True for exactly one caller."""

    async def deactivate(self, pool_id: PoolId, job_id: str) -> None: ...
    async def add_piece(
        self, job: ImportJob, upload_id: str, position: int, content: bytes, *, now: datetime
    ) -> None:
        """A part of the file, which begins `position` bytes behind its beginning."""

    async def piece_at(self, job: ImportJob, offset: int) -> bytes:
        """The job's file from `offset` on, to the end of that piece; empty at the end."""

    async def delete_files(self, job: ImportJob, *, but: str | None = None) -> None:
        """Everything uploaded for the job, but for one upload."""

    async def purge_files(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` pieces uploaded before then; how many there were."""

    async def add_log(
        self, job: ImportJob, first_line: int, lines: Sequence[str], *, now: datetime
    ) -> None:
        """What there is to say of the file's lines from `first_line` on."""

    async def log(
        self, pool_id: PoolId, job_id: str, *, after: int
    ) -> tuple[int, Sequence[str]] | None:
        """The next log lines, with the first line of the file that they are of."""


class PoolRows(Protocol):
    """Rows as they lie, for archives, and how far a restore has come."""

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None: ...
    async def restored(self, pool_id: PoolId) -> tuple[str, int] | None:
        """The archive that is being restored, and how many of its chunks are in."""

    async def save_restored(self, pool_id: PoolId, archive_id: str, chunks: int) -> None: ...
    async def end_restore(self, pool_id: PoolId) -> None: ...
    async def clear(self, pool_id: PoolId) -> None:
        """Delete all rows of a pool that nobody sees yet."""


class Snapshot(Protocol):
    """The rows of a pool as they were at one moment, however long reading them takes."""

    @property
    def tables(self) -> Sequence[str]: ...
    @property
    def schema_version(self) -> int: ...
    async def count(self, table: str) -> int: ...
    async def columns(self, table: str) -> Sequence[str]: ...
    def rows(self, table: str, columns: Sequence[str], *, size: int) -> AsyncIterator[Rows]:
        """In portions of `size`, in the order of the table's key."""


class Repositories(Protocol):
    """Every noun's repository, over one connection."""

    @property
    def pools(self) -> Pools: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def users(self) -> Users: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def attempts(self) -> AttemptCounters: ...
    @property
    def known_networks(self) -> KnownNetworks: ...
    @property
    def families(self) -> Families: ...
    @property
    def challenge_sessions(self) -> ChallengeSessions: ...
    @property
    def key_records(self) -> KeyRecords: ...
    @property
    def access_keys(self) -> AccessKeys: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def software_tokens(self) -> SoftwareTokens: ...
    @property
    def passkeys(self) -> Passkeys: ...
    @property
    def devices(self) -> Devices: ...
    @property
    def domains(self) -> Domains: ...
    @property
    def resource_servers(self) -> ResourceServers: ...
    @property
    def identity_providers(self) -> IdentityProviders: ...
    @property
    def linked_identities(self) -> LinkedIdentities: ...
    @property
    def managed_login_styles(self) -> ManagedLoginStyles: ...
    @property
    def ui_customizations(self) -> UICustomizations: ...
    @property
    def terms(self) -> TermsDocuments: ...
    @property
    def provisioned_limits(self) -> ProvisionedLimits: ...
    @property
    def risk_configurations(self) -> RiskConfigurations: ...
    @property
    def auth_events(self) -> AuthEvents: ...
    @property
    def import_jobs(self) -> ImportJobs: ...
    @property
    def pool_rows(self) -> PoolRows: ...


class AlreadyStored(Exception):
    """What must be unique was stored twice: the change did not look first."""


Transaction: TypeAlias = Repositories
T = TypeVar("T")
Body: TypeAlias = Callable[[Transaction], Awaitable[T]]


class Store(Repositories, Protocol):
    """The database. Reads through the repositories see what was committed."""

    async def change(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """
        Run `body` in a transaction, again where it collided; durable when this returns.

        Where the caller goes away meanwhile, the change is done whole or not at all.

        Raises:
            ServiceUnavailableException: the database cannot be reached or written. Where the
                connection was lost amid the commit, the change may have been done all the same.
            AlreadyStored: the body stored something twice that must be unique.
            RuntimeError: the body awaited something beside its transaction.
            Whatever the body raises.
        """

    def snapshot(self, pool_id: PoolId) -> AbstractAsyncContextManager[Snapshot]:
        """The rows of a pool as they are now."""

    def take_room(self) -> None:
        """Use some hundred megabytes: in a process that does nothing but write many rows."""

    async def check(self) -> None:
        """
        Raises:
            ServiceUnavailableException: the database cannot be reached.
        """

    async def clear(self) -> None:
        """Empty everything (development)."""

    async def close(self) -> None:
        """End what was accepted; whatever comes later is refused (ServiceUnavailableException)."""
