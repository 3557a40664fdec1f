"""Messages on their way: sent once, tried again, given up, and never over an open wire."""

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from cognate import logs
from cognate.messages.smtp import SmtpServer, SmtpUrlError
from cognate.messages.worker import LEASE
from tests.inprocess import FrozenClock
from tests.running.conftest import a_message, a_pool, put
from tests.running.mail_server import Certificates, mail_server


@pytest.fixture
def clock():
    return FrozenClock()


async def waiting(app):
    return list(await app.store.messages.newest(limit=100))


@pytest.fixture
def log_lines():
    """What is logged meanwhile, as the records of its lines."""
    written: list[bytes] = []
    root = logging.getLogger()
    before, level = [*root.handlers], root.level
    logs.configure("info", write=written.append)
    ours = next(handler for handler in root.handlers if isinstance(handler, logs.JsonLines))
    for handler in before:
        root.addHandler(handler)

    def lines():
        told = [json.loads(line) for line in written]
        return [line for line in told if not line["event"].startswith("mail.log")]  # aiosmtpd's

    yield lines
    root.removeHandler(ours)
    root.setLevel(level)


# --- what arrives --------------------------------------------------------------------------------


async def test_an_e_mail_arrives_as_it_was_written_and_is_forgotten(a_server, clock):
    async with mail_server() as mailbox:
        app = await a_server(
            mode="production",
            clock=clock,
            smtp=f"smtp://127.0.0.1:{mailbox.port}",
            smtp_from="Cognate <no-reply@example.org>",
        )
        await put(app, await a_pool(app), a_message(subject="Códe für dich", body="Grüße: 123456"))

        assert await app.deliveries.deliver_due() == 1

        (message,) = mailbox.received
        assert message["From"] == "Cognate <no-reply@example.org>"
        assert message["To"] == "ada@example.com"
        assert message["Subject"] == "Códe für dich"
        assert message["Date"].datetime == clock.now()
        assert message["Message-ID"].endswith("@example.org>")
        assert message["Auto-Submitted"] == "auto-generated"
        assert message.get_content_type() == "text/plain"
        assert message.get_content_charset() == "utf-8"
        assert message.get_content().strip() == "Grüße: 123456"
        assert mailbox.envelopes == [("no-reply@example.org", ["ada@example.com"])]
        assert await waiting(app) == []


async def test_in_development_it_stays_in_the_inbox_too(a_server):
    async with mail_server() as mailbox:
        app = await a_server(smtp=f"smtp://127.0.0.1:{mailbox.port}")
        await put(app, await a_pool(app), a_message())

        await app.deliveries.deliver_due()

        assert len(mailbox.received) == 1
        assert [message.state for message in await waiting(app)] == ["kept"]
        assert await app.deliveries.deliver_due() == 0


async def test_a_body_with_markup_is_sent_as_html(a_server):
    async with mail_server() as mailbox:
        app = await a_server(smtp=f"smtp://127.0.0.1:{mailbox.port}")
        pool = await a_pool(app)
        await put(app, pool, a_message(body='<a href="https://example.org/c">Verify</a>'))

        await app.deliveries.deliver_due()

        assert mailbox.received[0].get_content_type() == "text/html"


async def test_a_subject_cannot_begin_another_header(a_server):
    async with mail_server() as mailbox:
        app = await a_server(smtp=f"smtp://127.0.0.1:{mailbox.port}")
        pool = await a_pool(app)
        await put(app, pool, a_message(subject="Hello\r\nBcc: eve@example.com\r\n\r\nand more"))

        await app.deliveries.deliver_due()

        (message,) = mailbox.received
        assert message["Subject"] == "Hello Bcc: eve@example.com and more"
        assert message["Bcc"] is None
        assert mailbox.envelopes[0][1] == ["ada@example.com"]


@pytest.mark.parametrize(
    "recipient",
    [
        "ada@example.com, eve@example.com",
        "ada@example.com\r\nRCPT TO:<eve@example.com>",
        "<eve@example.com>",
        "ada",
        "",
    ],
)
async def test_what_is_not_one_address_is_never_sent(a_server, recipient):
    async with mail_server() as mailbox:
        app = await a_server(mode="production", smtp=f"smtp://127.0.0.1:{mailbox.port}")
        await put(app, await a_pool(app), a_message(recipient=recipient))

        await app.deliveries.deliver_due()

        assert mailbox.received == []
        assert [message.state for message in await waiting(app)] == ["failed"]


async def test_a_pool_may_have_a_sender_of_its_own(a_server):
    async with mail_server() as mailbox:
        app = await a_server(smtp=f"smtp://127.0.0.1:{mailbox.port}")
        pool = await a_pool(app)
        own = {
            "EmailSendingAccount": "DEVELOPER",
            "From": "Shop <hello@shop.example>",
            "ReplyToEmailAddress": "help@shop.example",
        }
        await app.store.change(
            lambda tx: tx.pools.save(replace(pool, echoed={"EmailConfiguration": own}))
        )
        await put(app, pool, a_message())

        await app.deliveries.deliver_due()

        assert mailbox.received[0]["From"] == "Shop <hello@shop.example>"
        assert mailbox.received[0]["Reply-To"] == "help@shop.example"
        assert mailbox.envelopes[0][0] == "hello@shop.example"


