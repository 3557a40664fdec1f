"""How a request is read, and how one that does not fit is refused: names and texts as AWS's."""

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cognate.wire import cognito_identity, cognito_idp, logs, sts
from cognate.wire.cognito_idp import (
    AdminCreateUserRequest,
    AttributeType,
    ListUsersRequest,
    UserType,
)
from cognate.wire.decoding import (
    NOT_AN_OBJECT,
    NOT_JSON,
    InvalidRequest,
    decode_request,
    encode_response,
)
from cognate.wire.violations import (
    MAX_VALUES,
    MAX_VIOLATIONS,
    WrongType,
    _service_model,
    find_violations,
)

SERVICES = (cognito_idp.SERVICE, cognito_identity.SERVICE, sts.SERVICE, logs.SERVICE)
WIRE = Path(__file__).resolve().parents[2] / "src/cognate/wire"
POOL = "us-east-1_abcdefghi"


def read(operation, body, service=cognito_idp.SERVICE):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_request(service, service.operations[operation], raw)


def refusal(operation, body, service=cognito_idp.SERVICE):
    with pytest.raises(InvalidRequest) as refused:
        read(operation, body, service)
    return refused.value.error_name, refused.value.message


def violations(operation, body, service=cognito_idp.SERVICE):
    """The refusal's single violations, after checking its name and its count."""
    name, message = refusal(operation, body, service)
    assert name == ("ValidationError" if service is sts.SERVICE else "InvalidParameterException")
    heading, _, rest = message.partition(" detected: ")
    found = rest.split("; ")
    assert heading == f"{len(found)} validation error{'s' if len(found) > 1 else ''}"
    return found


# --- what fits -----------------------------------------------------------------------------------


def test_a_request_becomes_a_struct_with_the_names_of_the_sdk():
    body = {
        "UserPoolId": POOL,
        "Username": "ada",
        "UserAttributes": [{"Name": "email", "Value": "ada@example.com"}],
        "MessageAction": "SUPPRESS",
        "ClientMetadata": {"from": "test"},
    }

    request = read("AdminCreateUser", body)

    assert request == AdminCreateUserRequest(
        user_pool_id=POOL,
        username="ada",
        user_attributes=[AttributeType(name="email", value="ada@example.com")],
        message_action="SUPPRESS",
        client_metadata={"from": "test"},
    )


def test_members_the_model_does_not_know_are_skipped():
    body = {"UserPoolId": POOL, "ClientMetadata": {"a": [1, {"b": None}]}, "Limit": 5}

    assert read("ListUsers", body) == ListUsersRequest(user_pool_id=POOL, limit=5)


def test_null_is_an_absent_member():
    assert read("ListUsers", {"UserPoolId": POOL, "Limit": None}).limit is None


def test_null_is_an_absent_entry_of_a_map():
    body = {"UserPoolId": POOL, "ClientMetadata": {"from": "test", "to": None}, "Username": "ada"}

    assert read("AdminCreateUser", body).client_metadata == {"from": "test"}


def test_an_empty_body_is_an_empty_request():
    assert read("GetCallerIdentity", b"", sts.SERVICE) == sts.GetCallerIdentityRequest()
    assert read("DescribeLogGroups", b"", logs.SERVICE) == logs.DescribeLogGroupsRequest()


def test_of_a_member_given_twice_the_last_counts():
    body = b'{"UserPoolId": "not a pool", "UserPoolId": "us-east-1_a"}'

    assert read("ListUsers", body) == ListUsersRequest(user_pool_id="us-east-1_a")


def test_a_blob_is_base64_on_the_wire():
    image = b"\x89PNG\x00\xff"
    body = {"UserPoolId": POOL, "ImageFile": base64.b64encode(image).decode()}

    assert read("SetUICustomization", body).image_file == image


def test_a_document_member_takes_any_json():
    settings = {"a": [1, 2.5, None, {"b": "c"}]}
    body = {"UserPoolId": POOL, "ClientId": "abc", "Settings": settings}

    assert read("CreateManagedLoginBranding", body).settings == settings


def test_an_answer_leaves_out_what_has_no_value():
    user = UserType(username="ada", enabled=False, user_create_date=1689885426.107, attributes=[])

    assert encode_response(user) == (
        b'{"Username":"ada","Attributes":[],"UserCreateDate":1689885426.107,"Enabled":false}'
    )
    assert encode_response(cognito_idp.SignUpResponse()) == b"{}"


# --- SerializationException (specification, A.1) --------------------------------------------------

