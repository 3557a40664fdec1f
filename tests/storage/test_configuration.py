"""What administrators configure: domains, scopes, providers, links, looks, terms, limits."""

from dataclasses import replace

import pytest

from cognate.domain.identity_providers import IdentityProvider
from cognate.domain.linked_identities import LinkedIdentity
from cognate.domain.managed_login_branding import Asset, Style
from cognate.domain.provisioned_limits import ProvisionedLimit
from cognate.domain.resource_servers import ResourceServer, Scope
from cognate.domain.risk import RiskConfiguration
from cognate.domain.terms import Terms
from cognate.domain.ui_customization import UICustomization
from cognate.ports.store import AlreadyStored
from tests.storage.conftest import winners
from tests.storage.records import LATER, NOW, POOL, a_client, a_pool, sub_of

ELSEWHERE = a_pool("bbbbbbbbb").pool_id
CLIENT = a_client().client_id


async def test_a_domain_leads_to_one_pool(store, change):
    assert await winners(store, lambda tx: tx.domains.add("auth.example.com", POOL.pool_id)) == 1
    assert await change.domains.add("auth.example.com", ELSEWHERE) is False
    assert await store.domains.pool_of("auth.example.com") == POOL.pool_id
    assert await store.domains.pool_of("AUTH.example.com") is None

    await change.domains.delete("auth.example.com", ELSEWHERE)  # not theirs
    assert await store.domains.pool_of("auth.example.com") == POOL.pool_id
    await change.domains.delete("auth.example.com", POOL.pool_id)

    assert await store.domains.pool_of("auth.example.com") is None
    assert await change.domains.add("auth.example.com", ELSEWHERE) is True


def a_resource_server(identifier: str = "https://api") -> ResourceServer:
    scopes = (Scope(name="read", description="Read ünïcode"),)
    return ResourceServer(pool_id=POOL.pool_id, identifier=identifier, name="an API", scopes=scopes)


async def test_a_resource_server_is_added_once_saved_and_deleted_once(store, change):
    server = a_resource_server()
    assert await winners(store, lambda tx: tx.resource_servers.add(server)) == 1
    assert await store.resource_servers.find(POOL.pool_id, "https://api") == server
    assert await store.resource_servers.find(ELSEWHERE, "https://api") is None

    renamed = replace(server, name="another name", scopes=())
    await change.resource_servers.save(renamed)
    assert await store.resource_servers.find(POOL.pool_id, "https://api") == renamed

    deleted = [await change.resource_servers.delete(POOL.pool_id, "https://api") for _ in range(2)]
    assert deleted == [True, False]
    assert await store.resource_servers.count(POOL.pool_id) == 0


async def test_resource_servers_are_paged_in_order(store, change):
    servers = [a_resource_server(name) for name in ("b", "a", "c%", "B")]
    for server in servers:
        await change.resource_servers.add(server)

    first = await store.resource_servers.page(POOL.pool_id, after="", limit=3)
    rest = await store.resource_servers.page(POOL.pool_id, after=first[-1].identifier, limit=3)

    assert [*first, *rest] == sorted(servers, key=lambda server: server.identifier)
    assert await store.resource_servers.count(POOL.pool_id) == len(servers)


def a_provider(name: str = "Okta", **given: object) -> IdentityProvider:
    provider = IdentityProvider(
        pool_id=POOL.pool_id,
        name=name,
        type="OIDC",
        created_at=NOW,
        modified_at=NOW,
        details={"client_id": "x"},
        sealed_details={"client_secret": b"\x00\xff"},
        mapping={"email": "mail"},
        identifiers=("example.com", "example.org"),
    )
    return replace(provider, **given)  # type: ignore[arg-type]  # members by name


async def test_a_provider_is_found_by_its_name_and_its_identifiers(store, change):
    provider = a_provider()
    assert await winners(store, lambda tx: tx.identity_providers.add(provider)) == 1

    assert await store.identity_providers.find(POOL.pool_id, "Okta") == provider
    assert await store.identity_providers.name_of(POOL.pool_id, "example.org") == "Okta"
    assert await store.identity_providers.name_of(ELSEWHERE, "example.org") is None


async def test_a_saved_provider_has_its_new_identifiers_only(store, change):
    await change.identity_providers.add(a_provider())

    await change.identity_providers.save(a_provider(identifiers=("example.net",)))

    assert await store.identity_providers.name_of(POOL.pool_id, "example.net") == "Okta"
    assert await store.identity_providers.name_of(POOL.pool_id, "example.com") is None