# --- trying again --------------------------------------------------------------------------------


async def test_a_server_that_is_away_is_tried_again_until_it_is_back(a_server, clock):
    async with mail_server() as mailbox:
        port = mailbox.port
    app = await a_server(mode="production", clock=clock, smtp=f"smtp://127.0.0.1:{port}")
    await put(app, await a_pool(app), a_message())

    assert await app.deliveries.deliver_due() == 1
    assert await app.deliveries.deliver_due() == 0
    clock.advance(timedelta(seconds=15))
    assert await app.deliveries.deliver_due() == 1
    clock.advance(timedelta(seconds=29))
    assert await app.deliveries.deliver_due() == 0
    async with mail_server(port=port) as mailbox:
        clock.advance(timedelta(seconds=1))
        assert await app.deliveries.deliver_due() == 1

        assert len(mailbox.received) == 1
        assert await waiting(app) == []


async def test_after_a_day_it_is_given_up(a_server, clock):
    async with mail_server() as mailbox:
        port = mailbox.port
    app = await a_server(mode="production", clock=clock, smtp=f"smtp://127.0.0.1:{port}")
    await put(app, await a_pool(app), a_message())

    attempts = 0
    for _ in range(26):
        attempts += await app.deliveries.deliver_due()
        clock.advance(timedelta(hours=1))

    assert attempts == 25
    assert [message.state for message in await waiting(app)] == ["failed"]


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_what_is_refused_for_good_is_not_tried_again(a_server, log_lines, command):
    async with mail_server() as mailbox:
        mailbox.answers[command] = "550 5.1.1 ada@example.com is unknown"
        app = await a_server(mode="production", smtp=f"smtp://127.0.0.1:{mailbox.port}")
        await put(app, await a_pool(app), a_message())

        await app.deliveries.deliver_due()

        assert [message.state for message in await waiting(app)] == ["failed"]
        (line,) = log_lines()
        assert (line["level"], line["event"]) == ("error", "message cannot be delivered")
        assert "ada" not in json.dumps(line)


async def test_what_is_refused_for_now_is_tried_again_under_the_same_id(a_server, clock):
    async with mail_server() as mailbox:
        mailbox.answers["DATA"] = "451 4.7.1 greylisted"
        app = await a_server(
            mode="production", clock=clock, smtp=f"smtp://127.0.0.1:{mailbox.port}"
        )
        await put(app, await a_pool(app), a_message())
        (queued,) = await waiting(app)

        await app.deliveries.deliver_due()
        assert [message.state for message in await waiting(app)] == ["queued"]
        del mailbox.answers["DATA"]
        clock.advance(timedelta(minutes=1))
        await app.deliveries.deliver_due()

        assert mailbox.received[0]["Message-ID"].startswith(f"<{queued.message_id}@")


async def test_a_message_without_a_sender_fails_in_production(a_server, log_lines):
    app = await a_server(mode="production")
    await put(app, await a_pool(app), a_message(channel="sms", recipient="+15551234567"))

    await app.deliveries.deliver_due()

    assert [message.state for message in await waiting(app)] == ["failed"]
    (line,) = log_lines()
    assert (line["level"], line["event"]) == ("error", "no sender is configured")
    assert line["channel"] == "sms"
    assert "+1555" not in json.dumps(line)


async def test_without_a_sender_development_just_keeps_it(a_server):
    app = await a_server()
    await put(app, await a_pool(app), a_message(channel="sms", recipient="+15551234567"))

    assert [message.state for message in await waiting(app)] == ["kept"]
    assert await app.deliveries.deliver_due() == 0


# --- several processes ---------------------------------------------------------------------------


async def test_two_processes_do_not_send_a_message_twice(a_server, clock):
    async with mail_server() as mailbox:
        smtp = f"smtp://127.0.0.1:{mailbox.port}"
        one = await a_server(mode="production", clock=clock, smtp=smtp)
        two = await a_server(mode="production", clock=clock, smtp=smtp)
        pool = await a_pool(one)
        for number in range(20):
            await put(one, pool, a_message(subject=f"Message {number}"))

        await asyncio.gather(one.deliveries.deliver_due(), two.deliveries.deliver_due())

        assert sorted(message["Subject"] for message in mailbox.received) == sorted(
            f"Message {number}" for number in range(20)
        )
        assert await waiting(one) == []


