"""IAM policies: what they allow, what they deny, and which documents are refused."""

import json
import re
from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognate.protocol.iam import Decision, MalformedPolicy, Policy, evaluate
from cognate.protocol.iam_patterns import Pattern

ALLOW, IMPLICIT, EXPLICIT = Decision.ALLOW, Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY
METHOD = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/users/7"


def policy(*statements: dict, version: str = "2012-10-17") -> Policy:
    return Policy.parse(json.dumps({"Version": version, "Statement": list(statements)}))


def statement(effect: str = "Allow", **elements: object) -> dict:
    named = {"Action": "execute-api:Invoke", "Resource": "*", **elements}
    return {"Effect": effect, **{k: v for k, v in named.items() if v is not None}}


def decide(
    *policies: Policy,
    action: str = "execute-api:Invoke",
    resource: str = METHOD,
    context: dict | None = None,
    principals: frozenset = frozenset(),
) -> Decision:
    return evaluate(policies, action, resource, context or {}, principals=principals)


def holds(condition: dict, context: dict) -> bool:
    return decide(policy(statement(Condition=condition)), context=context) is ALLOW


# --- effect --------------------------------------------------------------------------------------


def test_what_no_statement_names_is_denied_implicitly():
    assert decide() is IMPLICIT
    assert decide(policy(statement(Action="s3:GetObject"))) is IMPLICIT


def test_one_deny_outweighs_every_allow_wherever_it_stands():
    allow, deny = statement(), statement("Deny", Resource="arn:aws:execute-api:*:*:*/GET/*")

    assert decide(policy(allow)) is ALLOW
    assert decide(policy(allow, deny)) is EXPLICIT
    assert decide(policy(deny, allow)) is EXPLICIT
    assert decide(policy(deny), policy(allow)) is EXPLICIT
    assert decide(policy(allow, deny), resource=METHOD.replace("GET", "PUT")) is ALLOW


def test_a_statement_may_stand_without_a_list_and_the_document_be_read_already():
    document = {"Version": "2012-10-17", "Statement": statement()}

    assert decide(Policy.parse(document)) is ALLOW
    assert decide(Policy.parse(json.dumps(document).encode())) is ALLOW


def test_the_policy_of_a_lambda_authorizer_reads():
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "execute-api:Invoke",
                "Effect": "Allow",
                "Resource": ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/*"],
            }
        ],
    }

    assert decide(Policy.parse(document)) is ALLOW
    assert decide(Policy.parse(document), resource=METHOD.replace("/dev/", "/prod/")) is IMPLICIT


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "action", "covered"),
    [
        ("*", "s3:GetObject", True),
        ("s3:*", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:Get*", "S3:GETOBJECT", True),
        ("s3:*Object", "s3:GetObject", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:?GetObject", "s3:GetObject", False),
        ("s3:Get", "s3:GetObject", False),
        ("s3:*Objects", "s3:GetObject", False),
        ("cognito-idp:*", "cognito-identity:GetId", False),
        ("s3:G.*", "s3:GetObject", False),
    ],
)
def test_an_action_is_named_with_wildcards_in_any_case(pattern, action, covered):
    named = policy(statement(Action=["iam:PassRole", pattern]))
    excepted = policy(statement(Action=None, NotAction=["iam:PassRole", pattern]))

    assert decide(named, action=action) is (ALLOW if covered else IMPLICIT)
    assert decide(excepted, action=action) is (IMPLICIT if covered else ALLOW)


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        (METHOD, True),
        ("*", True),
        ("arn:aws:execute-api:*", True),
        ("arn:aws:execute-api:us-east-1:*:abcdef123/*/GET/users/?", True),
        ("arn:aws:execute-api:us-east-1:*:abcdef123/*/GET/users/??", False),
        ("arn:aws:execute-api:us-east-1:*:abcdef123/*/get/users/7", False),
        ("arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/users", False),
    ],
)
def test_a_resource_is_named_with_wildcards_in_its_own_case(pattern, covered):
    named = policy(statement(Resource=[pattern]))
    excepted = policy(statement(Resource=None, NotResource=[pattern]))

    assert decide(named) is (ALLOW if covered else IMPLICIT)
    assert decide(excepted) is (IMPLICIT if covered else ALLOW)


