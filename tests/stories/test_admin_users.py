"""Accounts as administrators make, invite, stop, reset and delete them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from botocore.exceptions import ClientError

from cognate.domain.passwords import PasswordPolicy
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
ANOTHER_PASSWORD = "Another-horse2!"
WITH_SMS = {
    "MfaConfiguration": "OPTIONAL",
    "AutoVerifiedAttributes": ["phone_number"],
    "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"},
}


@pytest.fixture
def sign_in(cognito):
    """`sign_in(user, username=…, password=…)` → the answer of USER_PASSWORD_AUTH."""

    def begin(client_id, username, password):
        return cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    return begin


def attributes(user):
    return {a["Name"]: a["Value"] for a in user.get("UserAttributes") or user["Attributes"]}


def named(**values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


# --- creating ------------------------------------------------------------------------------------


def test_a_created_user_waits_for_a_first_password(cognito, a_pool, clock):
    pool = a_pool()

    user = cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        UserAttributes=named(email="ada@example.com", name="Ada"),
    )["User"]

    assert user["Username"] == "ada"
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert user["Enabled"] is True
    assert user["UserCreateDate"] == user["UserLastModifiedDate"] == clock.now()
    assert user["Attributes"][0]["Name"] == "sub"
    assert {"email": "ada@example.com", "name": "Ada"}.items() <= attributes(user).items()
    assert "MFAOptions" not in user
    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert stored["Username"] == "ada"
    assert stored["UserAttributes"] == user["Attributes"]
    assert "UserMFASettingList" not in stored
    assert "PreferredMfaSetting" not in stored


def test_the_temporary_password_leads_to_a_new_one(cognito, a_pool, a_client, sign_in):
    pool = a_pool()
    client = a_client(pool)["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ada", TemporaryPassword="Temp0rary!")

    begun = sign_in(client, "ada", "Temp0rary!")
    done = cognito.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName=begun["ChallengeName"],
        Session=begun["Session"],
        ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": ANOTHER_PASSWORD},
    )

    assert begun["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AccessToken" in done["AuthenticationResult"]
    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert stored["UserStatus"] == "CONFIRMED"


def test_a_temporary_password_is_good_for_as_many_days_as_the_policy_says(
    cognito, a_pool, a_client, sign_in, clock
):
    pool = a_pool(Policies={"PasswordPolicy": {"TemporaryPasswordValidityDays": 2}})
    client = a_client(pool)["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ada", TemporaryPassword="Temp0rary!")

    clock.advance(timedelta(days=2) - timedelta(seconds=1))
    in_time = sign_in(client, "ada", "Temp0rary!")
    clock.advance(timedelta(seconds=1))

    assert in_time["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with refused(
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
    ):
        sign_in(client, "ada", "Temp0rary!")


def test_a_generated_password_fits_the_policy_and_comes_with_the_invitation(
    cognito, a_pool, a_client, sign_in, inbox
):
    pool = a_pool(Policies={"PasswordPolicy": {"MinimumLength": 20, "RequireSymbols": True}})
    client = a_client(pool)["ClientId"]

    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=named(email="ada@example.com"),
    )

    (message,) = inbox("ada@example.com")
    assert message.subject == "Your temporary password"
    assert message.body == f"Your username is ada and temporary password is {message.code}. "
    assert PasswordPolicy(minimum_length=20).broken_rule(message.code) is None
    assert sign_in(client, "ada", message.code)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_the_invitation_is_written_as_the_pool_wants_it(cognito, a_pool, inbox):
    pool = a_pool(
        AdminCreateUserConfig={
            "InviteMessageTemplate": {
                "EmailMessage": "Dear {username}, try {####}.",
                "EmailSubject": "Come in",
                "SMSMessage": "{username} {####}",
            }
        }
    )

    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        DesiredDeliveryMediums=["EMAIL", "SMS"],
        UserAttributes=named(email="ada@example.com", phone_number="+15550100"),
    )

    (mail,), (sms,) = inbox("ada@example.com"), inbox("+15550100")
    assert (mail.channel, mail.subject) == ("email", "Come in")
    assert mail.body == "Dear ada, try Temp0rary!."
    assert (sms.channel, sms.subject, sms.body) == ("sms", None, "ada Temp0rary!")


def test_without_a_medium_the_invitation_goes_by_sms(cognito, a_pool, inbox):
    pool = a_pool()

    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        UserAttributes=named(email="ada@example.com", phone_number="+15550100"),
    )

    assert len(inbox("+15550100")) == 1
    assert inbox("ada@example.com") == []


def test_a_suppressed_invitation_is_not_sent(cognito, a_pool, inbox):
    pool = a_pool()

    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        MessageAction="SUPPRESS",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=named(email="ada@example.com"),
    )

    assert inbox("ada@example.com") == []


def test_inviting_again_gives_a_new_password_and_new_time(
    cognito, a_pool, a_client, sign_in, inbox, clock
):
    pool = a_pool()
    client = a_client(pool)["ClientId"]
    again = {"UserPoolId": pool, "Username": "ada", "DesiredDeliveryMediums": ["EMAIL"]}
    cognito.admin_create_user(
        TemporaryPassword="Temp0rary!", UserAttributes=named(email="ada@example.com"), **again
    )
    clock.advance(timedelta(days=6))

    answered = cognito.admin_create_user(MessageAction="RESEND", **again)["User"]
    clock.advance(timedelta(days=6))

    newest, first = inbox("ada@example.com")
    assert first.code == "Temp0rary!"
    assert newest.code != first.code
    assert answered["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert attributes(answered)["email"] == "ada@example.com"
    assert sign_in(client, "ada", newest.code)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(client, "ada", "Temp0rary!")


def test_only_who_was_invited_is_invited_again(cognito, a_user):
    ada = a_user(username="ada")

    with refused(
        "UnsupportedUserStateException",
        "Resend not possible. ada status is not FORCE_CHANGE_PASSWORD",
    ):
        cognito.admin_create_user(UserPoolId=ada.pool_id, Username="ada", MessageAction="RESEND")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_create_user(UserPoolId=ada.pool_id, Username="bob", MessageAction="RESEND")


def test_a_taken_name_is_refused(cognito, a_user):
    ada = a_user(username="ada")

    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=ada.pool_id, Username="ada")
    cognito.admin_create_user(UserPoolId=ada.pool_id, Username="Ada")


def test_names_are_one_without_case_where_the_pool_says_so(cognito, a_pool):
    pool = a_pool(UsernameConfiguration={"CaseSensitive": False})
    cognito.admin_create_user(UserPoolId=pool, Username="ada")

    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=pool, Username="ADA")

    assert cognito.admin_get_user(UserPoolId=pool, Username="Ada")["Username"] == "ada"


def test_a_temporary_password_must_fit_the_policy(cognito, a_pool):
    pool = a_pool()

    for password, rule in [
        ("Sh0rt!", "Password not long enough"),
        ("n0-uppercase", "Password must have uppercase characters"),
        ("N0-LOWERCASE", "Password must have lowercase characters"),
        ("No-numbers", "Password must have numeric characters"),
        ("N0symbols", "Password must have symbol characters"),
    ]:
        with refused("InvalidPasswordException", f"Password did not conform with policy: {rule}"):
            cognito.admin_create_user(UserPoolId=pool, Username="ada", TemporaryPassword=password)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=pool, Username="ada")


def test_required_attributes_may_wait_for_the_first_password(cognito, a_pool):
    pool = a_pool(Schema=[{"Name": "name", "Required": True}])

    user = cognito.admin_create_user(UserPoolId=pool, Username="ada")["User"]

    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_without_a_password_the_user_is_confirmed_and_must_be_complete(cognito, a_pool, inbox):
    pool = a_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
        Schema=[{"Name": "name", "Required": True}],
    )

    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: name: The attribute is required\n",
    ):
        cognito.admin_create_user(UserPoolId=pool, Username="ada")
    user = cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=named(name="Ada", email="ada@example.com"),
    )["User"]

    assert user["UserStatus"] == "CONFIRMED"
    (message,) = inbox("ada@example.com")
    assert message.body == "Your username is ada."
    assert message.code is None


def test_immutable_attributes_are_set_at_creation(cognito, a_pool):
    pool = a_pool(Schema=[{"Name": "badge", "AttributeDataType": "Number", "Mutable": False}])

    user = cognito.admin_create_user(
        UserPoolId=pool, Username="ada", UserAttributes=named(**{"custom:badge": "7"})
    )["User"]

    assert attributes(user)["custom:badge"] == "7"
    with refused("InvalidParameterException", "user.sub: Attribute cannot be updated.\n"):
        cognito.admin_create_user(UserPoolId=pool, Username="bob", UserAttributes=named(sub="bob"))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"email": "ada"}, "Invalid email address format."),
        ({"phone_number": "555-0100"}, "Invalid phone number format."),
        (
            {"custom:team": "core"},
            "Attributes did not conform to the schema: "
            "custom:team: Attribute does not exist in the schema.\n",
        ),
        (
            {"birthdate": "1815"},
            "Attributes did not conform to the schema: "
            "birthdate: String value is too short. Minimum length is 10.\n",
        ),
        ({"email_verified": "true"}, "Email is required to verify/un-verify an email"),
        (
            {"phone_number_verified": "true"},
            "Phone Number is required to verify/un-verify a phone number",
        ),
    ],
)
def test_attributes_that_the_schema_does_not_allow_are_refused(cognito, a_pool, given, text):
    pool = a_pool()

    with refused("InvalidParameterException", text):
        cognito.admin_create_user(UserPoolId=pool, Username="ada", UserAttributes=named(**given))


def test_an_attribute_needs_a_value(cognito, a_pool):
    pool = a_pool()

    with refused("InvalidParameterException", "Attribute value for picture must not be null"):
        cognito.admin_create_user(
            UserPoolId=pool, Username="ada", UserAttributes=[{"Name": "picture"}]
        )


def test_verification_flags_may_be_given(cognito, a_pool):
    pool = a_pool()

    user = cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        UserAttributes=named(email="ada@example.com", email_verified="True"),
    )["User"]

    assert attributes(user)["email_verified"] == "true"


# --- names that are attributes -------------------------------------------------------------------


def test_a_pool_of_addresses_calls_its_users_by_their_sub(cognito, a_pool, a_client, sign_in):
    pool = a_pool(UsernameAttributes=["email"])
    client = a_client(pool)["ClientId"]

    user = cognito.admin_create_user(
        UserPoolId=pool, Username="ada@example.com", TemporaryPassword="Temp0rary!"
    )["User"]

    assert user["Username"] == attributes(user)["sub"]
    assert attributes(user)["email"] == "ada@example.com"
    begun = sign_in(client, "ada@example.com", "Temp0rary!")
    assert begun["ChallengeParameters"]["USER_ID_FOR_SRP"] == user["Username"]
    for name in ("ada@example.com", user["Username"]):
        found = cognito.admin_get_user(UserPoolId=pool, Username=name)
        assert found["Username"] == user["Username"]


def test_the_invitation_names_the_address_that_is_the_user_name(cognito, a_pool, inbox):
    pool = a_pool(UsernameAttributes=["email"])

    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada@example.com",
        TemporaryPassword="Temp0rary!",
        DesiredDeliveryMediums=["EMAIL"],
    )

    (message,) = inbox("ada@example.com")
    assert message.body == (
        "Your username is ada@example.com and temporary password is Temp0rary!. "
    )


def test_an_address_is_one_users_name(cognito, a_pool):
    pool = a_pool(
        UsernameAttributes=["email", "phone_number"],
        UsernameConfiguration={"CaseSensitive": False},
    )
    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada@example.com",
        UserAttributes=named(phone_number="+15550100"),
    )

    with refused("UsernameExistsException", "An account with the given email already exists."):
        cognito.admin_create_user(
            UserPoolId=pool, Username="ADA@example.com", ForceAliasCreation=True
        )
    with refused(
        "UsernameExistsException", "An account with the given phone_number already exists."
    ):
        cognito.admin_create_user(UserPoolId=pool, Username="+15550100")


def test_a_name_must_be_of_the_kind_that_the_pool_wants(cognito, a_pool):
    addresses = a_pool(UsernameAttributes=["email"])
    numbers = a_pool(UsernameAttributes=["phone_number"])
    either = a_pool(UsernameAttributes=["phone_number", "email"])

    for pool, text in [
        (addresses, "Username should be an email."),
        (numbers, "Username should be a phone number."),
        (either, "Username should be either an email or a phone number."),
    ]:
        with refused("InvalidParameterException", text):
            cognito.admin_create_user(UserPoolId=pool, Username="ada")


def test_a_name_cannot_look_like_an_alias(cognito, a_pool):
    pool = a_pool(AliasAttributes=["email", "phone_number"])

    with refused(
        "InvalidParameterException",
        "Username cannot be of email format, since user pool is configured for email alias.",
    ):
        cognito.admin_create_user(UserPoolId=pool, Username="ada@example.com")
    with refused(
        "InvalidParameterException",
        "Username cannot be of phone number format, "
        "since user pool is configured for phone number alias.",
    ):
        cognito.admin_create_user(UserPoolId=pool, Username="+15550100")


# --- aliases -------------------------------------------------------------------------------------


@pytest.fixture
def verified(cognito):
    """`verified(pool, "ada", **more)`: a user whose e-mail address is a verified alias."""

    def create(pool, username, *, verified="true", **arguments):
        return cognito.admin_create_user(
            UserPoolId=pool,
            Username=username,
            UserAttributes=named(email="shared@example.com", email_verified=verified),
            **arguments,
        )["User"]

    return create


def test_a_verified_alias_finds_its_user(cognito, a_pool, verified):
    pool = a_pool(AliasAttributes=["email"])
    verified(pool, "ada")
    verified(pool, "bob", verified="false")

    found = cognito.admin_get_user(UserPoolId=pool, Username="shared@example.com")

    assert found["Username"] == "ada"


def test_a_verified_alias_is_not_given_twice(a_pool, verified):
    pool = a_pool(AliasAttributes=["email"])
    verified(pool, "ada")

    with refused("AliasExistsException", "An account with the given email already exists."):
        verified(pool, "bob")


def test_a_forced_alias_moves_and_leaves_its_holder_unverified(cognito, a_pool, verified):
    pool = a_pool(AliasAttributes=["email"])
    verified(pool, "ada")

    verified(pool, "bob", ForceAliasCreation=True)

    ada = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    found = cognito.admin_get_user(UserPoolId=pool, Username="shared@example.com")
    assert attributes(ada)["email"] == "shared@example.com"
    assert attributes(ada)["email_verified"] == "false"
    assert found["Username"] == "bob"


def test_force_moves_nothing_without_the_flag(cognito, a_pool, verified):
    pool = a_pool(AliasAttributes=["email"])
    verified(pool, "ada")

    verified(pool, "bob", verified="false", ForceAliasCreation=True)

    found = cognito.admin_get_user(UserPoolId=pool, Username="shared@example.com")
    assert found["Username"] == "ada"


def test_a_preferred_username_is_one_users(cognito, a_pool):
    pool = a_pool(AliasAttributes=["preferred_username"])
    cognito.admin_create_user(
        UserPoolId=pool, Username="ada", UserAttributes=named(preferred_username="countess")
    )

    found = cognito.admin_get_user(UserPoolId=pool, Username="countess")

    assert found["Username"] == "ada"
    with refused(
        "AliasExistsException", "An account with the given preferred_username already exists."
    ):
        cognito.admin_create_user(
            UserPoolId=pool,
            Username="bob",
            ForceAliasCreation=True,
            UserAttributes=named(preferred_username="countess"),
        )
    with refused(
        "AliasExistsException", "An account with the given preferred_username already exists."
    ):
        cognito.admin_create_user(
            UserPoolId=pool, Username="bob", UserAttributes=named(preferred_username="ada")
        )
    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=pool, Username="countess")


def outcomes(calls):
    """What came of `calls`, all made at the same time: "created", or the error's name."""

    def attempt(call):
        try:
            call()
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "created"

    with ThreadPoolExecutor(len(calls)) as threads:
        return sorted(threads.map(attempt, calls))


