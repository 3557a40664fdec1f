"""A pool is exported here and restored on another server: its users notice nothing."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import bcrypt
import pytest

from cognate.app import App, build
from cognate.config import Settings
from cognate.domain.ids import PoolId, Sub
from cognate.domain.linked_identities import SUBJECT, LinkedIdentity
from cognate.transfer import archive
from cognate.transfer.locks import Passphrase
from tests.inprocess import ENDPOINT, FrozenClock, LoopThread, TestEntropy, ask
from tests.stories.conftest import PASSWORD, Current
from tests.stories.factor_steps import (
    EVERY_FLOW,
    answer,
    choose,
    mfa,
    password_of,
    prefer,
    register_app,
)
from tests.stories.refusals import refused
from tests.stories.srp_client import DeviceClient, SrpClient
from tests.stories.steps import hash_of, sign_in, tokens_of
from tests.stories.test_passkeys import ORIGIN, passkeys
from tests.stories.virtual_authenticator import VirtualAuthenticator

LOCK = Passphrase("a passphrase of several words")
ACCOUNT = "111122223333"


def quietly(_: archive.Transfer) -> None:
    """Nobody watches."""


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest,
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    clock: FrozenClock,
    loop_thread: LoopThread,
) -> Iterator[App]:
    """A server with another master key, on a database of the other kind."""
    data = tmp_path_factory.mktemp("elsewhere")
    if database_url.startswith("sqlite:"):
        url = request.getfixturevalue("postgresql_databases").empty()
    else:
        url = f"sqlite:///{data}/cognate.db"
    settings = Settings(
        data=data,
        database=url,
        public_url=ENDPOINT,
        insecure_fast_passwords=True,
        account_id=ACCOUNT,
    )
    app = loop_thread.run(build(settings, clock=clock, entropy=TestEntropy()))
    yield app
    loop_thread.run(app.close())


@pytest.fixture
def move(
    app: App, elsewhere: App, current: Current, loop_thread: LoopThread
) -> Callable[[str], None]:
    """`move(pool_id)`: the pool, and every later call, go to the other server."""

    async def moved(pool_id: str) -> None:
        file = io.BytesIO()
        await archive.export(
            app.store, app.keys, TestEntropy(), PoolId(pool_id), file, LOCK, progress=quietly
        )
        file.seek(0)
        await archive.restore(
            elsewhere.store,
            elsewhere.keys,
            file,
            LOCK,
            account_id=elsewhere.settings.account_id,
            progress=quietly,
        )

    def both(pool_id: str) -> None:
        loop_thread.run(moved(pool_id))
        current.app = elsewhere

    return both


def test_tokens_from_before_are_good_and_refresh_tokens_too(
    cognito, a_user, move, app, elsewhere, loop_thread
):
    ada = a_user(attributes={"email": "ada@example.com"})
    tokens = tokens_of(cognito, ada)
    keys = loop_thread.run(ask(app, "GET", f"/{ada.pool_id}/.well-known/jwks.json")).body

    move(ada.pool_id)

    user = cognito.get_user(AccessToken=tokens["AccessToken"])
    assert {"Name": "sub", "Value": ada.sub} in user["UserAttributes"]
    refreshed = cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )["AuthenticationResult"]
    assert cognito.get_user(AccessToken=refreshed["AccessToken"])["Username"] == "ada"
    there = loop_thread.run(ask(elsewhere, "GET", f"/{ada.pool_id}/.well-known/jwks.json"))
    assert json.loads(there.body) == json.loads(keys)


def test_what_was_ended_stays_ended(cognito, a_user, move):
    ada = a_user()
    revoked, live = tokens_of(cognito, ada), tokens_of(cognito, ada)
    cognito.revoke_token(ClientId=ada.client_id, Token=revoked["RefreshToken"])

    move(ada.pool_id)

    assert cognito.get_user(AccessToken=live["AccessToken"])
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.get_user(AccessToken=revoked["AccessToken"])


def test_passwords_are_the_same_in_both_flows(cognito, a_user, move):
    ada = a_user()

    move(ada.pool_id)

    assert tokens_of(cognito, ada)["AccessToken"]
    client = SrpClient(ada.pool_id, PASSWORD)
    asked = cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ada", "SRP_A": client.public},
    )
    proven = answer(cognito, ada.client_id, asked, **client.proof(asked))
    assert proven["AuthenticationResult"]["AccessToken"]


def test_a_client_with_a_secret_keeps_it(cognito, a_pool, a_client, a_user, move):
    pool_id = a_pool()
    client = a_client(pool_id, GenerateSecret=True)
    ada = a_user(pool_id=pool_id, client_id=client["ClientId"])

    move(pool_id)

    signed_in = sign_in(
        cognito, client["ClientId"], "ada", ada.password, SECRET_HASH=hash_of(client, "ada")
    )
    assert signed_in["AuthenticationResult"]


def test_authenticator_apps_go_on(cognito, a_user, clock, move):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    app = register_app(cognito, clock, tokens_of(cognito, ada)["AccessToken"])
    prefer(cognito, ada, SoftwareToken={"Enabled": True, "PreferredMfa": True})
    spent = app.code()

    move(ada.pool_id)

    asked = password_of(cognito, ada)
    with refused("ExpiredCodeException", "Your software token has already been used once."):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=spent)
    code = app.code(steps=1)
    assert answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=code)[
        "AuthenticationResult"
    ]


def test_passkeys_go_on(cognito, a_pool, a_client, a_user, move):
    pool_id = a_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    )
    passkeys(cognito, pool_id)
    client_id = a_client(pool_id, ExplicitAuthFlows=EVERY_FLOW)["ClientId"]
    ada = a_user(pool_id=pool_id, client_id=client_id)
    authenticator = VirtualAuthenticator(origin=ORIGIN)
    token = tokens_of(cognito, ada)["AccessToken"]
    options = cognito.start_web_authn_registration(AccessToken=token)
    cognito.complete_web_authn_registration(
        AccessToken=token,
        Credential=authenticator.register(options["CredentialCreationOptions"]),
    )

    move(pool_id)

    asked = choose(cognito, client_id, PREFERRED_CHALLENGE="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    credential = authenticator.sign_in(options)
    assert answer(cognito, client_id, asked, CREDENTIAL=credential)["AuthenticationResult"]


def test_remembered_devices_are_still_remembered(cognito, a_pool, a_user, move):
    pool_id = a_pool(DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False})
    ada = a_user(pool_id=pool_id)
    signed_in = tokens_of(cognito, ada)
    device = DeviceClient(signed_in["NewDeviceMetadata"])
    cognito.confirm_device(
        AccessToken=signed_in["AccessToken"],
        DeviceKey=device.key,
        DeviceSecretVerifierConfig=device.verifier_config,
    )

    move(pool_id)

    asked = password_of(cognito, ada, DEVICE_KEY=device.key)
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    asked = answer(cognito, ada.client_id, asked, **device.first())
    assert answer(cognito, ada.client_id, asked, **device.proof(asked))["AuthenticationResult"]


def test_a_hash_of_another_system_moves_on_unseen(cognito, a_user, move, app, loop_thread):
    ada = a_user()

    async def replace_hash() -> None:
        from cognate.domain.passwords import Credential, ForeignHash
        from cognate.protocol.foreign_hashes import HashAlgorithm

        text = bcrypt.hashpw(b"old password", bcrypt.gensalt(4)).decode()
        foreign = Credential(
            password_hash=None,
            srp_salt=None,
            sealed_verifier=None,
            set_at=app.clock.now(),
            foreign_hash=ForeignHash(algorithm=HashAlgorithm.BCRYPT, text=text),
        )

        async def save(tx: Any) -> None:
            await tx.credentials.save(PoolId(ada.pool_id), Sub(ada.sub), foreign)

        await app.store.change(save)

    loop_thread.run(replace_hash())

    move(ada.pool_id)

    assert sign_in(cognito, ada.client_id, "ada", "old password")["AuthenticationResult"]


def test_groups_links_and_sessions_under_way_come_along(
    cognito, a_user, move, app, elsewhere, loop_thread
):
    ada = a_user()
    cognito.create_group(UserPoolId=ada.pool_id, GroupName="staff", Precedence=1)
    cognito.admin_add_user_to_group(UserPoolId=ada.pool_id, Username="ada", GroupName="staff")
    link = LinkedIdentity(
        pool_id=PoolId(ada.pool_id),
        provider="Google",
        attribute=SUBJECT,
        value="1234",
        sub=Sub(ada.sub),
        linked_at=app.clock.now(),
    )

    async def save(tx: Any) -> None:
        await tx.linked_identities.save(link)

    loop_thread.run(app.store.change(save))
    cognito.admin_set_user_password(
        UserPoolId=ada.pool_id, Username="ada", Password=PASSWORD, Permanent=False
    )
    asked = password_of(cognito, ada)

    move(ada.pool_id)

    groups = cognito.admin_list_groups_for_user(UserPoolId=ada.pool_id, Username="ada")
    assert [group["GroupName"] for group in groups["Groups"]] == ["staff"]
    found = loop_thread.run(
        elsewhere.store.linked_identities.find(link.pool_id, "Google", SUBJECT, "1234")
    )
    assert found == link
    done = answer(cognito, ada.client_id, asked, NEW_PASSWORD="Another-horse1!")
    assert done["AuthenticationResult"]


def test_the_pool_belongs_to_the_account_that_restored_it(cognito, a_pool, move):
    pool_id = a_pool()

    move(pool_id)

    found = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert found["Arn"] == f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{pool_id}"
    listed = cognito.list_user_pools(MaxResults=10)["UserPools"]
    assert [pool["Id"] for pool in listed] == [pool_id]


def test_its_keys_are_sealed_anew_under_the_master_key_of_their_new_home(
    cognito, a_pool, move, app, elsewhere, loop_thread
):
    pool_id = PoolId(a_pool())

    move(pool_id)

    [before] = loop_thread.run(app.store.key_records.data_keys(pool_id))
    [after] = loop_thread.run(elsewhere.store.key_records.data_keys(pool_id))
    assert after.key_id == before.key_id
    assert after.master_key_id != before.master_key_id
    assert after.sealed_key != before.sealed_key
    loop_thread.run(elsewhere.keys.check())


def test_nothing_of_the_pool_can_be_read_in_the_file(cognito, a_user, app, loop_thread):
    ada = a_user(attributes={"email": "ada@example.com"})
    file = io.BytesIO()

    loop_thread.run(
        archive.export(
            app.store, app.keys, TestEntropy(), PoolId(ada.pool_id), file, LOCK, progress=quietly
        )
    )

    content = file.getvalue()
    for word in (ada.pool_id, ada.client_id, "example.com"):
        assert word.encode() not in content