LIST_FOUND = "Start of list found where not expected."
STRING = "NUMBER_VALUE can not be converted to a String"
MAP_FOUND = "Start of structure or map found where not expected."


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("ListUsers", {"UserPoolId": 5}, STRING),
        ("ListUsers", {"UserPoolId": 5.5}, "DECIMAL_VALUE can not be converted to a String"),
        ("ListUsers", {"UserPoolId": True}, "TRUE_VALUE can not be converted to a String"),
        ("ListUsers", {"UserPoolId": False}, "FALSE_VALUE can not be converted to a String"),
        ("ListUsers", {"UserPoolId": {}}, MAP_FOUND),
        ("ListUsers", {"UserPoolId": []}, LIST_FOUND),
        ("ListUsers", {"Limit": "5"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": 5.0}, "DECIMAL_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": True}, "TRUE_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": 2**31}, "NUMBER_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": -(10**400)}, "NUMBER_VALUE can not be converted to an Integer"),
        ("ListUsers", {"AttributesToGet": "email"}, "Expected list or null."),
        ("ListUsers", {"AttributesToGet": {}}, MAP_FOUND),
        ("ListUsers", {"AttributesToGet": [1]}, STRING),
        ("SignUp", {"UserAttributes": [[]]}, LIST_FOUND),
        ("SignUp", {"UserAttributes": ["email"]}, "Expected map or null."),
        ("SignUp", {"ClientMetadata": []}, LIST_FOUND),
        ("SignUp", {"ClientMetadata": "a"}, "Expected map or null."),
        ("SignUp", {"ClientMetadata": {"a": 1}}, STRING),
        (
            "AdminSetUserPassword",
            {"Permanent": "true"},
            "STRING_VALUE can not be converted to a Boolean",
        ),
        # The list is too long as well, and would have been quoted.
        ("SetLogDeliveryConfiguration", {"LogConfigurations": [{"LogLevel": 1}] * 3}, STRING),
        ("SetLogDeliveryConfiguration", {"LogConfigurations": [None, None, []]}, LIST_FOUND),
        ("SetUICustomization", {"ImageFile": "not base64!"}, "A blob member is not valid Base64."),
        (
            "SetUICustomization",
            {"ImageFile": 1},
            "NUMBER_VALUE can not be converted to a ByteBuffer",
        ),
    ],
)
def test_a_wrong_json_type_is_refused_before_any_constraint(operation, body, message):
    assert refusal(operation, body) == ("SerializationException", message)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"hello",
        b'{"UserPoolId": "us-east-1_a"} trailing',
        b'{"UserPoolId": NaN}',
        b'{"UserPoolId": "us-east-1_a", "Limit": NaN}',
        b'{"UserPoolId": "us-east-1_a", "Limit": Infinity}',
        b'{"UserPoolId": "us-east-1_a", "Limit": -Infinity}',
        b'{"UserPoolId": "us-east-1_a", "Limit": 1e999}',
        b'{"UserPoolId": "us-east-1_a", "Limit": ' + b"1" * 100_000 + b"}",
        b'{"UserPoolId": "us-east-1_a", "Unknown": NaN}',
        b'{"UserPoolId": "\xff"}',
        b'{"UserPoolId": "us-east-1_a", "Unknown": "\xff"}',
        b'{"UserPoolId": "us-east-1_a", "\xc3\x28": 1}',
        b'{"UserPoolId": "\\ud800"}',
        b'{"UserPoolId": "us-east-1_a", "Filter": "\\ud800 and more"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b" ",
    ],
)
def test_a_body_that_is_not_json_is_refused(body):
    assert refusal("ListUsers", body) == (
        "SerializationException",
        "The request body could not be parsed as JSON.",
    )


@pytest.mark.parametrize(
    "body", [b"[]", b'"text"', b"5", b"null", b"true", b'[{"UserPoolId":"a"}]']
)
def test_a_body_that_is_no_object_is_refused(body):
    assert refusal("ListUsers", body) == (
        "SerializationException",
        "The request body is not a JSON object.",
    )


@pytest.mark.parametrize("key", ["Unknown", "UserPoolId", "AttributesToGet", "Settings"])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_body_that_is_nested_too_deeply_is_refused(key, opening, closing):
    depth = 200_000
    body = b'{"%s": %s1%s}' % (key.encode(), opening * depth, closing * depth)

    for operation in ("ListUsers", "CreateManagedLoginBranding"):
        assert refusal(operation, body) in {
            ("SerializationException", "The request body is nested too deeply."),
            # Where the shape wants something else, that is found before the depth.
            ("SerializationException", MAP_FOUND),
            ("SerializationException", LIST_FOUND),
        }


