"""What tokens say, how they are signed, and who an access token speaks for."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cognate.protocol import jose
from tests.inprocess import ENDPOINT
from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import named, sign_in, tokens_of

INVALID = "Invalid Access Token"
EXPIRED = "Access Token has expired"


@pytest.fixture
def jwks(http):
    """`jwks(pool_id)` → the keys, as any verifier fetches them."""

    def fetch(pool_id):
        answer = http("GET", f"/{pool_id}/.well-known/jwks.json")
        assert answer.status == 200
        return json.loads(answer.body)

    return fetch


@pytest.fixture
def verified(jwks, clock):
    """`verified(pool_id, token)` → header and claims, checked with PyJWT and the pool's keys."""

    def check(pool_id, token):
        keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(jwks(pool_id)).keys}
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(
            token,
            keys[header["kid"]],
            algorithms=["RS256"],
            issuer=f"{ENDPOINT}/{pool_id}",
            # The clock is frozen where PyJWT's is not.
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
        )
        return header, claims

    return check


def seconds(instant):
    return int(instant.timestamp())


# --- the claims ----------------------------------------------------------------------------------


def test_an_access_token_says_this_and_no_more(cognito, a_user, verified, clock):
    ada = a_user(attributes={"email": "ada@example.com", "name": "Ada"})
    now = seconds(clock.now())

    header, claims = verified(ada.pool_id, tokens_of(cognito, ada)["AccessToken"])

    assert set(header) == {"kid", "alg"}
    assert header["alg"] == "RS256"
    for name in ("origin_jti", "event_id", "jti"):
        assert str(UUID(claims.pop(name)))
    assert claims == {
        "sub": ada.sub,
        "iss": f"{ENDPOINT}/{ada.pool_id}",
        "client_id": ada.client_id,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        "username": "ada",
        "acr": "urn:cognito:loa:1",
        "amr": ["pwd"],
    }


def test_an_id_token_says_who_the_user_is(cognito, a_pool, a_user, verified, clock):
    pool = a_pool(
        Schema=[
            {"Name": "tenant", "AttributeDataType": "Number"},
            {"Name": "tier", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
        ]
    )
    ada = a_user(
        pool_id=pool,
        attributes={
            "email": "ada@example.com",
            "email_verified": "true",
            "phone_number": "+15550100",
            "phone_number_verified": "false",
            "given_name": "Ada",
            "address": "12 St James's Square",
            "updated_at": "1700000000",
            "custom:tenant": "42",
            "dev:custom:tier": "gold",
        },
    )
    now = seconds(clock.now())

    header, claims = verified(pool, tokens_of(cognito, ada)["IdToken"])

    assert set(header) == {"kid", "alg"}
    for name in ("origin_jti", "event_id", "jti"):
        assert str(UUID(claims.pop(name)))
    assert claims == {
        "sub": ada.sub,
        "iss": f"{ENDPOINT}/{pool}",
        "cognito:username": "ada",
        "aud": ada.client_id,
        "token_use": "id",
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        "acr": "urn:cognito:loa:1",
        "amr": ["pwd"],
        "email": "ada@example.com",
        "email_verified": True,
        "phone_number": "+15550100",
        "phone_number_verified": False,
        "given_name": "Ada",
        "address": {"formatted": "12 St James's Square"},
        "updated_at": 1700000000,
        "custom:tenant": "42",
    }


def test_both_tokens_of_a_sign_in_share_their_lineage(cognito, a_user, verified):
    ada = a_user()
    tokens = tokens_of(cognito, ada)
    again = tokens_of(cognito, ada)

    _, access = verified(ada.pool_id, tokens["AccessToken"])
    _, identity = verified(ada.pool_id, tokens["IdToken"])
    _, other = verified(ada.pool_id, again["AccessToken"])

    for name in ("origin_jti", "event_id"):
        assert access[name] == identity[name] != other[name]
    assert len({access["jti"], identity["jti"], other["jti"]}) == 3


def test_the_user_name_is_the_sub_where_addresses_sign_in(cognito, a_pool, a_user, verified):
    ada = a_user(username="ada@example.com", pool_id=a_pool(UsernameAttributes=["email"]))
    tokens = sign_in(cognito, ada.client_id, "ada@example.com", PASSWORD)["AuthenticationResult"]

    _, access = verified(ada.pool_id, tokens["AccessToken"])
    _, identity = verified(ada.pool_id, tokens["IdToken"])

    assert access["username"] == identity["cognito:username"] == ada.sub
    assert identity["email"] == "ada@example.com"


def test_a_client_sees_what_it_may_read(cognito, a_pool, a_client, a_user, verified):
    pool = a_pool()
    client = a_client(pool, ReadAttributes=["name"])
    ada = a_user(
        pool_id=pool,
        client_id=client["ClientId"],
        attributes={"email": "ada@example.com", "email_verified": "true", "name": "Ada"},
    )

    _, claims = verified(pool, tokens_of(cognito, ada)["IdToken"])

    assert claims["name"] == "Ada"
    assert claims["sub"] == ada.sub
    assert claims["cognito:username"] == "ada"
    assert not {"email", "email_verified"} & set(claims)


def test_groups_and_roles_are_told_best_first(cognito, a_user, verified):
    ada = a_user()
    for name, precedence, role in (
        ("zebra", 1, "a"),
        ("staff", 5, "b"),
        ("aardvark", None, "a"),
    ):
        more = {} if precedence is None else {"Precedence": precedence}
        cognito.create_group(
            UserPoolId=ada.pool_id,
            GroupName=name,
            RoleArn=f"arn:aws:iam::000000000000:role/{role}",
            **more,
        )
        cognito.admin_add_user_to_group(UserPoolId=ada.pool_id, Username="ada", GroupName=name)

    tokens = tokens_of(cognito, ada)
    _, access = verified(ada.pool_id, tokens["AccessToken"])
    _, identity = verified(ada.pool_id, tokens["IdToken"])

    assert access["cognito:groups"] == identity["cognito:groups"] == ["zebra", "staff", "aardvark"]
    assert identity["cognito:roles"] == [
        "arn:aws:iam::000000000000:role/a",
        "arn:aws:iam::000000000000:role/b",
    ]
    assert identity["cognito:preferred_role"] == "arn:aws:iam::000000000000:role/a"
    assert not {"cognito:roles", "cognito:preferred_role"} & set(access)


def test_where_the_best_groups_disagree_no_role_is_preferred(cognito, a_user, verified):
    ada = a_user()
    for name in ("one", "two"):
        cognito.create_group(
            UserPoolId=ada.pool_id,
            GroupName=name,
            Precedence=0,
            RoleArn=f"arn:aws:iam::000000000000:role/{name}",
        )
        cognito.admin_add_user_to_group(UserPoolId=ada.pool_id, Username="ada", GroupName=name)

    _, identity = verified(ada.pool_id, tokens_of(cognito, ada)["IdToken"])

    assert len(identity["cognito:roles"]) == 2
    assert "cognito:preferred_role" not in identity


def test_lifetimes_are_the_clients(cognito, a_pool, a_client, a_user, verified):
    pool = a_pool()
    client = a_client(
        pool,
        AccessTokenValidity=5,
        IdTokenValidity=1,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "days"},
    )
    ada = a_user(pool_id=pool, client_id=client["ClientId"])
    tokens = tokens_of(cognito, ada)

    _, access = verified(pool, tokens["AccessToken"])
    _, identity = verified(pool, tokens["IdToken"])

    assert access["exp"] - access["iat"] == tokens["ExpiresIn"] == 300
    assert identity["exp"] - identity["iat"] == 86400


