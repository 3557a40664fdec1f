"""The generated shapes are the service models' own: nothing missing, renamed or stale."""

import datetime as dt
import json
import keyword
import re
import subprocess
import sys
from pathlib import Path

import botocore.session
import msgspec
import pytest
from botocore import xform_name
from botocore.parsers import create_parser

from cognate.wire import cognito_identity, cognito_idp, logs, sts
from cognate.wire.decoding import encode_response

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "cognito-idp": cognito_idp,
    "cognito-identity": cognito_identity,
    "sts": sts,
    "logs": logs,
}
OPERATIONS = [
    (module, operation)
    for module in MODULES.values()
    for operation in module.SERVICE.operations.values()
]
WITH_RESPONSE = [
    (module, operation)
    for module, operation in OPERATIONS
    if operation.response is not None and module is not sts
]
MODELS = {name: botocore.session.get_session().get_service_model(name) for name in MODULES}
PYTHON_PATTERNS = {
    constraints["pattern"]: constraints["python_pattern"]
    for path in (ROOT / "src/cognate/wire").glob("*_model.json")
    for constraints in json.loads(path.read_text())["shapes"].values()
    if "pattern" in constraints
}


def named(pairs):
    return [f"{module.SERVICE.name}.{operation.name}" for module, operation in pairs]


