"""A mail server on loopback, and an authority for its certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEAR = timedelta(days=365)


@dataclass
class Mailbox:
    """What arrived. `answers`: by command, what is said instead of yes."""

    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802 - aiosmtpd's name
        envelope, address = given[2], given[3]
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802 - aiosmtpd's name
        envelope = given[2]
        if "DATA" in self.answers:
            return self.answers["DATA"]
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self.arrived.set()
        return "250 OK"

    def authenticate(self, *given: Any) -> AuthResult:
        login = given[4]
        assert isinstance(login, LoginPassword)
        self.logins.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=self.logins[-1] == ("ada", "p@ss:word"), handled=False)


@asynccontextmanager
async def mail_server(
    *,
    port: int = 0,
    start_tls: ssl.SSLContext | None = None,
    implicit_tls: ssl.SSLContext | None = None,
    login: bool = False,
) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()

    def session() -> SMTP:
        return SMTP(
            mailbox,
            enable_SMTPUTF8=True,
            hostname="mail.test",
            tls_context=start_tls,
            auth_required=login,
            auth_require_tls=implicit_tls is None,
            authenticator=mailbox.authenticate,
        )

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", port, ssl=implicit_tls
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()


@dataclass(frozen=True)
class Certificates:
    """An authority's certificate, and what a server needs that it vouches for."""

    authority: Path
    server: ssl.SSLContext

    @classmethod
    def make(cls, directory: Path) -> "Certificates":
        now = datetime.now(UTC)  # noqa: TID251 - the other side checks by the machine's clock
        authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])

        def begun(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
            return (
                x509.CertificateBuilder()
                .subject_name(name)
                .issuer_name(authority_name)
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - YEAR)
                .not_valid_after(now + YEAR)
            )

        authority = (
            begun(authority_name, authority_key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()),
                critical=False,
            )
            .sign(authority_key, hashes.SHA256())
        )
        server = (
            begun(x509.Name([]), server_key)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
                critical=True,
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
                critical=False,
            )
            .sign(authority_key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (directory / "authority.pem").write_bytes(authority.public_bytes(pem))
        (directory / "server.pem").write_bytes(
            server.public_bytes(pem)
            + server_key.private_bytes(
                pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(directory / "server.pem")
        return cls(directory / "authority.pem", context)