def test_of_many_who_want_a_name_at_once_one_has_it(cognito, a_pool):
    pool = a_pool()

    def create():
        cognito.admin_create_user(UserPoolId=pool, Username="ada")

    assert outcomes([create] * 8) == ["UsernameExistsException"] * 7 + ["created"]
    assert len(cognito.list_users(UserPoolId=pool)["Users"]) == 1


def test_of_many_who_want_an_alias_at_once_one_has_it(cognito, a_pool, verified):
    pool = a_pool(AliasAttributes=["email"])

    calls = [partial(verified, pool, f"user{number}") for number in range(8)]

    assert outcomes(calls) == ["AliasExistsException"] * 7 + ["created"]
    assert len(cognito.list_users(UserPoolId=pool)["Users"]) == 1


# --- stopping and deleting -----------------------------------------------------------------------


def test_a_disabled_user_is_out_until_enabled(cognito, a_user, sign_in, clock):
    ada = a_user()
    tokens = sign_in(ada.client_id, "ada", ada.password)["AuthenticationResult"]
    later = clock.advance(timedelta(minutes=1))

    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert stored["Enabled"] is False
    assert stored["UserStatus"] == "CONFIRMED"
    assert stored["UserLastModifiedDate"] == later
    with refused("NotAuthorizedException", "User is disabled."):
        sign_in(ada.client_id, "ada", ada.password)
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.global_sign_out(AccessToken=tokens["AccessToken"])
    cognito.admin_enable_user(UserPoolId=ada.pool_id, Username="ada")
    assert cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")["Enabled"] is True
    assert "AuthenticationResult" in sign_in(ada.client_id, "ada", ada.password)
    # What was ended stays so.
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        cognito.initiate_auth(
            ClientId=ada.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )


def test_disabling_and_enabling_twice_changes_nothing(cognito, a_user):
    ada = a_user()
    user = {"UserPoolId": ada.pool_id, "Username": "ada"}

    for operation, enabled in [
        (cognito.admin_disable_user, False),
        (cognito.admin_disable_user, False),
        (cognito.admin_enable_user, True),
        (cognito.admin_enable_user, True),
    ]:
        operation(**user)
        assert cognito.admin_get_user(**user)["Enabled"] is enabled


def test_a_deleted_user_is_gone_and_the_name_free(cognito, a_user, sign_in):
    ada = a_user(attributes={"email": "ada@example.com"})
    token = sign_in(ada.client_id, "ada", ada.password)["AuthenticationResult"]["AccessToken"]

    cognito.admin_delete_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_delete_user(UserPoolId=ada.pool_id, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.get_user(AccessToken=token)
    # The model of this one has no name for a deleted owner.
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.global_sign_out(AccessToken=token)
    again = cognito.admin_create_user(UserPoolId=ada.pool_id, Username="ada")["User"]
    assert attributes(again)["sub"] != ada.sub
    assert "email" not in attributes(again)


def test_only_an_unconfirmed_user_is_confirmed(cognito, a_user, a_pool):
    ada = a_user(username="ada")
    cognito.admin_create_user(UserPoolId=ada.pool_id, Username="bob")

    for username, status in [("ada", "CONFIRMED"), ("bob", "FORCE_CHANGE_PASSWORD")]:
        with refused(
            "NotAuthorizedException", f"User cannot be confirmed. Current status is {status}"
        ):
            cognito.admin_confirm_sign_up(UserPoolId=ada.pool_id, Username=username)


def test_an_administrator_confirms_who_signed_up(cognito, a_pool, a_client):
    pool = a_pool(AutoVerifiedAttributes=["email"])
    client = a_client(pool)["ClientId"]
    cognito.sign_up(
        ClientId=client,
        Username="ada",
        Password="Correct-horse1!",
        UserAttributes=named(email="ada@example.com"),
    )

    cognito.admin_confirm_sign_up(UserPoolId=pool, Username="ada")

    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert stored["UserStatus"] == "CONFIRMED"
    assert attributes(stored).get("email_verified") != "true"


# --- passwords -----------------------------------------------------------------------------------


def test_a_permanent_password_signs_in_at_once(cognito, a_user, sign_in):
    ada = a_user()

    cognito.admin_set_user_password(
        UserPoolId=ada.pool_id, Username="ada", Password=ANOTHER_PASSWORD, Permanent=True
    )

    assert "AuthenticationResult" in sign_in(ada.client_id, "ada", ANOTHER_PASSWORD)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(ada.client_id, "ada", ada.password)


def test_a_temporary_password_must_be_changed_at_the_next_sign_in(
    cognito, a_user, sign_in, clock, inbox
):
    ada = a_user(attributes={"email": "ada@example.com"})
    later = clock.advance(timedelta(minutes=20))

    cognito.admin_set_user_password(UserPoolId=ada.pool_id, Username="ada", Password="temp0rary-X")

    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert stored["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert stored["UserLastModifiedDate"] == later
    begun = sign_in(ada.client_id, "ada", "temp0rary-X")
    assert begun["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert inbox("ada@example.com") == []
    clock.advance(timedelta(days=7))
    with refused(
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
    ):
        sign_in(ada.client_id, "ada", "temp0rary-X")


def test_a_set_password_must_fit_the_policy_and_the_history(cognito, a_user, a_pool):
    pool = a_pool(Policies={"PasswordPolicy": {"PasswordHistorySize": 2}})
    ada = a_user(pool_id=pool)
    user = {"UserPoolId": pool, "Username": "ada", "Permanent": True}

    with refused(
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
    ):
        cognito.admin_set_user_password(Password="Sh0rt!", **user)
    with refused("PasswordHistoryPolicyViolationException", "Password has previously been used"):
        cognito.admin_set_user_password(Password=ada.password, **user)
    cognito.admin_set_user_password(Password=ANOTHER_PASSWORD, **user)
    with refused("PasswordHistoryPolicyViolationException", "Password has previously been used"):
        cognito.admin_set_user_password(Password=ada.password, **user)


# --- resetting -----------------------------------------------------------------------------------


def verified_contacts(email=True, phone=True):
    given: dict[str, str] = {}
    if email:
        given |= {"email": "ada@example.com", "email_verified": "true"}
    if phone:
        given |= {"phone_number": "+15550100", "phone_number_verified": "true"}
    return given


def test_a_reset_user_gets_a_code_and_cannot_sign_in_before(cognito, a_user, sign_in, inbox):
    ada = a_user(attributes=verified_contacts(phone=False))

    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")

    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert stored["UserStatus"] == "RESET_REQUIRED"
    (message,) = inbox("ada@example.com")
    assert len(message.code) == 6
    assert message.body == f"Your verification code is {message.code}. "
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        sign_in(ada.client_id, "ada", ada.password)


def test_the_code_of_a_reset_sets_a_new_password(cognito, a_user, sign_in, inbox):
    ada = a_user(attributes=verified_contacts(phone=False))
    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")
    (message,) = inbox("ada@example.com")

    cognito.confirm_forgot_password(
        ClientId=ada.client_id,
        Username="ada",
        ConfirmationCode=message.code,
        Password=ANOTHER_PASSWORD,
    )

    assert "AuthenticationResult" in sign_in(ada.client_id, "ada", ANOTHER_PASSWORD)


@pytest.mark.parametrize(
    ("setting", "recipient"),
    [
        (None, "+15550100"),
        ([("verified_email", 1), ("verified_phone_number", 2)], "ada@example.com"),
        ([("verified_email", 2), ("verified_phone_number", 1)], "+15550100"),
        ([("verified_email", 1)], "ada@example.com"),
    ],
)
def test_the_code_goes_where_the_pool_recovers_accounts(
    cognito, a_pool, a_user, inbox, setting, recipient
):
    arguments = {}
    if setting is not None:
        mechanisms = [{"Name": name, "Priority": priority} for name, priority in setting]
        arguments["AccountRecoverySetting"] = {"RecoveryMechanisms": mechanisms}
    ada = a_user(pool_id=a_pool(**arguments), attributes=verified_contacts())

    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")

    other = {"+15550100", "ada@example.com"} - {recipient}
    assert len(inbox(recipient)) == 1
    assert inbox(other.pop()) == []


def test_a_code_does_not_go_where_the_second_factor_goes(cognito, a_pool, a_user, inbox):
    pool = a_pool(
        AccountRecoverySetting={
            "RecoveryMechanisms": [
                {"Name": "verified_phone_number", "Priority": 1},
                {"Name": "verified_email", "Priority": 2},
            ]
        },
        **WITH_SMS,
    )
    ada = a_user(pool_id=pool, attributes=verified_contacts())
    cognito.admin_set_user_mfa_preference(
        UserPoolId=pool, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )

    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")

    assert len(inbox("ada@example.com")) == 1
    assert inbox("+15550100") == []


def test_a_users_second_factors_are_told(cognito, a_pool, a_user):
    ada = a_user(pool_id=a_pool(**WITH_SMS), attributes=verified_contacts())
    cognito.admin_set_user_mfa_preference(
        UserPoolId=ada.pool_id,
        Username="ada",
        SMSMfaSettings={"Enabled": True, "PreferredMfa": True},
    )

    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")

    assert stored["UserMFASettingList"] == ["SMS_MFA"]
    assert stored["PreferredMfaSetting"] == "SMS_MFA"


def test_the_second_choice_serves_where_the_first_is_not_verified(cognito, a_user, inbox):
    ada = a_user(
        attributes=verified_contacts(phone=False) | {"phone_number": "+15550100"},
    )

    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")

    assert len(inbox("ada@example.com")) == 1


def test_without_a_verified_contact_nothing_is_reset(cognito, a_user, inbox):
    ada = a_user(attributes={"email": "ada@example.com"})

    with refused(
        "InvalidParameterException",
        "Cannot reset password for the user as there is no registered/verified email "
        "or phone_number",
    ):
        cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")

    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert stored["UserStatus"] == "CONFIRMED"
    assert inbox("ada@example.com") == []


def test_a_pool_recovered_by_administrators_sends_no_code(cognito, a_pool, a_user):
    pool = a_pool(
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    )
    ada = a_user(pool_id=pool, attributes=verified_contacts())

    with refused("NotAuthorizedException", "Contact administrator to reset password."):
        cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")


def test_a_temporary_password_is_not_reset(cognito, a_pool):
    pool = a_pool()
    cognito.admin_create_user(
        UserPoolId=pool, Username="ada", UserAttributes=named(**verified_contacts())
    )

    with refused("NotAuthorizedException", "User password cannot be reset in the current state."):
        cognito.admin_reset_user_password(UserPoolId=pool, Username="ada")


# --- who is meant --------------------------------------------------------------------------------

OF_ONE_USER = [
    ("admin_get_user", {}),
    ("admin_delete_user", {}),
    ("admin_enable_user", {}),
    ("admin_disable_user", {}),
    ("admin_confirm_sign_up", {}),
    ("admin_set_user_password", {"Password": ANOTHER_PASSWORD}),
    ("admin_reset_user_password", {}),
    ("admin_update_user_attributes", {"UserAttributes": named(name="Ada")}),
    ("admin_delete_user_attributes", {"UserAttributeNames": ["name"]}),
    ("admin_list_groups_for_user", {}),
    ("admin_add_user_to_group", {"GroupName": "staff"}),
    ("admin_remove_user_from_group", {"GroupName": "staff"}),
]


@pytest.mark.parametrize(("operation", "arguments"), OF_ONE_USER)
def test_an_unknown_user_an_unknown_pool_and_a_foreign_one_are_refused(
    cognito, a_user, a_pool, operation, arguments
):
    ada = a_user(username="ada")
    foreign = a_pool()
    call = getattr(cognito, operation)

    for pool, username in [(ada.pool_id, "bob"), (foreign, "ada"), (foreign, ada.sub)]:
        with refused("UserNotFoundException", "User does not exist."):
            call(UserPoolId=pool, Username=username, **arguments)
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        call(UserPoolId=NO_POOL, Username="ada", **arguments)


def test_nobody_is_created_in_an_unknown_pool(cognito):
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        cognito.admin_create_user(UserPoolId=NO_POOL, Username="ada")


def test_every_operation_takes_an_alias_for_the_name(cognito, a_pool, verified):
    pool = a_pool(AliasAttributes=["email"])
    verified(pool, "ada")

    cognito.admin_set_user_password(
        UserPoolId=pool, Username="shared@example.com", Password=ANOTHER_PASSWORD, Permanent=True
    )
    cognito.admin_disable_user(UserPoolId=pool, Username="shared@example.com")

    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert (stored["UserStatus"], stored["Enabled"]) == ("CONFIRMED", False)