def test_without_revocation_there_is_no_family_in_a_token(
    cognito, a_pool, a_client, a_user, verified
):
    pool = a_pool()
    client = a_client(pool, EnableTokenRevocation=False)
    ada = a_user(pool_id=pool, client_id=client["ClientId"])
    tokens = tokens_of(cognito, ada)

    for kind in ("AccessToken", "IdToken"):
        _, claims = verified(pool, tokens[kind])
        assert "origin_jti" not in claims
    assert cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


# --- the keys ------------------------------------------------------------------------------------


def test_each_use_has_a_key_of_its_own(cognito, a_user, jwks, verified):
    ada = a_user()
    tokens = tokens_of(cognito, ada)
    document = jwks(ada.pool_id)

    access, _ = verified(ada.pool_id, tokens["AccessToken"])
    identity, _ = verified(ada.pool_id, tokens["IdToken"])

    assert set(document) == {"keys"}
    assert [key["kid"] for key in document["keys"]] == [identity["kid"], access["kid"]]
    for key in document["keys"]:
        assert set(key) == {"kid", "alg", "kty", "e", "use", "n"}
        assert (key["alg"], key["kty"], key["e"], key["use"]) == ("RS256", "RSA", "AQAB", "sig")
        assert len(key["kid"]) in {43, 44}


def test_an_unknown_pool_has_no_keys(http):
    assert http("GET", "/us-east-1_000000000/.well-known/jwks.json").status == 404


# --- who an access token speaks for --------------------------------------------------------------


def altered(token, part, **changes):
    """The token with other contents under the old signature."""
    pieces = token.split(".")
    content = json.loads(base64.urlsafe_b64decode(pieces[part] + "=="))
    content.update(changes)
    encoded = json.dumps({k: v for k, v in content.items() if v is not None}).encode()
    pieces[part] = base64.urlsafe_b64encode(encoded).rstrip(b"=").decode()
    return ".".join(pieces)


def test_an_access_token_lives_its_time(cognito, a_user, clock):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    clock.advance(timedelta(hours=1) - timedelta(milliseconds=1))
    assert cognito.get_user(AccessToken=token)

    clock.advance(timedelta(milliseconds=1))

    with refused("NotAuthorizedException", EXPIRED):
        cognito.get_user(AccessToken=token)