@given(pattern=st.text("ab*?", max_size=10), text=st.text("ab*?", max_size=12))
def test_wildcards_mean_what_the_plain_definition_says(pattern, text):
    plain = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)

    found = Pattern.of(pattern, variables=False).matches(text, {})

    assert found is (re.fullmatch(plain, text, re.DOTALL) is not None)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 200 + "*b", "a" * 65_536),
        ("*a?a" * 100 + "b*", "a" * 65_536),
        ("*" + "a" * 100 + "?b*", "a" * 65_536),
        ("*" * 10_000 + "b", "a" * 65_536),
        ("?" * 4_096 + "*b", "a" * 65_536),
        ("*" + "ab" * 64 + "?c*", "ab" * 32_768),
    ],
)
def test_no_pattern_is_slow_on_any_text(pattern, text):
    """Threats S21. The bound is generous: a backtracking matcher would need hours."""
    compiled = Pattern.of(pattern, variables=False)
    fastest = min(_seconds(compiled, text) for _ in range(5))

    assert compiled.matches(text, {}) is False
    assert fastest < 0.05


def _seconds(pattern: Pattern, text: str) -> float:
    start = perf_counter()
    pattern.matches(text, {})
    return perf_counter() - start


# --- variables -----------------------------------------------------------------------------------

SUB = "${cognito-identity.amazonaws.com:sub}"
BUCKET = f"arn:aws:s3:::bucket/{SUB}/*"


def own_folder(version: str = "2012-10-17") -> Policy:
    return policy(statement(Action="s3:*", Resource=BUCKET), version=version)


def test_a_variable_stands_for_the_caller_s_value():
    context = {"Cognito-Identity.amazonaws.com:SUB": "us-east-1:1234"}

    for path, decision in [("us-east-1:1234/x", ALLOW), ("us-east-1:9/x", IMPLICIT)]:
        resource = f"arn:aws:s3:::bucket/{path}"
        assert decide(own_folder(), action="s3:Get", resource=resource, context=context) is decision


@pytest.mark.parametrize("sub", ["*", "?????????????", "us-east-1*"])
def test_wildcards_in_a_caller_s_value_are_plain_characters(sub):
    context = {"cognito-identity.amazonaws.com:sub": sub}
    other, own = "arn:aws:s3:::bucket/us-east-1:123/x", f"arn:aws:s3:::bucket/{sub}/x"

    assert decide(own_folder(), action="s3:Get", resource=other, context=context) is IMPLICIT
    assert decide(own_folder(), action="s3:Get", resource=own, context=context) is ALLOW


@pytest.mark.parametrize("context", [{}, {"cognito-identity.amazonaws.com:sub": ["a", "b"]}])
def test_a_statement_with_a_variable_that_has_no_one_value_does_not_apply(context):
    excepted = policy(statement(Action="s3:*", Resource=None, NotResource=[BUCKET]))
    call: dict = {"action": "s3:Get", "resource": "arn:aws:s3:::bucket//x", "context": context}

    assert decide(own_folder(), **call) is IMPLICIT
    assert decide(excepted, **call) is IMPLICIT


def test_a_variable_may_have_a_default():
    folder = policy(
        statement(Action="s3:*", Resource="arn:aws:s3:::${aws:PrincipalTag/team, 'all*'}/*")
    )
    call: dict = {"action": "s3:Get", "resource": "arn:aws:s3:::all*/x"}

    assert decide(folder, **call) is ALLOW
    assert decide(folder, **call, context={"aws:PrincipalTag/team": "red"}) is IMPLICIT
    assert decide(folder, action="s3:Get", resource="arn:aws:s3:::alles/x") is IMPLICIT


def test_the_special_characters_can_be_meant_literally():
    literal = policy(statement(Resource="a${*}b${?}c${$}{x}"))

    assert decide(literal, resource="a*b?c${x}") is ALLOW
    assert decide(literal, resource="axbyc${x}") is IMPLICIT


def test_the_older_version_knows_no_variables():
    context = {"cognito-identity.amazonaws.com:sub": "me"}
    call: dict = {"action": "s3:Get", "context": context}

    for version in ("2008-10-17", None):
        document = {"Version": version, "Statement": statement(Action="s3:*", Resource=BUCKET)}
        old = Policy.parse({k: v for k, v in document.items() if v is not None})
        assert decide(old, resource="arn:aws:s3:::bucket/me/x", **call) is IMPLICIT
        assert decide(old, resource=f"arn:aws:s3:::bucket/{SUB}/x", **call) is ALLOW