async def test_an_identifier_leads_to_one_provider(store, change):
    await change.identity_providers.add(a_provider())

    with pytest.raises(AlreadyStored):
        await change.identity_providers.add(a_provider("Auth0", identifiers=("example.com",)))

    assert await store.identity_providers.names(POOL.pool_id) == ["Okta"]


async def test_a_deleted_provider_frees_its_identifiers(store, change):
    await change.identity_providers.add(a_provider())

    deleted = [await change.identity_providers.delete(POOL.pool_id, "Okta") for _ in range(2)]

    assert deleted == [True, False]
    assert await change.identity_providers.add(a_provider("Auth0")) is True


async def test_providers_are_paged_and_named_in_order(store, change):
    providers = [a_provider(name, identifiers=()) for name in ("Okta", "Google", "auth0", "LDAP")]
    for provider in providers:
        await change.identity_providers.add(provider)
    in_order = sorted(providers, key=lambda provider: provider.name)

    first = await store.identity_providers.page(POOL.pool_id, after="", limit=3)
    rest = await store.identity_providers.page(POOL.pool_id, after=first[-1].name, limit=3)

    assert [*first, *rest] == in_order
    assert await store.identity_providers.names(POOL.pool_id) == [p.name for p in in_order]


def a_link(value: str = "ada", **given: object) -> LinkedIdentity:
    link = LinkedIdentity(
        pool_id=POOL.pool_id,
        provider="Okta",
        attribute="SUBJECT",
        value=value,
        sub=sub_of(1),
        linked_at=NOW,
    )
    return replace(link, **given)  # type: ignore[arg-type]  # members by name


@pytest.mark.parametrize("value", ["ada", "a\x00b", "é" * 2048, ""])
async def test_a_linked_identity_is_found_by_its_whole_value(store, change, value):
    link = a_link(value)
    await change.linked_identities.save(link)

    where = (POOL.pool_id, "Okta", "SUBJECT")
    assert await store.linked_identities.find(*where, value) == link
    assert await store.linked_identities.find(*where, value + "x") is None
    assert await store.linked_identities.find(POOL.pool_id, "Okta", "email", value) is None

    await change.linked_identities.save(replace(link, sub=sub_of(2), is_blocked=True))
    assert await store.linked_identities.of_user(POOL.pool_id, sub_of(1)) == []
    assert len(await store.linked_identities.of_user(POOL.pool_id, sub_of(2))) == 1
    await change.linked_identities.delete(link)
    assert await store.linked_identities.find(*where, value) is None


async def test_the_attributes_that_link_to_a_provider_are_named_once_each(store, change):
    for attribute in ("email", "SUBJECT", "custom:id"):
        for value in ("a", "b"):
            await change.linked_identities.save(a_link(value, attribute=attribute))
    await change.linked_identities.save(a_link(provider="Google", attribute="name"))

    def attributes(limit: int):
        return store.linked_identities.attributes_of(POOL.pool_id, "Okta", limit=limit)

    assert await attributes(10) == ["SUBJECT", "custom:id", "email"]
    assert await attributes(2) == ["SUBJECT", "custom:id"]


def a_style(style_id: str = "style", **given: object) -> Style:
    style = Style(
        pool_id=POOL.pool_id,
        style_id=style_id,
        client_id=CLIENT,
        settings={"components": {"deep": [1, None, "ü"]}},
        created_at=NOW,
        modified_at=NOW,
    )
    return replace(style, **given)  # type: ignore[arg-type]  # members by name


def an_asset(content: bytes = b"\x89PNG", **given: object) -> Asset:
    asset = Asset(
        category="FORM_LOGO", color_mode="LIGHT", extension="PNG", resource_id="", content=content
    )
    return replace(asset, **given)  # type: ignore[arg-type]  # members by name


async def test_a_client_has_one_style(store, change):
    assert await winners(store, lambda tx: tx.managed_login_styles.add(a_style())) == 1
    assert await change.managed_login_styles.add(a_style("another id")) is False

    changed = a_style(settings=None, modified_at=LATER)
    await change.managed_login_styles.save(changed)

    assert await store.managed_login_styles.find(POOL.pool_id, "style") == changed
    assert await store.managed_login_styles.find_by_client(POOL.pool_id, CLIENT) == changed
    assert await store.managed_login_styles.count(POOL.pool_id) == 1