def test_only_access_tokens_speak_for_anybody(cognito, a_user):
    ada = a_user()
    tokens = tokens_of(cognito, ada)

    for token in (tokens["IdToken"], "garbage", "a.b.c", tokens["RefreshToken"]):
        with refused("NotAuthorizedException", INVALID):
            cognito.get_user(AccessToken=token)


def test_an_altered_token_is_none(cognito, a_user):
    ada, bob = a_user(), a_user(username="bob")
    token = tokens_of(cognito, ada)["AccessToken"]
    head, body, signature = token.split(".")

    for wrong in (
        altered(token, 1, sub=bob.sub),
        altered(token, 1, exp=4_000_000_000),
        altered(token, 1, scope="aws.cognito.signin.user.admin more"),
        altered(token, 0, alg="none"),
        altered(token, 0, alg="HS256"),
        altered(token, 0, kid="another"),
        altered(token, 0, kid=None),
        altered(token, 1, iss=f"{ENDPOINT}/{bob.pool_id}"),
        altered(token, 1, iss=f"https://evil.example/{ada.pool_id}"),
        altered(token, 1, iss=None),
        altered(token, 1, token_use="id"),
        f"{altered(token, 0, alg='none').split('.')[0]}.{body}.",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.{signature}.",
    ):
        with refused("NotAuthorizedException", INVALID):
            cognito.get_user(AccessToken=wrong)
    assert cognito.get_user(AccessToken=token)


def test_a_token_signed_by_another_key_is_none(cognito, a_user):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)["kid"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})
    by_secret = jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": kid})

    for wrong in (forged, by_secret):
        with refused("NotAuthorizedException", INVALID):
            cognito.get_user(AccessToken=wrong)


def test_an_id_key_signs_no_access_tokens(app, cognito, a_user, loop_thread):
    """A token that says "access" but bears the other key's id is refused."""
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    claims = jwt.decode(token, options={"verify_signature": False})

    async def sign():
        pool = await app.store.pools.find(ada.pool_id)
        return jose.sign(claims, await app.keys.signing_key(pool, "id"))

    with refused("NotAuthorizedException", INVALID):
        cognito.get_user(AccessToken=loop_thread.run(sign()))


def test_a_token_needs_the_scope(app, cognito, a_user, loop_thread):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    claims = jwt.decode(token, options={"verify_signature": False})

    async def sign(scope):
        pool = await app.store.pools.find(ada.pool_id)
        changed = {**claims, "scope": scope}
        return jose.sign(changed, await app.keys.signing_key(pool, "access"))

    for scope in ("openid email", "", "aws.cognito.signin.user.administrator"):
        with refused("NotAuthorizedException", "Access Token does not have required scopes"):
            cognito.get_user(AccessToken=loop_thread.run(sign(scope)))
    both = loop_thread.run(sign("openid aws.cognito.signin.user.admin"))
    assert cognito.get_user(AccessToken=both)


def test_a_disabled_users_token_is_revoked(cognito, a_user):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.get_user(AccessToken=token)
    cognito.admin_enable_user(UserPoolId=ada.pool_id, Username="ada")
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.get_user(AccessToken=token)


def test_a_deleted_users_token_speaks_for_nobody(cognito, a_user):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    cognito.admin_delete_user(UserPoolId=ada.pool_id, Username="ada")
    a_user(pool_id=ada.pool_id, client_id=ada.client_id)

    with refused("UserNotFoundException", "User does not exist."):
        cognito.get_user(AccessToken=token)


def test_a_deleted_clients_token_is_none(cognito, a_user):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    cognito.delete_user_pool_client(UserPoolId=ada.pool_id, ClientId=ada.client_id)

    with refused("NotAuthorizedException", INVALID):
        cognito.get_user(AccessToken=token)


def test_a_deleted_pools_token_is_none(cognito, a_user):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    cognito.delete_user_pool(UserPoolId=ada.pool_id)

    with refused("NotAuthorizedException", INVALID):
        cognito.get_user(AccessToken=token)


def test_every_operation_of_a_user_judges_the_token(cognito, a_user, clock):
    ada = a_user(attributes={"email": "ada@example.com"})
    token = tokens_of(cognito, ada)["AccessToken"]
    calls: list[tuple[Any, dict[str, Any]]] = [
        (cognito.get_user, {}),
        (cognito.update_user_attributes, {"UserAttributes": named(name="x")}),
        (cognito.delete_user_attributes, {"UserAttributeNames": ["name"]}),
        (
            cognito.change_password,
            {"PreviousPassword": PASSWORD, "ProposedPassword": "Fresh-horse2!"},
        ),
        (cognito.get_user_attribute_verification_code, {"AttributeName": "email"}),
        (cognito.verify_user_attribute, {"AttributeName": "email", "Code": "123456"}),
        (cognito.global_sign_out, {}),
        (cognito.delete_user, {}),
    ]

    for call, arguments in calls:
        with refused("NotAuthorizedException", INVALID):
            call(AccessToken="a.b.c", **arguments)
    clock.advance(timedelta(hours=1))
    for call, arguments in calls:
        with refused("NotAuthorizedException", EXPIRED):
            call(AccessToken=token, **arguments)