# --- constraints (specification, A.3) -------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "body", "violation"),
    [
        # Required, and missing or null.
        (
            "DescribeUserPool",
            {},
            "Value null at 'userPoolId' failed to satisfy constraint: Member must not be null",
        ),
        (
            "DescribeUserPool",
            {"UserPoolId": None},
            "Value null at 'userPoolId' failed to satisfy constraint: Member must not be null",
        ),
        # Minimum and maximum length.
        (
            "ForgotPassword",
            {"ClientId": "abc", "Username": ""},
            "Value at 'username' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
        ),
        (
            "CreateGroup",
            {"UserPoolId": POOL, "GroupName": "g", "RoleArn": "arn:a:b:c:1:d"},
            "Value 'arn:a:b:c:1:d' at 'roleArn' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20",
        ),
        (
            "CreateGroup",
            {"UserPoolId": POOL, "GroupName": "g" * 129},
            f"Value '{'g' * 129}' at 'groupName' failed to satisfy constraint: "
            "Member must have length less than or equal to 128",
        ),
        # Pattern, which must match the whole value.
        (
            "DescribeUserPool",
            {"UserPoolId": "us-east-1"},
            "Value 'us-east-1' at 'userPoolId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+",
        ),
        (
            "DescribeUserPool",
            {"UserPoolId": "us-east-1_abc\n"},
            "Value 'us-east-1_abc\n' at 'userPoolId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+",
        ),
        # Enumeration.
        (
            "AdminCreateUser",
            {"UserPoolId": POOL, "Username": "ada", "MessageAction": "NONE"},
            "Value 'NONE' at 'messageAction' failed to satisfy constraint: "
            "Member must satisfy enum value set: [RESEND, SUPPRESS]",
        ),
        # Number.
        (
            "ListUserPools",
            {"MaxResults": 0},
            "Value '0' at 'maxResults' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        (
            "ListUserPools",
            {"MaxResults": 61},
            "Value '61' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 60",
        ),
        # Inside structures and lists.
        (
            "CreateUserPool",
            {"PoolName": "p", "Policies": {"PasswordPolicy": {"MinimumLength": 5}}},
            "Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: "
            "Member must have value greater than or equal to 6",
        ),
        (
            "AdminUpdateUserAttributes",
            {
                "UserPoolId": POOL,
                "Username": "a",
                "UserAttributes": [{"Name": "a"}, {"Value": "b"}],
            },
            "Value null at 'userAttributes.2.member.name' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "AdminUpdateUserAttributes",
            {"UserPoolId": POOL, "Username": "a", "UserAttributes": [None]},
            "Value null at 'userAttributes.1.member' failed to satisfy constraint: "
            "Member must not be null",
        ),
        # A list whose elements are plain names all constraints of the element at once.
        (
            "CreateUserPool",
            {"PoolName": "p", "AliasAttributes": ["email", "sub"]},
            "Value '[email, sub]' at 'aliasAttributes' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must satisfy enum value set: "
            "[phone_number, email, preferred_username]]",
        ),
        (
            "ListUsers",
            {"UserPoolId": POOL, "AttributesToGet": ["email", "a" * 33, None]},
            f"Value '[email, {'a' * 33}, null]' at 'attributesToGet' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must satisfy regular expression pattern: "
            "[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\t\\n\\r ]+, "
            "Member must have length less than or equal to 32, "
            "Member must have length greater than or equal to 1, Member must not be null]",
        ),
        # The number of elements, and of entries.
        (
            "CreateUserPool",
            {"PoolName": "p", "Schema": []},
            "Value '[]' at 'schema' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            "AddCustomAttributes",
            {"UserPoolId": POOL, "CustomAttributes": [{"Name": "a"}] * 26},
            f"Value '[{', '.join(['SchemaAttributeType(name=a)'] * 26)}]' at 'customAttributes' "
            "failed to satisfy constraint: Member must have length less than or equal to 25",
        ),
        # Maps.
        (
            "TagResource",
            {"ResourceArn": f"arn:aws:cognito-idp:us-east-1:1:userpool/{POOL}", "Tags": {"": "x"}},
            "Value '{=x}' at 'tags' failed to satisfy constraint: Map keys must satisfy "
            "constraint: [Member must have length less than or equal to 128, "
            "Member must have length greater than or equal to 1]",
        ),
        (
            "TagResource",
            {
                "ResourceArn": f"arn:aws:cognito-idp:us-east-1:1:userpool/{POOL}",
                "Tags": {"k": "v" * 257, "l": "w"},
            },
            f"Value '{{k={'v' * 257}, l=w}}' at 'tags' failed to satisfy constraint: Map value "
            "must satisfy constraint: [Member must have length less than or equal to 256, "
            "Member must have length greater than or equal to 0]",
        ),
    ],
)
def test_a_broken_constraint_is_worded_as_aws_words_it(operation, body, violation):
    assert violation in violations(operation, body)


