"""The inbox as a developer's browser shows it."""

import json
import shutil
import urllib.request

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.clients.started_server import StartedServer

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 15_000  # milliseconds; the page looks every two seconds

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path):
    server = StartedServer(
        arguments=("dev", "--insecure-fast-passwords", "--fixed-code", "424242"),
        directory=tmp_path,
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page():
    program = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def sign_up(server, username):
    request = urllib.request.Request(
        server.url,
        data=json.dumps(
            {"ClientId": "localclient", "Username": username, "Password": "Correct-horse1!"}
        ).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_a_new_message_comes_up_by_itself_and_is_announced(server, page):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server.url}/_cognate/inbox/")
    expect(page.get_by_text("No message yet.")).to_be_visible()

    sign_up(server, "ada@example.com")

    expect(page.get_by_role("article")).to_have_count(1, timeout=PATIENCE)
    expect(page.get_by_role("article")).to_contain_text("ada@example.com")
    expect(page.get_by_role("article").get_by_text("424242", exact=True)).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("New: Your verification code")
    assert complaints == []


def test_one_recipients_messages_are_asked_for(server, page):
    for name in ("ada@example.com", "grace@example.com"):
        sign_up(server, name)
    page.goto(f"{server.url}/_cognate/inbox/")
    expect(page.get_by_role("article")).to_have_count(2)

    page.get_by_label("Recipient").fill("ada@example.com")
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("ada@example.com")
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("article")).to_have_count(2)
