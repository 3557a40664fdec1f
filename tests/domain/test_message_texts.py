"""What is written to users, from the pool's texts or the defaults."""

from datetime import UTC, datetime

from cognate.domain.ids import PoolId
from cognate.domain.message_texts import code_message, filled, invitation
from cognate.domain.pools import MessageTemplates, Pool


def a_pool(**texts: str) -> Pool:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return Pool(
        pool_id=PoolId("us-east-1_abcdefghi"),
        name="a pool",
        region="us-east-1",
        account_id="000000000000",
        created_at=now,
        modified_at=now,
        data_key_id="00",
        signing_keys=(),
        templates=MessageTemplates(**texts),
    )


def test_a_value_put_in_is_not_looked_at_again():
    text = filled("{username}: {####}", {"{username}": "{####}", "{####}": "{username}"})

    assert text == "{####}: {username}"


def test_a_code_goes_out_in_the_services_words_unless_the_pool_has_its_own():
    plain = code_message(a_pool(), attribute="email", recipient="a@b.c", code="012345")
    own = code_message(
        a_pool(email_message="Hi, {####}!", email_subject="Code", sms_message="{####} it is"),
        attribute="email",
        recipient="a@b.c",
        code="012345",
    )

    assert plain.subject == "Your verification code"
    assert plain.body == "Your verification code is 012345. "
    assert plain.code == "012345"
    assert (own.subject, own.body, own.channel) == ("Code", "Hi, 012345!", "email")


def test_a_phone_number_gets_the_text_message_and_no_subject():
    message = code_message(
        a_pool(sms_message="{####} it is"),
        attribute="phone_number",
        recipient="+15550100",
        code="000001",
    )

    assert (message.channel, message.subject) == ("sms", None)
    assert message.body == "000001 it is"


def test_an_invitation_names_the_user_and_the_temporary_password():
    message = invitation(
        a_pool(), attribute="email", recipient="a@b.c", username="ada", password="Secret-1!"
    )

    assert message is not None
    assert message.subject == "Your temporary password"
    assert message.body == "Your username is ada and temporary password is Secret-1!. "


def test_a_text_without_a_place_for_the_password_is_not_delivered():
    pool = a_pool(invitation_email_message="Welcome {username}")

    assert (
        invitation(pool, attribute="email", recipient="a@b.c", username="ada", password="x") is None
    )


def test_who_signs_in_without_a_password_is_told_their_name_alone():
    default = invitation(
        a_pool(invitation_sms_message="{username} and {####}"),
        attribute="phone_number",
        recipient="+15550100",
        username="ada",
        password=None,
    )
    own = invitation(
        a_pool(invitation_sms_message="Hello {username}"),
        attribute="phone_number",
        recipient="+15550100",
        username="ada",
        password=None,
    )

    assert default is not None
    assert own is not None
    assert default.body == "Your username is ada."
    assert own.body == "Hello ada"