def test_all_violations_are_reported_at_once_in_the_order_of_the_model():
    body = {"MaxResults": 100, "NextToken": " "}

    assert violations("ListUserPools", body) == [
        "Value ' ' at 'nextToken' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\S]+",
        "Value '100' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 60",
    ]


def test_one_member_may_break_several_constraints():
    code = {"AccessToken": "a", "FriendlyDeviceName": "d", "UserCode": "Aaaa"}

    # Observed with the value shown; the model has marked the member sensitive since.
    assert violations("VerifySoftwareToken", code) == [
        "Value at 'userCode' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [0-9]+",
        "Value at 'userCode' failed to satisfy constraint: "
        "Member must have length greater than or equal to 6",
    ]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("SignUp", {"ClientId": "se cret", "Username": "se cret", "Password": "se cret"}),
        ("SignUp", {"ClientId": "a", "Username": "a", "SecretHash": "se cret"}),
        ("GetUser", {"AccessToken": "se cret"}),
        ("AdminGetUser", {"UserPoolId": POOL, "Username": "se cret"}),
        ("InitiateAuth", {"AuthFlow": "X", "ClientId": "a", "AuthParameters": {"a": "se cret"}}),
        ("InitiateAuth", {"AuthParameters": {"PASSWORD": None, "SECRET": "se cret"}}),
        ("SignUp", {"UserAttributes": [{"Name": "a b", "Value": "se cret" * 1000}]}),
        ("SignUp", {"UserContextData": {"IpAddress": "se cret" * 1000}}),
        ("RespondToAuthChallenge", {"Session": "se cret"}),
    ],
)
def test_a_sensitive_value_is_never_quoted(operation, body):
    for violation in violations(operation, body):
        assert "se cret" not in violation


def test_a_sensitive_member_that_is_missing_hides_that_too():
    assert violations("AdminGetUser", {"UserPoolId": POOL}) == [
        "Value at 'username' failed to satisfy constraint: Member must not be null"
    ]


def test_entries_of_a_map_of_structures_are_named_by_their_key():
    mapping = {"cognito": {"Type": "Rules"}, "other": {"Type": "Nonsense"}}
    pool_id = "us-east-1:0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e"
    body = {"IdentityPoolId": pool_id, "Roles": {}, "RoleMappings": mapping}

    assert violations("SetIdentityPoolRoles", body, cognito_identity.SERVICE) == [
        "Value 'Nonsense' at 'roleMappings.other.member.type' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Token, Rules]"
    ]


def test_sts_has_another_name_for_the_same_text():
    role = "arn:aws:iam::123456789012:role/r"
    body = {"RoleArn": role, "RoleSessionName": "session", "DurationSeconds": 1}

    assert refusal("AssumeRole", body, sts.SERVICE) == (
        "ValidationError",
        "1 validation error detected: Value '1' at 'durationSeconds' failed to satisfy "
        "constraint: Member must have value greater than or equal to 900",
    )


def test_lengths_count_characters_not_bytes():
    assert read("CreateGroup", {"UserPoolId": POOL, "GroupName": "😀" * 128})
    assert len(violations("CreateGroup", {"UserPoolId": POOL, "GroupName": "😀" * 129})) == 1


# --- a refusal costs little -----------------------------------------------------------------------


def test_a_long_value_is_quoted_in_part():
    (violation,) = violations("CreateUserPool", {"PoolName": "x" * 1_000_000})

    assert violation == (
        f"Value '{'x' * 1000}' at 'poolName' failed to satisfy constraint: "
        "Member must have length less than or equal to 128"
    )


def test_a_long_list_is_quoted_in_part():
    body = {"UserPoolId": POOL, "AttributesToGet": ["é" * 33] * 9_000}

    (violation,) = violations("ListUsers", body)

    assert len(violation) < 1_500


def test_only_so_many_violations_are_listed():
    body = {"UserPoolId": POOL, "Username": "a", "UserAttributes": [{}] * 300_000}

    assert len(violations("AdminUpdateUserAttributes", body)) == MAX_VIOLATIONS == 100


def test_only_so_many_values_are_looked_at():
    attributes = [{"Name": "a"}] * MAX_VALUES + [{}]
    body = {"UserPoolId": POOL, "Username": "a", "UserAttributes": attributes}

    assert violations("AdminUpdateUserAttributes", body) == [
        "The values after the first 10000 were not examined"
    ]


