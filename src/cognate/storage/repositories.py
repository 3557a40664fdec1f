"""Every repository over one connection."""

from cognate.storage.access_keys import AccessKeys
from cognate.storage.attempts import AttemptCounters
from cognate.storage.challenge_sessions import ChallengeSessions
from cognate.storage.clients import Clients
from cognate.storage.codes import Codes
from cognate.storage.connection import Connection
from cognate.storage.credentials import Credentials
from cognate.storage.devices import Devices
from cognate.storage.domains import Domains
from cognate.storage.families import Families
from cognate.storage.groups import Groups
from cognate.storage.identity_providers import IdentityProviders
from cognate.storage.import_jobs import ImportJobs
from cognate.storage.key_records import KeyRecords
from cognate.storage.known_networks import KnownNetworks
from cognate.storage.linked_identities import LinkedIdentities
from cognate.storage.managed_login_branding import ManagedLoginStyles
from cognate.storage.messages import Messages
from cognate.storage.passkeys import Passkeys
from cognate.storage.pool_rows import PoolRows
from cognate.storage.pools import Pools
from cognate.storage.provisioned_limits import ProvisionedLimits
from cognate.storage.resource_servers import ResourceServers
from cognate.storage.risk import AuthEvents, RiskConfigurations
from cognate.storage.software_tokens import SoftwareTokens
from cognate.storage.terms import TermsDocuments
from cognate.storage.ui_customization import UICustomizations
from cognate.storage.users import Users


class SqlRepositories:
    def __init__(self, connection: Connection) -> None:
        self.pools = Pools(connection)
        self.clients = Clients(connection)
        self.users = Users(connection)
        self.credentials = Credentials(connection)
        self.groups = Groups(connection)
        self.codes = Codes(connection)
        self.attempts = AttemptCounters(connection)
        self.known_networks = KnownNetworks(connection)
        self.families = Families(connection)
        self.challenge_sessions = ChallengeSessions(connection)
        self.key_records = KeyRecords(connection)
        self.access_keys = AccessKeys(connection)
        self.messages = Messages(connection)
        self.software_tokens = SoftwareTokens(connection)
        self.passkeys = Passkeys(connection)
        self.devices = Devices(connection)
        self.domains = Domains(connection)
        self.resource_servers = ResourceServers(connection)
        self.identity_providers = IdentityProviders(connection)
        self.linked_identities = LinkedIdentities(connection)
        self.managed_login_styles = ManagedLoginStyles(connection)
        self.ui_customizations = UICustomizations(connection)
        self.terms = TermsDocuments(connection)
        self.provisioned_limits = ProvisionedLimits(connection)
        self.risk_configurations = RiskConfigurations(connection)
        self.auth_events = AuthEvents(connection)
        self.import_jobs = ImportJobs(connection)
        self.pool_rows = PoolRows(connection)
