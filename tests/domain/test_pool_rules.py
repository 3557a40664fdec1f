"""Rules between a pool's settings, each alone; and what its tier includes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cognate.domain.attributes import AttributeDefinition, schema_of
from cognate.domain.ids import PoolId
from cognate.domain.pools import (
    CHECKS,
    MfaSettings,
    Pool,
    RecoveryOption,
    acr_values_are_distinct,
    check_mfa_has_a_method,
    check_settings,
    email_mfa_can_be_sent,
    first_factors_fit,
    pending_attributes_are_verified,
    recovery_is_unambiguous,
)
from cognate.domain.tiers import FEATURES, TIERS, check_tier, includes
from cognate.errors import (
    FeatureUnavailableInTierException,
    InvalidParameterException,
    TierChangeNotAllowedException,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
POOL = Pool(
    pool_id=PoolId("us-east-1_aaaaaaaaa"),
    name="p",
    region="us-east-1",
    account_id="000000000000",
    created_at=NOW,
    modified_at=NOW,
    data_key_id="",
    signing_keys=(),
)


def test_a_pool_of_defaults_keeps_every_rule_in_every_tier():
    check_settings(POOL)
    check_mfa_has_a_method(POOL)
    for tier in TIERS:
        check_tier(replace(POOL, tier=tier))


def test_every_rule_is_checked_once():
    assert len(set(CHECKS)) == len(CHECKS)


@pytest.mark.parametrize("method", ["sms_enabled", "software_token_enabled", "email_enabled"])
@pytest.mark.parametrize("mode", ["ON", "OPTIONAL"])
def test_any_method_is_enough_for_mfa(mode, method):
    settings: dict[str, Any] = {"mode": mode, method: True}
    check_mfa_has_a_method(replace(POOL, mfa=MfaSettings(**settings)))

    settings[method] = False
    with pytest.raises(InvalidParameterException):
        check_mfa_has_a_method(replace(POOL, mfa=MfaSettings(**settings)))


def test_pending_attributes_may_be_fewer_than_the_verified_ones():
    pending_attributes_are_verified(
        replace(POOL, auto_verified=("email", "phone_number"), verify_before_update=("email",))
    )


@pytest.mark.parametrize(
    "names",
    [("admin_only",), ("verified_email",), ("verified_phone_number", "verified_email")],
)
def test_recovery_that_is_clear(names):
    recovery = tuple(RecoveryOption(name=name, priority=i + 1) for i, name in enumerate(names))

    recovery_is_unambiguous(replace(POOL, recovery=recovery))


@pytest.mark.parametrize("mode", ["OFF", "OPTIONAL"])
def test_codes_come_first_where_mfa_is_not_required(mode):
    pool = replace(POOL, first_factors=("PASSWORD", "SMS_OTP"), mfa=MfaSettings(mode=mode))

    first_factors_fit(pool)


def test_passkeys_come_first_beside_required_mfa():
    pool = replace(POOL, first_factors=("PASSWORD", "WEB_AUTHN"), mfa=MfaSettings(mode="ON"))

    first_factors_fit(pool)


def test_mfa_by_e_mail_with_a_second_way_to_recover():
    pool = replace(
        POOL,
        mfa=MfaSettings(mode="ON", email_enabled=True),
        echoed={"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:x"}},
        recovery=(
            RecoveryOption(name="verified_email", priority=1),
            RecoveryOption(name="verified_phone_number", priority=2),
        ),
    )

    email_mfa_can_be_sent(pool)


def test_levels_may_exchange_their_names():
    names = {"Level1": "urn:cognito:loa:2", "Level2": "urn:cognito:loa:1"}

    acr_values_are_distinct(replace(POOL, given_acr_values=names))


@pytest.mark.parametrize(
    ("tier", "lacks"), [("LITE", ["ESSENTIALS", "PLUS"]), ("ESSENTIALS", ["PLUS"]), ("PLUS", [])]
)
def test_a_tier_includes_the_lower_ones(tier, lacks):
    assert [other for other in TIERS if not includes(tier, other)] == lacks


def test_a_feature_that_holds_no_tier_is_only_unavailable_in_it():
    pool = replace(POOL, tier="LITE", first_factors=("PASSWORD", "WEB_AUTHN"))

    with pytest.raises(FeatureUnavailableInTierException):
        check_tier(pool, previous="PLUS")


def test_a_feature_that_holds_the_tier_is_only_unavailable_where_none_is_lowered():
    pool = replace(POOL, tier="LITE", echoed={"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}})

    for previous in (None, "LITE"):
        with pytest.raises(FeatureUnavailableInTierException):
            check_tier(pool, previous=previous)
    for previous in ("ESSENTIALS", "PLUS"):
        with pytest.raises(TierChangeNotAllowedException):
            check_tier(pool, previous=previous)


def test_no_feature_belongs_to_the_lowest_tier():
    assert {feature.tier for feature in FEATURES} == {"ESSENTIALS", "PLUS"}


# --- the schema ----------------------------------------------------------------------------------


def test_a_developer_s_attribute_does_not_take_the_users_name():
    schema = schema_of(
        [AttributeDefinition(name="x"), AttributeDefinition(name="x", developer_only=True)]
    )

    assert [attribute.name for attribute in schema[-2:]] == ["custom:x", "dev:custom:x"]


def test_equal_bounds_leave_one_length():
    (*_, attribute) = schema_of([AttributeDefinition(name="x", minimum="3", maximum="3")])

    assert attribute.fault("abc") is None
    assert attribute.fault("ab") == "String value is too short. Minimum length is 3."
    assert attribute.fault("abcd") == "String value is too long. Maximum length is 3."


@pytest.mark.parametrize("bound", ["", " 1", "1 ", "+1", "1.5", "0x1", "1e3", "٣", "9" * 10, "1\n"])
def test_a_length_is_written_in_plain_digits(bound):
    with pytest.raises(InvalidParameterException) as refusal:
        schema_of([AttributeDefinition(name="x", minimum=bound)])

    assert refusal.value.message == "user.custom:x: Attribute constraints must be numbers."


@pytest.mark.parametrize("bound", ["NaN", "Infinity", "1e9", "1_000", ".5", "--1", "1" * 65])
def test_a_value_is_written_as_a_plain_decimal(bound):
    with pytest.raises(InvalidParameterException):
        schema_of([AttributeDefinition(name="x", data_type="Number", maximum=bound)])
