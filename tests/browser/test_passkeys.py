"""
Passkeys with a real browser: an application's page, on its own port, speaks to Cognate with fetch.

Chromium's virtual authenticator stands for the finger on the sensor.
"""

import http.server
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from playwright.sync_api import Page, sync_playwright

from cognate.protocol import jose
from tests.clients.started_server import StartedServer

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "Correct-horse1!"

pytestmark = pytest.mark.browser

PAGE = b"""<!doctype html><title>An application</title><script>
async function ask(operation, body) {
  const answer = await fetch(server, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "AWSCognitoIdentityProviderService." + operation,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const content = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Error(content.__type + ": " + content.message);
  return content;
}
async function register(AccessToken) {
  const started = await ask("StartWebAuthnRegistration", { AccessToken });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    started.CredentialCreationOptions);
  const credential = await navigator.credentials.create({ publicKey });
  return await ask("CompleteWebAuthnRegistration",
    { AccessToken, Credential: credential.toJSON() });
}
async function signIn(ClientId, USERNAME) {
  const asked = await ask("InitiateAuth", {
    ClientId, AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME, PREFERRED_CHALLENGE: "WEB_AUTHN" },
  });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    JSON.parse(asked.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS));
  const credential = await navigator.credentials.get({ publicKey });
  return await ask("RespondToAuthChallenge", {
    ClientId, ChallengeName: asked.ChallengeName, Session: asked.Session,
    ChallengeResponses: { USERNAME, CREDENTIAL: JSON.stringify(credential.toJSON()) },
  });
}
</script>"""


class Application(http.server.BaseHTTPRequestHandler):
    """One page, whatever is asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Nothing: the test says what went wrong."""


@pytest.fixture
def server(tmp_path) -> Iterator[StartedServer]:
    started = StartedServer(
        arguments=("serve", "--data", str(tmp_path / "data"), "--insecure-fast-passwords"),
        directory=tmp_path,
    )
    started.start()
    yield started
    started.stop()


@pytest.fixture
def page(server) -> Iterator[Page]:
    """The application's page at http://localhost, with a virtual authenticator plugged in."""
    application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    program = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--headless", "--no-sandbox"]
        )
        page = browser.new_page()
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        page.goto(f"http://localhost:{application.server_port}/")
        page.evaluate("address => { window.server = address }", server.url)
        yield page
        browser.close()
    application.shutdown()
    application.server_close()


@pytest.fixture
def ada(server) -> Iterator[dict[str, str]]:
    """A user of a pool for pages at localhost: the client's id and an access token."""
    cognito = boto3.client(
        "cognito-idp",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    pool_id = cognito.create_user_pool(
        PoolName="shop",
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
    )["UserPool"]["Id"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        WebAuthnConfiguration={"RelyingPartyId": "localhost", "UserVerification": "required"},
    )
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="page",
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True
    )
    signed_in = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    yield {"client": client_id, "token": signed_in["AccessToken"]}
    cognito.close()


def test_a_browser_registers_a_passkey_and_signs_in_with_it(page, ada):
    page.evaluate("token => register(token)", ada["token"])
    first = page.evaluate("client => signIn(client, 'ada')", ada["client"])
    again = page.evaluate("client => signIn(client, 'ada')", ada["client"])

    for signed_in in (first, again):
        claims = jose.unverified_claims(signed_in["AuthenticationResult"]["IdToken"])
        assert claims["cognito:username"] == "ada"
        assert claims["acr"] == "urn:cognito:loa:3"
        assert claims["amr"] in (["hwk"], ["swk"])


def test_a_browser_makes_no_second_passkey_for_the_same_user(page, ada):
    page.evaluate("token => register(token)", ada["token"])

    outcome = page.evaluate(
        "token => register(token).then(() => 'made', error => error.name)", ada["token"]
    )

    assert outcome == "InvalidStateError"  # what WebAuthn says of an excluded credential