def test_a_valid_request_of_a_megabyte_is_read():
    attributes = [{"Name": f"custom:{number}", "Value": "v" * 1000} for number in range(1000)]
    body = {"UserPoolId": POOL, "Username": "ada", "UserAttributes": attributes}

    assert len(read("AdminUpdateUserAttributes", body).user_attributes) == 1000


# --- both ways of reading agree -------------------------------------------------------------------

MODELS = {
    service.name: json.loads(
        (WIRE / f"{service.name.replace('-', '_')}_model.json").read_text(encoding="utf-8")
    )
    for service in SERVICES
}
CASES = [(service, name) for service in SERVICES for name in sorted(service.operations)]
TEXTS = st.sampled_from(
    [
        "",
        "a",
        "A1",
        "123456",
        "a b",
        " ",
        "é中😀",
        "a\n",
        "\u200b",
        POOL,
        "us-east-1:0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e",
        "us-east-1_0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e",
        "0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e",
        "arn:aws:iam::123456789012:role/somebody",
        "arn:aws:s3:::bucket",
        "ada@example.com",
        "code {####}",
        "{##link##}",
        "Level1",
        "terms-of-use",
        "authenticated",
        "AAEC",
        "AAE=",
        "AAE",
        "x" * 32,
        "x" * 129,
        "x" * 3000,
    ]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def values(shapes, name):
    """Values of a shape: most of them right or nearly so, some of another type altogether."""
    shape = shapes[name]
    low, high = shape.get("min", 0), shape.get("max", 3)
    right: st.SearchStrategy[Any]
    match shape["type"]:
        case "structure":
            members = {key: values(shapes, of) for key, of in shape["members"].items()}
            required = {key: members.pop(key) for key in shape.get("required", [])}
            # Now and then a required member is left out.
            right = st.fixed_dictionaries(required, optional=members)
            right |= st.fixed_dictionaries({}, optional=members | required)
        case "list":
            element = values(shapes, shape["member"])
            right = st.lists(element, min_size=min(low, 3), max_size=min(high + 1, 4))
        case "map":
            keys = values(shapes, shape["key"]).filter(lambda key: isinstance(key, str))
            right = st.dictionaries(keys, values(shapes, shape["value"]), max_size=3)
        case "string":
            right = TEXTS | st.sampled_from(shape.get("enum", [POOL])) | st.just("x" * low)
            right |= st.just("x" * min(high, 4000))
        case "blob":
            right = TEXTS
        case "integer" | "long":
            right = st.sampled_from([low, high, low - 1, high + 1, 2**31, 2**63, -(2**31) - 1, 1.0])
        case "boolean":
            right = st.booleans()
        case _:
            right = ANYTHING
    # One in sixteen: enough to meet each kind, few enough for whole requests to be right.
    return st.integers(0, 15).flatmap(lambda roll: ANYTHING if roll == 0 else right)


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_request_is_accepted_exactly_when_no_violation_is_found(data):
    service, name = data.draw(st.sampled_from(CASES))
    model = MODELS[service.name]
    operation = service.operations[name]
    value = data.draw(values(model["shapes"], model["requests"][name]))
    body = json.dumps(value).encode()

    agree(service, operation, body)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=30) | ANYTHING.map(lambda value: json.dumps(value).encode()))
@example(b"")
def test_any_bytes_are_either_read_or_refused(body):
    agree(cognito_idp.SERVICE, cognito_idp.SERVICE.operations["ListUsers"], body)


def agree(service, operation, body):
    """What msgspec accepts has no violation; what it refuses has one, and a text that says so."""
    fast = accepted(service, operation, body)
    found = explained(service, operation, body)

    assert (fast is None) == bool(found)
    if fast is not None:
        assert decode_request(service, operation, body) == fast
        return
    with pytest.raises(InvalidRequest) as refused:
        decode_request(service, operation, body)
    for text in found:
        assert text in refused.value.message


def accepted(service, operation, body):
    """The struct msgspec reads at once, or None."""
    try:
        return msgspec.json.decode(body or b"{}", type=operation.request)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def explained(service, operation, body):
    """The violations the model walk finds by itself, whatever msgspec's typed reading said."""
    try:
        parsed = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [NOT_JSON]
    if not isinstance(parsed, dict):
        return [NOT_AN_OBJECT]
    model = _service_model(service.name)
    try:
        return find_violations(model, model.requests[operation.name], parsed)
    except WrongType as wrong:
        return [str(wrong)]
