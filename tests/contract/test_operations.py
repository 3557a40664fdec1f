"""
Every operation, driven from its own shapes: what the model allows is answered inside the model,
what it forbids is refused in its words, and nothing else comes out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import pytest_asyncio
from botocore import xform_name

from cognate.app import build
from cognate.config import Settings
from cognate.operations.table import OPERATIONS
from cognate.wire.cognito_idp import SERVICE
from tests.contract.samples import broken, members_of, request_of
from tests.direct import Direct, Reply
from tests.inprocess import ENDPOINT, FrozenClock, TestEntropy
from tests.populated import PASSWORD, Populated, populated

ROOT = Path(__file__).resolve().parents[2]
BUILT = sorted(OPERATIONS["cognito-idp"])
MODEL = botocore.session.get_session().get_service_model("cognito-idp")
NEVER = "us-east-1_Neverwas1"
NO_CLIENT = "0neverwasaclient0000000000"
NOT_FOUND = "ResourceNotFoundException"
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
# The model has no ResourceNotFoundException for it.
NO_SUCH_CLIENT = {"RevokeToken": "InvalidParameterException"}
# What the shape does not say, and the operation asks of whoever calls it.
HINTS: Mapping[str, Mapping[str, Any]] = {
    "AdminInitiateAuth": {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH"},
    "InitiateAuth": {"AuthFlow": "USER_PASSWORD_AUTH"},
    "AdminCreateUser": {"Username": "somebody"},
    "CreateGroup": {"GroupName": "more-staff"},
    "AddCustomAttributes": {
        "CustomAttributes": [{"Name": "tenant", "AttributeDataType": "String"}]
    },
    "AdminDisableProviderForUser": {
        "User": {
            "ProviderName": "Google",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "1",
        }
    },
    "AdminLinkProviderForUser": {
        "DestinationUser": {"ProviderName": "Cognito", "ProviderAttributeValue": "here-ada"},
        "SourceUser": {
            "ProviderName": "Google",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "1",
        },
    },
    "AdminSetUserPassword": {"Password": PASSWORD},
    "CreateManagedLoginBranding": {"UseCognitoProvidedValues": True},
    "UpdateManagedLoginBranding": {
        "UseCognitoProvidedValues": True,
        "ManagedLoginBrandingId": "0d5f6b1c-7a43-4e3e-89a3-1f2a3b4c5d6e",
    },
    "SignUp": {"Username": "somebody", "Password": PASSWORD},
}
# Members that no shape requires, and without which the operation has nothing to do.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "AdminInitiateAuth": ("AuthParameters",),
    "AssociateSoftwareToken": ("AccessToken",),
    "CreateManagedLoginBranding": ("UseCognitoProvidedValues",),
    "ForgetDevice": ("AccessToken",),
    "GetDevice": ("AccessToken",),
    "GetTokensFromRefreshToken": ("DeviceKey",),
    "InitiateAuth": ("AuthParameters",),
    "SignUp": ("Password",),
    "UpdateManagedLoginBranding": ("UseCognitoProvidedValues", "ManagedLoginBrandingId"),
}


@pytest_asyncio.fixture
async def direct(tmp_path):
    chosen = Settings(
        data=tmp_path, public_url=ENDPOINT, insecure_fast_passwords=True, fixed_code="123456"
    )
    app = await build(chosen, clock=FrozenClock(), entropy=TestEntropy())
    yield Direct(app=app)
    await app.close()


@pytest_asyncio.fixture
async def there(direct) -> Populated:
    return await populated(direct, "here")


def hints(there: Populated, name: str) -> dict[str, Any]:
    parameters = {"USERNAME": there.owner, "PASSWORD": PASSWORD}
    return {**there.known, "AuthParameters": parameters, **HINTS.get(name, {})}


def least(there: Populated, name: str) -> Any:
    """The least that the operation can do something with."""
    known = hints(there, name)
    return request_of(name, known) | {one: known[one] for one in NEEDED.get(name, ())}


# --- what the model allows -----------------------------------------------------------------------

# These succeed by the least that is demanded; the rest want something that no shape tells.
SUCCEED = """
AddCustomAttributes AdminAddUserToGroup AdminConfirmSignUp AdminCreateUser AdminDeleteUser
AdminDisableUser AdminEnableUser AdminForgetDevice AdminGetDevice AdminGetUser AdminInitiateAuth
AdminListDevices AdminListGroupsForUser AdminListUserAuthEvents AdminListUserSessions
AdminRemoveUserFromGroup AdminResetUserPassword AdminRevokeUserSession AdminSetUserPassword
AdminUpdateAuthEventFeedback AdminUpdateDeviceStatus AdminUserGlobalSignOut AssociateSoftwareToken
CreateGroup CreateUserPool CreateUserPoolClient DeleteGroup DeleteUser DeleteUserPool
DeleteUserPoolClient DescribeRiskConfiguration DescribeUserPool DescribeUserPoolClient
ForgetDevice ForgotPassword GetDevice GetGroup GetTokensFromRefreshToken GetUser
GetUserPoolMfaConfig GlobalSignOut InitiateAuth ListDevices ListGroups ListTagsForResource
ListUserPoolClients ListUserPools ListUserSessions ListUsers ListUsersInGroup RevokeToken
SetRiskConfiguration SignUp TagResource UntagResource UpdateDeviceStatus UpdateGroup
UpdateUserPoolClient
"""


@pytest.mark.parametrize("name", BUILT)
async def test_the_least_that_the_model_allows_is_answered_inside_the_model(direct, there, name):
    request = least(there, name)
    if name == "AdminConfirmSignUp":
        request["Username"] = "bob"
        await direct("SignUp", ClientId=there.client_id, Username="bob", Password=PASSWORD)
    if name == "DeleteUserPool":
        await direct("DeleteUserPoolDomain", **request, Domain=there.known["Domain"])

    answer = await direct.ask(name, request)

    assert_inside_the_model(name, answer)
    assert answer.status == 200 or name not in SUCCEED.split(), answer


@pytest.mark.parametrize("name", BUILT)
async def test_the_most_that_the_model_allows_is_answered_inside_the_model(direct, there, name):
    request = request_of(name, hints(there, name), maximal=True)

    answer = await direct.ask(name, request)

    assert_inside_the_model(name, answer)


def assert_inside_the_model(name: str, answer: Reply) -> None:
    if answer.status != 200:
        assert answer.status == 400, answer
        assert answer.error in SERVICE.operations[name].errors, answer
        assert answer.message, answer
        return
    shape = MODEL.operation_model(name).output_shape
    if shape is None:
        assert answer.content is None
        return
    assert list(strange(shape, answer.content, "")) == []


def strange(shape: Any, value: Any, at: str) -> Iterator[str]:
    """What of an answer its shape does not allow."""
    if not isinstance(value, TYPES[shape.type_name]) or (
        isinstance(value, bool) and shape.type_name != "boolean"
    ):
        yield f"{at}: {value!r} is no {shape.type_name}"
    elif shape.type_name == "structure":
        yield from (f"{at}.{member}: unknown" for member in set(value) - set(shape.members))
        yield from (f"{at}.{m}: missing" for m in shape.required_members if m not in value)
        for member in set(value) & set(shape.members):
            yield from strange(shape.members[member], value[member], f"{at}.{member}")
    elif shape.type_name == "list":
        for item in value:
            yield from strange(shape.member, item, f"{at}[]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from strange(shape.key, key, f"{at}.{key}")
            yield from strange(shape.value, item, f"{at}.{key}")
    # Lengths bind requests alone: phone_number_verified is longer than an attribute's name may be.
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{at}: {value!r} is none of {shape.enum}"


TYPES: Mapping[str, Any] = {
    "structure": dict,
    "list": list,
    "map": dict,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": (int, float),
    "double": (int, float),
    "float": (int, float),
    "blob": str,
}


# --- what the model forbids ----------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT)
async def test_each_constraint_broken_alone_is_refused_as_that_constraint(direct, name):
    known = {"UserPoolId": NEVER, "ClientId": NO_CLIENT, "AuthParameters": {"USERNAME": "ada"}}
    request = request_of(name, known, maximal=True)
    if not members_of(name):
        return

    unlike = []
    for case in broken(name, request):
        answer = await direct.ask(name, case.request)
        if (answer.error, said(answer)) != ("InvalidParameterException", told(case)):
            unlike.append((case.place, case.constraints, answer))

    assert unlike == []


def told(case: Any) -> list[tuple[str, str]]:
    return sorted((case.place, constraint) for constraint in case.constraints)


VIOLATION = re.compile(r"Value.* at '([^']*)' failed to satisfy constraint: (.*)", re.DOTALL)


def said(answer: Reply) -> list[tuple[str, str]]:
    """The places and constraints of a refusal, after checking that it counts them."""
    heading, _, rest = (answer.message or "").partition(" detected: ")
    found = [VIOLATION.fullmatch(one) for one in re.split(r"; (?=Value)", rest)]
    plural = "s" if len(found) > 1 else ""
    if heading != f"{len(found)} validation error{plural}":
        return []
    return sorted((one[1], one[2]) for one in found if one is not None)


# --- what is not there ---------------------------------------------------------------------------

BY_POOL = [name for name in BUILT if "UserPoolId" in members_of(name)]
BY_CLIENT = [name for name in BUILT if "ClientId" in members_of(name) and name not in BY_POOL]
BY_TOKEN = [name for name in BUILT if "AccessToken" in members_of(name)]


async def test_a_pool_that_is_not_there_is_not_found(direct, there):
    text = f"User pool {NEVER} does not exist."

    answers = {
        name: await direct.ask(name, least(there, name) | {"UserPoolId": NEVER}) for name in BY_POOL
    }

    assert told_otherwise(answers, lambda _: (NOT_FOUND, text)) == {}


async def test_a_client_that_is_not_there_is_not_found(direct, there):
    text = f"User pool client {NO_CLIENT} does not exist."

    answers = {
        name: await direct.ask(name, least(there, name) | {"ClientId": NO_CLIENT})
        for name in BY_CLIENT
    }

    assert told_otherwise(answers, lambda name: (NO_SUCH_CLIENT.get(name, NOT_FOUND), text)) == {}


async def test_a_deleted_users_token_does_nothing(direct, there):
    token = {"AccessToken": there.known["AccessToken"]}
    await direct("AdminDeleteUser", UserPoolId=there.pool_id, Username=there.owner)

    answers = {name: await direct.ask(name, least(there, name) | token) for name in BY_TOKEN}

    assert told_otherwise(answers, gone) == {}


def gone(name: str) -> tuple[str, str]:
    if "UserNotFoundException" in SERVICE.operations[name].errors:
        return "UserNotFoundException", "User does not exist."
    return REVOKED


async def test_a_disabled_users_token_does_nothing(direct, there):
    token = {"AccessToken": there.known["AccessToken"]}
    await direct("AdminDisableUser", UserPoolId=there.pool_id, Username=there.owner)

    answers = {name: await direct.ask(name, least(there, name) | token) for name in BY_TOKEN}

    assert told_otherwise(answers, lambda _: REVOKED) == {}


async def test_a_token_that_was_never_issued_does_nothing(direct, there):
    head, _, tail = there.known["AccessToken"].rpartition(".")
    token = {"AccessToken": f"{head}.{tail[:-4]}AAAA"}

    answers = {name: await direct.ask(name, least(there, name) | token) for name in BY_TOKEN}

    assert told_otherwise(answers, lambda _: (REVOKED[0], "Invalid Access Token")) == {}


def told_otherwise(
    answers: Mapping[str, Reply], expected: Callable[[str], tuple[str, str]]
) -> dict[str, Reply]:
    """The answers that are not the expected error and text."""
    return {
        name: answer
        for name, answer in answers.items()
        if (answer.error, answer.message) != expected(name)
    }


# --- what is built is told and documented --------------------------------------------------------


@pytest.mark.parametrize("name", BUILT)
def test_every_operation_has_a_story(name):
    called = re.compile(rf"\b{xform_name(name)}\(")
    stories = (ROOT / "tests" / "stories").glob("test_*.py")

    telling = [story.name for story in stories if called.search(story.read_text(encoding="utf-8"))]

    assert telling, f"no story calls {xform_name(name)}"


def test_every_operation_is_documented_as_built_or_not():
    page = (ROOT / "docs" / "reference" / "operations.md").read_text(encoding="utf-8")

    missing = [
        name
        for name in sorted(SERVICE.operations)
        if f"| {name} | {'yes' if name in BUILT else 'no'} |" not in page
    ]

    assert missing == []
