"""A pool in which there is one of everything, for tests that try every operation."""

import base64
from dataclasses import dataclass, field
from typing import Any

from cognate.protocol import srp
from tests.direct import Direct

PASSWORD = "Correct-horse1!"
FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Populated:
    """
    `known`: by the names that requests use, what is there. `owner`: the name of its user, whose
    e-mail address is proven, whose device is remembered, and who is signed in.
    """

    pool_id: str
    client_id: str
    owner: str
    sub: str
    known: dict[str, str] = field(repr=False)


async def populated(direct: Direct, name: str) -> Populated:
    """Everything in it is called after `name`, so that no other pool has the same."""
    pool = (
        await direct(
            "CreateUserPool",
            PoolName=name,
            UserPoolTier="PLUS",
            UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"},
            AutoVerifiedAttributes=["email"],
            DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False},
            UserPoolTags={"of": name},
        )
    )["UserPool"]
    await direct(
        "SetUserPoolMfaConfig",
        UserPoolId=pool["Id"],
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    tracking = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 20}}
    await direct("SetUserPoolSessionConfiguration", UserPoolId=pool["Id"], **tracking)
    of_pool = {"UserPoolId": pool["Id"]}
    client = (
        await direct(
            "CreateUserPoolClient", **of_pool, ClientName=f"{name} app", ExplicitAuthFlows=FLOWS
        )
    )["UserPoolClient"]["ClientId"]
    created = await direct(
        "AdminCreateUser",
        **of_pool,
        Username=f"{name}-ada",
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": f"ada@{name}.example"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    owner = created["User"]["Username"]
    of_user = {**of_pool, "Username": owner}
    await direct("AdminSetUserPassword", **of_user, Password=PASSWORD, Permanent=True)
    await direct("CreateGroup", **of_pool, GroupName=f"{name}-staff")
    await direct("AdminAddUserToGroup", **of_user, GroupName=f"{name}-staff")
    signed_in = (await direct.sign_in(client, owner, PASSWORD)).content["AuthenticationResult"]
    device_key = await _confirmed_device(direct, signed_in)
    sessions = await direct("ListUserSessions", AccessToken=signed_in["AccessToken"])
    known = {
        **of_user,
        "ClientId": client,
        "ClientName": f"{name} app",
        "GroupName": f"{name}-staff",
        "AccessToken": signed_in["AccessToken"],
        "RefreshToken": signed_in["RefreshToken"],
        "REFRESH_TOKEN": signed_in["RefreshToken"],
        "Token": signed_in["RefreshToken"],
        "DeviceKey": device_key,
        "DEVICE_KEY": device_key,
        "SessionId": sessions["Sessions"][0]["SessionId"],
        "USERNAME": owner,
        "PASSWORD": PASSWORD,
        "EventId": (await direct("AdminListUserAuthEvents", **of_user))["AuthEvents"][0]["EventId"],
        **await _more(direct, name, pool, client),
    }
    sub = next(a["Value"] for a in created["User"]["Attributes"] if a["Name"] == "sub")
    return Populated(pool_id=pool["Id"], client_id=client, owner=owner, sub=sub, known=known)


async def _confirmed_device(direct: Direct, signed_in: Any) -> str:
    offered = signed_in["NewDeviceMetadata"]
    salt = bytes(range(1, 17))
    verifier = srp.verifier(
        offered["DeviceGroupKey"], offered["DeviceKey"], "a device's secret", salt
    )
    await direct(
        "ConfirmDevice",
        AccessToken=signed_in["AccessToken"],
        DeviceKey=offered["DeviceKey"],
        DeviceSecretVerifierConfig={
            "Salt": base64.b64encode(salt).decode(),
            "PasswordVerifier": base64.b64encode(verifier.to_bytes(384, "big")).decode(),
        },
    )
    return str(offered["DeviceKey"])


async def _more(direct: Direct, name: str, pool: Any, client: str) -> dict[str, str]:
    """A challenge under way, and what else hangs on pools and clients."""
    of_pool = {"UserPoolId": pool["Id"]}
    await direct("AdminCreateUser", **of_pool, Username=f"{name}-new", MessageAction="SUPPRESS")
    await direct(
        "AdminSetUserPassword", **of_pool, Username=f"{name}-new", Password="Temp0rary-horse!"
    )
    challenge = (await direct.sign_in(client, f"{name}-new", "Temp0rary-horse!")).content
    secret = await direct(
        "AddUserPoolClientSecret", **of_pool, ClientId=await _secretive(direct, name, pool)
    )
    await direct("CreateResourceServer", **of_pool, Identifier=f"https://{name}.example", Name=name)
    await direct(
        "CreateIdentityProvider",
        **of_pool,
        ProviderName=f"{name}-login",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": name,
            "client_secret": "a secret",
            "attributes_request_method": "GET",
            "authorize_scopes": "openid",
            "oidc_issuer": f"https://{name}.example",
            "authorize_url": f"https://{name}.example/authorize",
            "token_url": f"https://{name}.example/token",
            "attributes_url": f"https://{name}.example/attributes",
            "jwks_uri": f"https://{name}.example/keys",
        },
    )
    await direct("CreateUserPoolDomain", **of_pool, Domain=f"{name}-domain")
    return {
        "Domain": f"{name}-domain",
        "Identifier": f"https://{name}.example",
        "ProviderName": f"{name}-login",
        "Session": challenge["Session"],
        "ResourceArn": pool["Arn"],
        "ClientSecretId": secret["ClientSecretDescriptor"]["ClientSecretId"],
    }


async def _secretive(direct: Direct, name: str, pool: Any) -> str:
    created = await direct(
        "CreateUserPoolClient",
        UserPoolId=pool["Id"],
        ClientName=f"{name} server",
        GenerateSecret=True,
        ExplicitAuthFlows=FLOWS,
    )
    return str(created["UserPoolClient"]["ClientId"])
