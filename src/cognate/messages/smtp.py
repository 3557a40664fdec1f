"""E-mail by SMTP (RFC 5321): over TLS unless the server is on this machine or it is said aloud."""

import ipaddress
import re
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from functools import cached_property
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from cognate.messages.sender import DeliveryFailed, Outgoing, Undeliverable

StartTls = Literal["required", "optional", "never"]

PORTS = {"smtp": 587, "smtps": 465}  # submission (RFC 6409), and under TLS (RFC 8314)
TIMEOUT = 30.0  # seconds for each exchange with the server
REFUSED_FOR_GOOD = 500  # RFC 5321 section 4.2.1: 5yz, permanent
# Narrower than RFC 5322: no quoting and nothing that could end an address and begin another.
ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]\x00-\x1f\x7f]+@[^\s@<>(),;:\\\"\[\]\x00-\x1f\x7f]+")
MARKUP = re.compile(r"<(?:/?[A-Za-z][^<>]*|!--)>")


class SmtpUrlError(ValueError):
    """An `smtp` setting that cannot be used, in words for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where e-mail is handed over. `start_tls` is without meaning for `smtps`."""

    host: str
    port: int
    implicit_tls: bool
    start_tls: StartTls
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """
        `smtp://user:password@host:port` (STARTTLS) or `smtps://…`, name and password
        percent-encoded. `?starttls=optional` or `never` does without TLS, but no password travels
        so. On this machine (localhost, 127.0.0.1, ::1) TLS is optional by itself.

        Raises:
            SmtpUrlError: not such a URL.
        """
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as cause:
            raise SmtpUrlError("smtp: the port is a number up to 65535") from cause
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise SmtpUrlError("smtp is a URL smtp://user:password@host:port or smtps://…")
        own_machine = is_loopback(parts.hostname)
        start_tls: StartTls = "optional" if own_machine else "required"
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if name != "starttls" or value not in ("required", "optional", "never"):
                raise SmtpUrlError("smtp: after ? stands only starttls=required|optional|never")
            start_tls = value  # type: ignore[assignment]  # one of the three
        secure = parts.scheme == "smtps" or start_tls == "required" or own_machine
        if parts.password is not None and not secure:
            raise SmtpUrlError("smtp: a password travels only under TLS (starttls=required)")
        return cls(
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            implicit_tls=parts.scheme == "smtps",
            start_tls=start_tls,
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class SmtpSender:
    """`sender`: the address in From where a pool has none of its own; it may have a name."""

    def __init__(self, server: SmtpServer, *, sender: str) -> None:
        """
        Raises:
            SmtpUrlError: `sender` is no address.
        """
        if not _is_address(parseaddr(sender)[1]):
            raise SmtpUrlError("smtp-from is an address, or a name and an address in <>")
        self._server = server
        self._sender = sender

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Checks certificates and names against the machine's authorities (SSL_CERT_FILE)."""
        return ssl.create_default_context()

    async def send(self, outgoing: Outgoing) -> None:
        # Imported with the first message: nobody waits for it at start.
        import aiosmtplib

        message = composed(outgoing, default_sender=self._sender)
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.implicit_tls,
            start_tls={"required": True, "optional": None, "never": False}[server.start_tls]
            if not server.implicit_tls
            else False,
            tls_context=self._tls if server.implicit_tls or server.start_tls != "never" else None,
            timeout=TIMEOUT,
        )
        try:
            async with client:
                await client.send_message(
                    message,
                    sender=parseaddr(message["From"])[1],
                    recipients=[outgoing.message.recipient],
                )
        except aiosmtplib.SMTPRecipientsRefused as cause:
            if all(refused.code >= REFUSED_FOR_GOOD for refused in cause.recipients):
                raise Undeliverable from cause
            raise DeliveryFailed from cause
        except aiosmtplib.SMTPNotSupported as cause:  # the address needs what the server lacks
            raise Undeliverable from cause
        except aiosmtplib.SMTPDataError as cause:
            if cause.code >= REFUSED_FOR_GOOD:
                raise Undeliverable from cause
            raise DeliveryFailed from cause
        except (aiosmtplib.SMTPException, OSError) as cause:
            raise DeliveryFailed from cause


def composed(outgoing: Outgoing, *, default_sender: str) -> EmailMessage:
    """
    The message as RFC 5322 wants it, in UTF-8. A body with markup is HTML, as Cognito sends it.

    Raises:
        Undeliverable: the recipient is no address.
    """
    recipient = outgoing.message.recipient
    if not _is_address(recipient):
        raise Undeliverable("the recipient is not an e-mail address")
    sender = outgoing.sender
    if sender is None or not _is_address(parseaddr(sender)[1]):
        sender = default_sender
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = _address(sender)
    message["To"] = _address(recipient)
    if outgoing.reply_to is not None and _is_address(parseaddr(outgoing.reply_to)[1]):
        message["Reply-To"] = _address(outgoing.reply_to)
    # One line: what a template or a user's attribute brings must not begin another header.
    message["Subject"] = " ".join(_printable(outgoing.message.subject or "").split())
    message["Date"] = format_datetime(outgoing.now)
    domain = parseaddr(sender)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{outgoing.message_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    body = outgoing.message.body
    message.set_content(body, subtype="html" if MARKUP.search(body) else "plain", charset="utf-8")
    return message


def _is_address(text: str) -> bool:
    return ADDRESS.fullmatch(text) is not None


def _address(text: str) -> Address:
    """Given as `address` or `Name <address>`, both already found to be well-formed."""
    name, address = parseaddr(text)
    local_part, _, domain = address.rpartition("@")
    return Address(" ".join(_printable(name).split()), local_part, domain)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