async def test_a_message_in_the_hands_of_a_process_that_died_is_sent_by_another(a_server, clock):
    async with mail_server() as mailbox:
        app = await a_server(
            mode="production", clock=clock, smtp=f"smtp://127.0.0.1:{mailbox.port}"
        )
        await put(app, await a_pool(app), a_message())
        (queued,) = await waiting(app)
        taken = await app.store.change(
            lambda tx: tx.messages.claim(queued, until=clock.now() + LEASE)
        )

        assert taken
        assert await app.deliveries.deliver_due() == 0
        clock.advance(LEASE)
        assert await app.deliveries.deliver_due() == 1
        assert len(mailbox.received) == 1


async def test_a_message_leaves_as_soon_as_its_change_is_made(a_server):
    async with mail_server() as mailbox:
        app = await a_server(mode="production", smtp=f"smtp://127.0.0.1:{mailbox.port}")
        pool = await a_pool(app)
        app.deliveries.start()

        await put(app, pool, a_message())

        async with asyncio.timeout(20):
            await mailbox.arrived.wait()
        await app.deliveries.stop()
        assert await waiting(app) == []


# --- TLS and login -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(certificates, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))


LOGIN = "ada:p%40ss%3Aword"
# aiosmtpd does not see that it is under TLS already.
under_tls = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


@pytest.mark.usefixtures("trusted")
async def test_a_password_travels_under_start_tls(a_server, certificates):
    async with mail_server(start_tls=certificates.server, login=True) as mailbox:
        smtp = f"smtp://{LOGIN}@127.0.0.1:{mailbox.port}?starttls=required"
        app = await a_server(mode="production", smtp=smtp)
        await put(app, await a_pool(app), a_message())

        await app.deliveries.deliver_due()

        assert mailbox.logins == [("ada", "p@ss:word")]
        assert len(mailbox.received) == 1


@under_tls
@pytest.mark.usefixtures("trusted")
async def test_a_connection_may_be_under_tls_from_its_beginning(a_server, certificates):
    async with mail_server(implicit_tls=certificates.server, login=True) as mailbox:
        app = await a_server(mode="production", smtp=f"smtps://{LOGIN}@127.0.0.1:{mailbox.port}")
        await put(app, await a_pool(app), a_message())

        await app.deliveries.deliver_due()

        assert mailbox.logins == [("ada", "p@ss:word")]
        assert len(mailbox.received) == 1


@under_tls
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_certificate_that_nobody_vouches_for_gets_neither_password_nor_message(
    a_server, certificates, scheme
):
    tls = {"smtp": "start_tls", "smtps": "implicit_tls"}[scheme]
    async with mail_server(**{tls: certificates.server}, login=True) as mailbox:
        app = await a_server(
            mode="production", smtp=f"{scheme}://{LOGIN}@127.0.0.1:{mailbox.port}?starttls=required"
        )
        await put(app, await a_pool(app), a_message())

        await app.deliveries.deliver_due()

        assert mailbox.logins == []
        assert mailbox.received == []
        assert [message.state for message in await waiting(app)] == ["queued"]


async def test_a_server_without_tls_gets_nothing_where_tls_is_required(a_server):
    async with mail_server() as mailbox:
        app = await a_server(
            mode="production", smtp=f"smtp://127.0.0.1:{mailbox.port}?starttls=required"
        )
        await put(app, await a_pool(app), a_message())

        await app.deliveries.deliver_due()

        assert mailbox.received == []
        assert [message.state for message in await waiting(app)] == ["queued"]


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_password_is_tried_again_later(a_server, certificates, clock):
    async with mail_server(start_tls=certificates.server, login=True) as mailbox:
        app = await a_server(
            mode="production",
            clock=clock,
            smtp=f"smtp://ada:guess@127.0.0.1:{mailbox.port}?starttls=required",
        )
        await put(app, await a_pool(app), a_message())

        await app.deliveries.deliver_due()

        assert mailbox.received == []
        assert [message.state for message in await waiting(app)] == ["queued"]


# --- the setting ---------------------------------------------------------------------------------


def test_tls_is_required_but_on_this_machine():
    assert SmtpServer.parse("smtp://mail.example.org").start_tls == "required"
    assert SmtpServer.parse("smtp://mail.example.org?starttls=never").start_tls == "never"
    assert SmtpServer.parse("smtp://localhost:1025").start_tls == "optional"
    assert SmtpServer.parse("smtp://mail.example.org").port == 587
    assert SmtpServer.parse("smtps://mail.example.org").port == 465


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.org", "smtp is a URL smtp://user:password@host:port or smtps://…"),
        ("http://mail.example.org", "smtp is a URL smtp://user:password@host:port or smtps://…"),
        ("smtp://mail.example.org:99999", "smtp: the port is a number up to 65535"),
        (
            "smtp://mail.example.org?tls=no",
            "smtp: after ? stands only starttls=required|optional|never",
        ),
        (
            "smtp://ada:secret@mail.example.org?starttls=optional",
            "smtp: a password travels only under TLS (starttls=required)",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(url, words):
    with pytest.raises(SmtpUrlError) as refusal:
        SmtpServer.parse(url)

    assert str(refusal.value) == words
    assert "secret" not in str(refusal.value)