def test_the_checked_in_files_are_what_the_generator_writes():
    check = subprocess.run(
        [sys.executable, "tools/generate_wire.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize(("name", "count"), [("cognito-idp", 141), ("cognito-identity", 23)])
def test_every_operation_of_the_two_cognito_services_is_there(name, count):
    operations = MODULES[name].SERVICE.operations

    assert set(operations) == set(MODELS[name].operation_names)
    assert len(operations) == count


def test_of_sts_and_logs_only_the_operations_we_answer_are_there():
    assert set(sts.SERVICE.operations) == {
        "AssumeRole",
        "AssumeRoleWithWebIdentity",
        "GetCallerIdentity",
        "GetSessionToken",
    }
    assert len(logs.SERVICE.operations) == 14
    assert set(logs.SERVICE.operations) <= set(MODELS["logs"].operation_names)


@pytest.mark.parametrize("name", MODULES)
def test_the_table_bears_the_names_and_errors_of_the_model(name):
    service, model = MODULES[name].SERVICE, MODELS[name]

    assert service.name == model.signing_name
    assert service.target_prefix == model.metadata.get("targetPrefix", "")
    for operation in service.operations.values():
        theirs = model.operation_model(operation.name)
        assert set(operation.errors) == {shape.error_code for shape in theirs.error_shapes}
        assert operation.signed == (theirs.auth_type != "none")


def test_the_unsigned_operations_are_those_clients_call_without_credentials():
    unsigned = {o.name for o in cognito_idp.SERVICE.operations.values() if not o.signed}

    # User-pool specification, A.4.
    public = """SignUp ConfirmSignUp ResendConfirmationCode ForgotPassword ConfirmForgotPassword
        InitiateAuth RespondToAuthChallenge RevokeToken GetTokensFromRefreshToken
        UpdateAuthEventFeedback"""
    with_a_token = """ChangePassword ConfirmDevice DeleteUser DeleteUserAttributes ForgetDevice
        GetDevice GetUser GetUserAttributeVerificationCode GetUserAuthFactors GlobalSignOut
        ListDevices SetUserMFAPreference SetUserSettings UpdateDeviceStatus UpdateUserAttributes
        VerifyUserAttribute StartWebAuthnRegistration CompleteWebAuthnRegistration
        ListWebAuthnCredentials DeleteWebAuthnCredential ListUserSessions RevokeUserSession
        AssociateSoftwareToken VerifySoftwareToken"""
    assert unsigned == {*public.split(), *with_a_token.split()}


def test_thirteen_operations_answer_with_nothing_at_all():
    silent = {o.name for o in cognito_idp.SERVICE.operations.values() if o.response is None}

    # User-pool specification, A.1.
    assert silent == {
        "AdminAddUserToGroup",
        "AdminRemoveUserFromGroup",
        "AdminDeleteUser",
        "DeleteUser",
        "AdminForgetDevice",
        "ForgetDevice",
        "DeleteGroup",
        "DeleteIdentityProvider",
        "DeleteManagedLoginBranding",
        "DeleteResourceServer",
        "DeleteTerms",
        "DeleteUserPool",
        "DeleteUserPoolClient",
    }
    assert encode_response(None) == b""


@pytest.mark.parametrize(("module", "operation"), OPERATIONS, ids=named(OPERATIONS))
def test_shapes_have_the_members_of_the_model_by_the_names_the_sdk_uses(module, operation):
    theirs = MODELS[module.SERVICE.name].operation_model(operation.name)

    for ours, shape, suffix in (
        (operation.request, theirs.input_shape, "Request"),
        (operation.response, theirs.output_shape, "Response"),
    ):
        # The model's own answer to a void query operation is an empty shape.
        assert (ours is None) == (shape is None)
        if ours is not None:
            assert getattr(module, operation.name + suffix) is ours
            same_members(ours, shape, is_input=suffix == "Request")


def same_members(ours, shape, *, is_input):
    fields = {field.encode_name: field for field in msgspec.structs.fields(ours)}
    assert list(fields) == list(shape.members)
    for name, member in shape.members.items():
        field = fields[name]
        expected = xform_name(name)
        assert field.name == (f"{expected}_" if keyword.iskeyword(expected) else expected)
        if is_input:
            assert field.required == (name in shape.required_members)
        if member.type_name == "structure" and not member.is_document_type:
            inner = next(t for t in struct_types(field.type))
            same_members(inner, member, is_input=is_input)


def struct_types(annotation):
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from struct_types(argument)


@pytest.mark.parametrize(("module", "operation"), WITH_RESPONSE, ids=named(WITH_RESPONSE))
def test_the_sdk_reads_back_every_member_of_an_answer(module, operation):
    shape = MODELS[module.SERVICE.name].operation_model(operation.name).output_shape
    wire, expected = sample(shape)
    answer = msgspec.convert(wire, operation.response)

    body = encode_response(answer)

    parsed = create_parser("json").parse({"status_code": 200, "headers": {}, "body": body}, shape)
    del parsed["ResponseMetadata"]
    assert parsed == expected
    assert json.loads(body) == wire


def sample(shape):
    """A value of the shape with every member set: as JSON, and as the SDK shows it."""
    match shape.type_name:
        case "structure" if shape.is_document_type:
            return {"any": [1, None]}, {"any": [1, None]}
        case "structure":
            pairs = {name: sample(member) for name, member in shape.members.items()}
            return {k: v[0] for k, v in pairs.items()}, {k: v[1] for k, v in pairs.items()}
        case "list":
            wire, seen = sample(shape.member)
            count = max(1, shape.metadata.get("min", 0))
            return [wire] * count, [seen] * count
        case "map":
            wire, seen = sample(shape.value)
            key, _ = sample(shape.key)
            return {key: wire}, {key: seen}
        case "string":
            text = shape.enum[0] if shape.enum else fitting_text(shape)
            return text, text
        case "integer" | "long":
            number = min(7, shape.metadata.get("max", 7))
            return number, number
        case "boolean":
            return True, True
        case "timestamp":
            at = dt.datetime(2023, 7, 20, 21, 17, 6, 107000, dt.UTC)
            return at.timestamp(), at
        case "blob":
            return "AAEC", b"\x00\x01\x02"
        case other:
            raise AssertionError(f"no sample of a {other}")


# One text for each pattern that a plain word does not satisfy.
TEXTS = (
    "word",
    "1",
    "us-east-1_abcdefghi",
    "us-east-1_0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e",
    "us-east-1:0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e",
    "arn:aws:iam::123456789012:role/somebody",
    "arn:aws:s3:::bucket",
    "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abcdefghi",
    "Your code is {####}",
    "Click {##here##}",
    "0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e",
    "Level1",
    "authenticated",
    "terms-of-use",
    "ada@example.com",
    "import-abcdefghij",
    "cognito:default",
    "tkn" + "a1b2c" * 5,
    "sts.amazonaws.com/a/path",
    "word" * 10,
)


def fitting_text(shape):
    """Shapes that requests use too carry their constraints into answers: find a text that fits."""
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)
    # A pattern no request uses constrains nothing.
    pattern = PYTHON_PATTERNS.get(shape.metadata.get("pattern"), "")
    for text in TEXTS:
        if low <= len(text) <= high and re.search(pattern, text):
            return text
    raise AssertionError(f"no sample text for {shape.name}")


def test_the_representation_of_a_shape_shows_no_values():
    request = cognito_idp.SignUpRequest(client_id="c", username="ada", password="hunter2!")

    assert repr(request) == "<SignUpRequest with client_id, username, password>"
    assert repr(cognito_idp.GetUserResponse()) == "<GetUserResponse with no members>"


def test_the_wire_needs_nothing_but_msgspec():
    script = """
import sys
import cognate.wire.cognito_identity, cognate.wire.cognito_idp, cognate.wire.logs, cognate.wire.sts
from cognate.wire.decoding import decode_request, encode_response

service = cognate.wire.cognito_idp.SERVICE
decode_request(service, service.operations["ListUsers"], b'{"UserPoolId": "us-east-1_a"}')
ours = {name for name in sys.modules if name.startswith("cognate.")}
strays = {name for name in ours if not name.startswith("cognate.wire")}
heavy = {"botocore", "dataclasses", "cognate.wire.violations"} & set(sys.modules)
print(sorted(strays | heavy))
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