def test_conditions_know_variables_too():
    owns = {"StringEquals": {"dynamodb:LeadingKeys": [SUB, "shared"]}}
    context = {"cognito-identity.amazonaws.com:sub": "me"}

    assert holds(owns, {**context, "dynamodb:LeadingKeys": "me"})
    assert holds(owns, {**context, "dynamodb:LeadingKeys": "shared"})
    assert not holds(owns, {**context, "dynamodb:LeadingKeys": "you"})
    assert not holds(owns, {"dynamodb:LeadingKeys": SUB})


# --- conditions ----------------------------------------------------------------------------------

ARN = "arn:aws:sns:us-east-1:123456789012:topic:a"


@pytest.mark.parametrize(
    ("operator", "expected", "good", "bad"),
    [
        ("StringEquals", "a*", ["a*"], ["ab", "A*", ""]),
        ("StringEquals", ["a", "b"], ["a", "b"], ["c", "a,b"]),
        ("StringNotEquals", ["a", "b"], ["c", "A"], ["a", "b"]),
        ("StringEqualsIgnoreCase", "Ada", ["ada", "ADA"], ["adam"]),
        ("StringNotEqualsIgnoreCase", "Ada", ["adam"], ["ada", "ADA"]),
        ("StringLike", "a*z?", ["azz", "abczy"], ["az", "Azz"]),
        ("StringNotLike", "a*z?", ["az", "Azz"], ["azz", "abczy"]),
        ("NumericEquals", 10, ["10", "10.0", "+10"], ["11", "ten", "1e1", ""]),
        ("NumericNotEquals", "10", ["11", "9.99"], ["10", "10.00"]),
        ("NumericLessThan", "10", ["9", "-3", "9.999"], ["10", "11", "x"]),
        ("NumericLessThanEquals", "10", ["9", "10"], ["10.01"]),
        ("NumericGreaterThan", 1.5, ["1.51", "2"], ["1.5", "1"]),
        ("NumericGreaterThanEquals", "1.5", ["1.5", "2"], ["1.49"]),
        ("DateEquals", "2023-01-01T00:00:00Z", ["2023-01-01", "1672531200"], ["2023-01-02"]),
        ("DateNotEquals", "2023-01-01T00:00:00Z", ["2023-01-02"], ["2023-01-01T01:00:00+01:00"]),
        ("DateLessThan", "2023-01-01T00:00:00Z", ["2022-12-31T23:59:59Z"], ["2023-01-01", "x"]),
        ("DateLessThanEquals", "2023-01-01T00:00:00Z", ["2023-01-01"], ["2023-01-01T00:00:01Z"]),
        ("DateGreaterThan", "1672531200", ["2023-01-01T00:00:01Z"], ["2023-01-01T00:00:00Z"]),
        ("DateGreaterThanEquals", "2023-01-01", ["2023-01-01T00:00:00Z"], ["2022-12-31", "9" * 12]),
        ("Bool", True, ["true", "True"], ["false", "1", ""]),
        ("Bool", "false", ["false"], ["true"]),
        ("BinaryEquals", "QmluYXJ5", ["QmluYXJ5"], ["QmluYXJ6", "!"]),
        ("IpAddress", "203.0.113.0/24", ["203.0.113.7"], ["203.0.114.1", "::1", "x", ""]),
        ("IpAddress", ["10.0.0.1", "2001:db8::/32"], ["10.0.0.1", "2001:db8::9"], ["10.0.0.2"]),
        ("NotIpAddress", "203.0.113.7/24", ["203.0.114.1"], ["203.0.113.200"]),
        ("ArnEquals", "arn:aws:sns:*:*:topic:?", [ARN], [ARN + "b", "arn:aws:sns:topic:a", "x"]),
        ("ArnLike", "arn:aws:sns:us-*:123456789012:*", [ARN], [ARN.replace("us-", "eu-")]),
        ("ArnLike", "arn:aws:sns:*:topic:a", [], [ARN]),
        ("ArnLike", "*", [ARN], []),
        ("ArnNotEquals", "arn:aws:sns:*:*:topic:a", [ARN + "b"], [ARN]),
        ("ArnNotLike", "arn:aws:sns:*:*:topic:*", [ARN.replace("topic", "t")], [ARN]),
    ],
)
def test_an_operator_compares_as_the_reference_says(operator, expected, good, bad):
    condition = {operator: {"Some:Key": expected}}

    for value in good:
        assert holds(condition, {"some:key": value}), value
    for value in bad:
        assert not holds(condition, {"some:key": value}), value


