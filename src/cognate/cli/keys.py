"""Access keys, made and revoked on the database itself: there is nobody to ask before the first."""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cognate.app import App
from cognate.cli.databases import on_database
from cognate.cli.errors import Failure, Misuse
from cognate.config import Settings
from cognate.domain.keys import AccessKey
from cognate.ports import Transaction
from cognate.protocol.iam import MalformedPolicy, Policy
from cognate.system import SystemEntropy

# As AWS's, so that scanners for leaked keys find them: IAM user guide, "IAM identifiers".
ID_PREFIX = "AKIA"
ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ID_LENGTH = 16  # after the prefix
SECRET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
SECRET_LENGTH = 40
USER_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)  # IAM API reference, CreateUser

READS = [
    "cognito-idp:AdminGet*",
    "cognito-idp:AdminList*",
    "cognito-idp:Describe*",
    "cognito-idp:GetCSVHeader",
    "cognito-idp:GetGroup",
    "cognito-idp:GetIdentityProviderByIdentifier",
    "cognito-idp:GetLogDeliveryConfiguration",
    "cognito-idp:GetSigningCertificate",
    "cognito-idp:GetUICustomization",
    "cognito-idp:GetUserPoolMfaConfig",
    "cognito-idp:List*",
    "cognito-identity:Describe*",
    "cognito-identity:GetIdentityPoolRoles",
    "cognito-identity:GetPrincipalTagAttributeMap",
    "cognito-identity:List*",
]
NAMED_POLICIES = {
    "admin": ["cognito-idp:*", "cognito-identity:*"],
    "readonly": READS,
}


def create(settings: Settings, *, user: str, policy: str, as_json: bool) -> int:
    """
    Make a key and print its secret.

    Raises:
        Misuse: not a user name; no such policy, or one that cannot be judged.
        Failure: the database cannot be used.
    """
    if USER_NAME.fullmatch(user) is None:
        raise Misuse("a user name has up to 64 letters, digits and +=,.@_-")
    document = policy_document(policy)
    entropy = SystemEntropy()
    secret = entropy.text(SECRET_ALPHABET, SECRET_LENGTH)

    async def store(app: App) -> AccessKey:
        draft = AccessKey(
            access_key_id=ID_PREFIX + entropy.text(ID_ALPHABET, ID_LENGTH),
            sealed_secret=b"",
            user_name=user,
            policy=document,
            created_at=app.clock.now(),
        )
        keys = await app.keys.of_server()
        key = replace(draft, sealed_secret=keys.seal(draft.sealing_purpose, secret.encode()))

        async def add(tx: Transaction) -> None:
            await tx.access_keys.add(key)

        await app.store.change(add)
        return key

    key = on_database(settings, store)
    if as_json:
        shown = {
            "AccessKeyId": key.access_key_id,
            "SecretAccessKey": secret,
            "UserName": key.user_name,
        }
        print(json.dumps(shown))
        return 0
    print(f"export AWS_ACCESS_KEY_ID={key.access_key_id}")
    print(f"export AWS_SECRET_ACCESS_KEY={secret}")
    print(f"# of {key.user_name}; the secret is shown only now", file=sys.stderr)
    return 0


def show(settings: Settings) -> int:
    """
    Print every key, the oldest first.

    Raises:
        Failure: the database cannot be used.
    """

    async def read(app: App) -> Sequence[AccessKey]:
        return await app.store.access_keys.all()

    found = on_database(settings, read)
    for key in found:
        state = "active" if key.revoked_at is None else f"revoked {_day(key.revoked_at)}"
        print(f"{key.access_key_id}  made {_day(key.created_at)}  {state:18}  {key.user_name}")
    if not found:
        print("There is no key yet: cognate keys create", file=sys.stderr)
    return 0


def revoke(settings: Settings, key_id: str) -> int:
    """
    Refuse a key from the next request on.

    Raises:
        Failure: there is no such key, it is revoked already, or the database cannot be used.
    """

    async def end(app: App) -> bool:
        now = app.clock.now()

        async def change(tx: Transaction) -> bool:
            return await tx.access_keys.revoke(key_id, now=now)

        return await app.store.change(change)

    if not on_database(settings, end):
        raise Failure(f"there is no active key {key_id}")
    print(f"{key_id} is revoked.")
    return 0


def policy_document(given: str) -> str:
    """
    The document of a named policy, or of a file.

    Raises:
        Misuse: no such name and no such file, or not a policy of an identity.
    """
    actions = NAMED_POLICIES.get(given)
    if actions is not None:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        document = Path(given).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise Misuse(f"policy {given}: neither admin, readonly nor a file to read") from cause
    try:
        policy = Policy.parse(document)
    except MalformedPolicy as cause:
        raise Misuse(f"policy {given}: {cause}") from cause
    if any(statement.principals is not None for statement in policy.statements):
        raise Misuse(f"policy {given}: the policy of a key has no Principal")
    return document


def _day(instant: datetime) -> str:
    return instant.date().isoformat()