async def test_a_styles_images_are_replaced_by_key_and_go_with_it(store, change):
    await change.managed_login_styles.add(a_style())
    dark = an_asset(b"dark", color_mode="DARK")
    for asset in (an_asset(b"old"), dark, an_asset(b"\x00new\xff")):
        await change.managed_login_styles.save_asset(a_style(), asset)

    found = await store.managed_login_styles.assets(POOL.pool_id, "style")
    assert found == [dark, an_asset(b"\x00new\xff")]

    deleted = [await change.managed_login_styles.delete(POOL.pool_id, "style") for _ in range(2)]
    assert deleted == [True, False]
    assert await store.managed_login_styles.assets(POOL.pool_id, "style") == []


async def test_a_customization_is_kept_for_each_client_and_replaced(store, change):
    first = UICustomization(
        pool_id=POOL.pool_id,
        client_id="ALL",
        css=".a { }",
        image=b"\x89PNG\x00",
        created_at=NOW,
        modified_at=NOW,
    )
    second = replace(first, css=None, modified_at=LATER)
    await change.ui_customizations.save(first)
    await change.ui_customizations.save(second)

    assert await store.ui_customizations.find(POOL.pool_id, "ALL") == second
    assert await store.ui_customizations.find(POOL.pool_id, CLIENT) is None
    await change.ui_customizations.delete(POOL.pool_id, "ALL")
    assert await store.ui_customizations.find(POOL.pool_id, "ALL") is None


def some_terms(terms_id: str = "terms", **given: object) -> Terms:
    terms = Terms(
        pool_id=POOL.pool_id,
        terms_id=terms_id,
        client_id=CLIENT,
        name="terms-of-use",
        links={"cognito:default": "https://example.com/terms"},
        created_at=NOW,
        modified_at=NOW,
    )
    return replace(terms, **given)  # type: ignore[arg-type]  # members by name


async def test_terms_are_found_by_id_and_by_client_and_name(store, change):
    await change.terms.add(some_terms())
    renamed = some_terms(name="privacy-policy", modified_at=LATER)
    await change.terms.save(renamed)

    assert await store.terms.find(POOL.pool_id, "terms") == renamed
    assert await store.terms.find_by_client(POOL.pool_id, CLIENT, "privacy-policy") == renamed
    assert await store.terms.find_by_client(POOL.pool_id, CLIENT, "terms-of-use") is None


async def test_a_client_has_one_document_of_a_name(store, change):
    await change.terms.add(some_terms())

    with pytest.raises(AlreadyStored):
        await change.terms.add(some_terms("another id"))

    assert await store.terms.count(POOL.pool_id) == 1


async def test_terms_are_paged_in_order_and_deleted_once(store, change):
    documents = [some_terms(f"{n}", client_id=a_client(f"{n}").client_id) for n in (3, 1, 2)]
    for terms in documents:
        await change.terms.add(terms)

    first = await store.terms.page(POOL.pool_id, after="", limit=2)
    rest = await store.terms.page(POOL.pool_id, after=first[-1].terms_id, limit=2)

    assert [*first, *rest] == sorted(documents, key=lambda terms: terms.terms_id)
    assert [await change.terms.delete(POOL.pool_id, "1") for _ in range(2)] == [True, False]
    assert await store.terms.count(POOL.pool_id) == 2


async def test_a_provisioned_rate_is_its_accounts_and_regions_own(store, change):
    limit = ProvisionedLimit(
        account_id="000000000000", region="us-east-1", category="UserCreation", rate=60
    )
    await change.provisioned_limits.save(limit)
    await change.provisioned_limits.save(replace(limit, rate=70))

    async def rate(account_id: str, region: str) -> int | None:
        found: int | None = await store.provisioned_limits.rate(
            account_id=account_id, region=region, category="UserCreation"
        )
        return found

    assert await rate("000000000000", "us-east-1") == 70
    assert await rate("111111111111", "us-east-1") is None
    assert await rate("000000000000", "eu-central-1") is None


async def test_a_risk_configuration_is_the_pools_or_a_clients(store, change):
    of_pool = RiskConfiguration(pool_id=POOL.pool_id, client_id="", modified_at=NOW)
    of_client = replace(of_pool, client_id=CLIENT, exceptions={"Blocked": ["10.0.0.0/8"]})
    await change.risk_configurations.save(of_pool)
    await change.risk_configurations.save(of_client)
    changed = replace(of_pool, account_takeover={"Actions": {}}, modified_at=LATER)
    await change.risk_configurations.save(changed)

    assert await store.risk_configurations.find(POOL.pool_id, "") == changed
    assert await store.risk_configurations.find(POOL.pool_id, CLIENT) == of_client
    await change.risk_configurations.delete(POOL.pool_id, CLIENT)
    assert await store.risk_configurations.find(POOL.pool_id, CLIENT) is None
    assert await store.risk_configurations.find(POOL.pool_id, "") == changed