def test_all_operators_and_all_keys_must_hold():
    condition = {"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}}
    context = {"a": "1", "b": "2", "c": "true"}

    assert holds(condition, context)
    for key in context:
        assert not holds(condition, {**context, key: "x"})


@pytest.mark.parametrize(
    ("operator", "met"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ArnNotLike", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
    ],
)
def test_a_key_that_is_absent_is_judged_by_the_operator(operator, met):
    assert holds({operator: {"key": "value"}}, {}) is met
    assert holds({operator: {"key": "value"}}, {"key": []}) is met


@pytest.mark.parametrize(
    ("operator", "values", "met"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["c", "d"], False),
        ("ForAllValues:StringNotEquals", ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "c"], False),
        ("ForAnyValue:StringNotEquals", ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAnyValue:StringLike", ["xa", "a"], True),
        ("StringEquals", ["a", "c"], True),
        ("StringNotEquals", ["a", "c"], False),
        ("StringNotEquals", ["c", "d"], True),
        ("ForAnyValue:StringEqualsIfExists", ["c"], False),
        ("StringEqualsIfExists", "c", False),
        ("StringEqualsIfExists", "a", True),
    ],
)
def test_a_key_of_several_values_is_judged_by_the_quantifier(operator, values, met):
    assert holds({operator: {"key": ["a", "b"]}}, {"key": values}) is met


@pytest.mark.parametrize(
    ("expected", "present", "absent"),
    [("true", False, True), (False, True, False), (["true", "false"], True, True)],
)
def test_null_asks_whether_a_key_is_absent(expected, present, absent):
    assert holds({"Null": {"key": expected}}, {"key": "x"}) is present
    assert holds({"Null": {"key": expected}}, {}) is absent


