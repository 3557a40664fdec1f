"""
The messages that users get: the pool's own texts, or the service's defaults.

Source: user-pools.md C.1, C.6, D.2. `{####}` stands for a code or password, `{username}` for a
name; a value that was put in is not looked at again.
"""

import html
import re
from collections.abc import Mapping

from cognate.domain.messages import Message
from cognate.domain.pools import (
    DEFAULT_CODE_MESSAGE,
    DEFAULT_CODE_SUBJECT,
    DEFAULT_INVITATION,
    DEFAULT_INVITATION_SUBJECT,
    Pool,
)

CODE = "{####}"
USERNAME = "{username}"
LINK = re.compile(r"\{##(.*?)##\}", re.DOTALL)
DEFAULT_LINK_MESSAGE = (
    "Please click the link below to verify your email address. {##Verify Email##}"
)
DEFAULT_LINK_SUBJECT = "Your verification link"
PLACEHOLDER = re.compile(r"\{####\}|\{username\}")
DEFAULT_PASSWORDLESS_INVITATION = "Your username is {username}."


def filled(template: str, values: Mapping[str, str]) -> str:
    """`template` with each placeholder replaced once; one without a value stays."""
    return PLACEHOLDER.sub(lambda found: values.get(found[0], found[0]), template)


def code_message(pool: Pool, *, attribute: str, recipient: str, code: str) -> Message:
    """A verification, confirmation or reset code for the value of `attribute`."""
    texts = pool.templates
    values = {CODE: code}
    if attribute == "phone_number":
        return Message(
            recipient=recipient,
            channel="sms",
            subject=None,
            body=filled(texts.sms_message or DEFAULT_CODE_MESSAGE, values),
            code=code,
        )
    return Message(
        recipient=recipient,
        channel="email",
        subject=texts.email_subject or DEFAULT_CODE_SUBJECT,
        body=filled(texts.email_message or DEFAULT_CODE_MESSAGE, values),
        code=code,
    )


def link_message(pool: Pool, *, recipient: str, link: str) -> Message:
    """An e-mail with a link that confirms a sign-up: `{##text##}` becomes the link's text."""
    texts = pool.templates
    template = texts.email_message_by_link or DEFAULT_LINK_MESSAGE
    address = html.escape(link, quote=True)
    return Message(
        recipient=recipient,
        channel="email",
        subject=texts.email_subject_by_link or DEFAULT_LINK_SUBJECT,
        body=LINK.sub(lambda found: f'<a href="{address}">{found[1]}</a>', template),
        link=link,
    )


def invitation(
    pool: Pool, *, attribute: str, recipient: str, username: str, password: str | None
) -> Message | None:
    """
    What tells a user of an account that an administrator made; `password` is None where the user
    signs in without one. None where the pool's text has no place for the password: the service
    then delivers nothing.
    """
    texts = pool.templates
    is_sms = attribute == "phone_number"
    template = texts.invitation_sms_message if is_sms else texts.invitation_email_message
    if password is None:
        if template is None or CODE in template:
            template = DEFAULT_PASSWORDLESS_INVITATION
    else:
        template = DEFAULT_INVITATION if template is None else template
        if CODE not in template:
            return None
    values = {USERNAME: username} if password is None else {USERNAME: username, CODE: password}
    return Message(
        recipient=recipient,
        channel="sms" if is_sms else "email",
        subject=None
        if is_sms
        else filled(texts.invitation_email_subject or DEFAULT_INVITATION_SUBJECT, values),
        body=filled(template, values),
        code=password,
    )