def test_a_deny_with_a_condition_denies_only_where_it_holds():
    both = policy(
        statement(),
        statement("Deny", Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    )

    assert decide(both, context={"aws:SourceIp": "203.0.113.9"}) is ALLOW
    assert decide(both, context={"aws:SourceIp": "198.51.100.1"}) is EXPLICIT
    assert decide(both) is EXPLICIT


def test_dates_far_away_are_dates_too():
    condition = {"DateLessThan": {"aws:CurrentTime": "9999-12-31T23:59:59Z"}}

    assert holds(condition, {"aws:CurrentTime": "2999-01-01T00:00:00Z"})
    assert not holds(condition, {"aws:CurrentTime": "9" * 12})


# --- principals ----------------------------------------------------------------------------------

COGNITO = ("Federated", "cognito-identity.amazonaws.com")


def trust(principal: object) -> Policy:
    return policy(
        statement(Principal=principal, Action="sts:AssumeRoleWithWebIdentity", Resource=None)
    )


@pytest.mark.parametrize(
    ("principal", "trusted"),
    [
        ({"Federated": COGNITO[1]}, True),
        ({"Federated": ["accounts.google.com", COGNITO[1]]}, True),
        ({"Federated": "*"}, True),
        ("*", True),
        ({"AWS": "*"}, True),
        ({"Service": COGNITO[1]}, False),
        ({"Federated": "accounts.google.com"}, False),
        ({"Federated": "cognito-*"}, False),
    ],
)
def test_a_trust_policy_names_who_may(principal, trusted):
    found = decide(
        trust(principal),
        action="sts:AssumeRoleWithWebIdentity",
        principals=frozenset({COGNITO, ("AWS", "123456789012")}),
    )

    assert found is (ALLOW if trusted else IMPLICIT)


def test_a_statement_with_a_principal_concerns_nobody_unnamed():
    action = "sts:AssumeRoleWithWebIdentity"

    assert decide(trust({"Federated": "*"}), action=action) is IMPLICIT
    assert decide(trust("*"), action=action) is ALLOW


# --- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("", "a policy is a JSON document"),
        ("{", "a policy is a JSON document"),
        (b"\xff\xfe", "a policy is a JSON document"),
        ("[" * 100_000, "a policy is a JSON document"),
        ("[]", "a policy is a JSON object"),
        ("null", "a policy is a JSON object"),
        ('{"Version":"2012-10-17","Version":"2008-10-17"}', "an element stands twice"),
        ({}, "a policy has a Statement"),
        ({"Statement": []}, "a policy has a Statement"),
        ({"Statement": None}, "a policy has a Statement"),
        ({"Statement": "x"}, "a statement is an object"),
        ({"Statement": [[]]}, "a statement is an object"),
        ({"Statement": statement(), "statement": 1}, "a policy has no element 'statement'"),
        ({"Statement": {}, "Version": "2020-01-01"}, "Version is one of 2008-10-17, 2012-10-17"),
        ({"Statement": {}, "Version": ["2012-10-17"]}, "Version is one of 2008-10-17, 2012-10-17"),
    ],
)
def test_what_is_not_a_policy_is_refused(document, text):
    with pytest.raises(MalformedPolicy, match=f"^{re.escape(text)}$"):
        Policy.parse(document)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"Effect": "allow"}, "Effect is Allow or Deny"),
        ({"Effect": None}, "Effect is Allow or Deny"),
        ({"NotPrincipal": "*"}, "a statement has no element 'NotPrincipal'"),
        ({"Actions": "*"}, "a statement has no element 'Actions'"),
        ({"NotAction": "*"}, "a statement has Action or NotAction, not both"),
        ({"NotResource": "*"}, "a statement has Resource or NotResource, not both"),
        ({"Action": []}, "Action is a text or a list of texts"),
        ({"Action": ""}, "Action is a text or a list of texts"),
        ({"Action": {"a": 1}}, "Action is a text or a list of texts"),
        ({"Action": "Invoke"}, "an action is * or a service, a colon and a name"),
        ({"Resource": [1]}, "Resource is a text or a list of texts"),
        ({"Resource": "a${b"}, "a policy variable is not closed"),
        ({"Resource": "a${}"}, "a policy variable is a key, or a key and a 'default'"),
        ({"Resource": "${a, b}"}, "a policy variable is a key, or a key and a 'default'"),
        ({"Resource": "${a, '}"}, "a policy variable is a key, or a key and a 'default'"),
        ({"Principal": "me"}, "Principal is * or an object"),
        ({"Principal": {}}, "Principal is * or an object"),
        ({"Principal": {"User": "me"}}, "Principal has no element 'User'"),
        ({"Principal": {"AWS": 5}}, "Principal.AWS is a text or a list of texts"),
        ({"Condition": []}, "Condition is an object"),
        ({"Condition": {"Bool": "true"}}, "Condition.Bool is an object of keys and values"),
        ({"Condition": {"Bool": {"k": []}}}, "a condition has a value"),
        ({"Condition": {"Bool": {"k": "yes"}}}, "not a boolean: 'yes'"),
        ({"Condition": {"Null": {"k": "yes"}}}, "Null is true or false"),
        ({"Condition": {"NumericEquals": {"k": "ten"}}}, "not a number: 'ten'"),
        ({"Condition": {"DateEquals": {"k": "soon"}}}, "not a date: 'soon'"),
        ({"Condition": {"BinaryEquals": {"k": "!"}}}, "not a Base64 value: '!'"),
        ({"Condition": {"IpAddress": {"k": "1.1.1"}}}, "not an IP address or range: '1.1.1'"),
        (
            {"Condition": {"StringEquals": {"k": None}}},
            "a condition's value is a text, a number or a boolean",
        ),
    ],
)
def test_a_malformed_statement_is_refused(change, text):
    with pytest.raises(MalformedPolicy, match=f"^{re.escape(text)}$"):
        policy({**statement(), **change})


@pytest.mark.parametrize("missing", ["Effect", "Action", "Resource"])
def test_a_statement_has_effect_action_and_resource(missing):
    kept = {k: v for k, v in statement().items() if k != missing}

    with pytest.raises(MalformedPolicy, match=missing):
        policy(kept)


@pytest.mark.parametrize(
    "operator",
    [
        "",
        "stringEquals",
        "StringMatches",
        "StringEqualsIfExistsIfExists",
        ":StringEquals",
        "ForSomeValues:StringEquals",
        "ForAnyValue:",
        "ForAnyValue:Null",
        "NullIfExists",
        "ForAnyValue:ForAllValues:StringEquals",
        "IfExists",
    ],
)
def test_an_unknown_operator_is_refused_not_passed_over(operator):
    with pytest.raises(MalformedPolicy, match=f"^not a condition operator: {operator!r}$"):
        policy(statement(Condition={operator: {"k": "true"}}))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just("Allow"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["Version", "Statement", "Effect", "Action", "Resource", "Condition"]
                )
                | st.text(max_size=4),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_other_json_is_refused_in_words(document):
    with suppress(MalformedPolicy):  # and no other error, whatever stands where
        assert Policy.parse(json.dumps(document)).statements
