"""The guide's examples for clients, run in their order as its readers would run them."""

import os
import re
import subprocess
import sys

import boto3
import pytest

from tests.clients.conftest import PASSWORD
from tests.clients.started_server import REPOSITORY, StartedServer

pytestmark = pytest.mark.clients

ADDRESS_IN_GUIDE = "http://localhost:9229"
GUIDE = (REPOSITORY / "docs" / "guide" / "clients.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^## (.+?)\n(?:(?!^## ).)*?^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXAMPLES = {heading: (language, text) for heading, language, text in EXAMPLE.findall(GUIDE)}
AMPLIFYS_WARNING = "You are using a custom Amazon Amazon Cognito User Pool endpoint"
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def development(tmp_path_factory):
    """What `cognate dev` starts; the first example's user is in it."""
    directory = tmp_path_factory.mktemp("guide")
    server = StartedServer(arguments=["dev", "--insecure-fast-passwords"], directory=directory)
    server.start()
    assert printed("boto3", server) == "CONFIRMED\n"
    yield server
    server.stop()


def printed(heading, server, **environment):
    """What an example prints; it must end well and complain of nothing."""
    language, text = EXAMPLES[heading]
    program = {
        "python": [sys.executable, "-W", "ignore::DeprecationWarning", "-"],
        "sh": ["sh", "-eu", "-s"],
        "js": ["node", "--input-type=module", "-"],
    }[language]
    own = {name: value for name, value in os.environ.items() if "AWS" not in name}
    done = subprocess.run(
        program,
        capture_output=True,
        check=False,
        cwd=REPOSITORY / "tests" / "clients",  # where the packages of JavaScript lie
        env={**own, "PATH": f"{REPOSITORY}/.venv/bin:{own['PATH']}", **environment},
        input=text.replace(ADDRESS_IN_GUIDE, server.url),
        text=True,
        timeout=PATIENCE,
    )
    assert [line for line in done.stderr.splitlines() if AMPLIFYS_WARNING not in line] == []
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("heading", ["pycognito", "amazon-cognito-identity-js", "AWS Amplify 6"])
def test_clients_sign_in_and_read_the_users_address(development, heading):
    assert printed(heading, development) == "ada@example.com\n"


def test_the_aws_cli_needs_no_option(development):
    heading = "The AWS CLI, and newer AWS SDKs without a change of code"

    assert '"UserStatus": "CONFIRMED"' in printed(heading, development)


def test_a_token_verifies(development):
    cognito = boto3.client(
        "cognito-idp",
        endpoint_url=development.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    tokens = cognito.initiate_auth(
        ClientId="localclient",
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada@example.com", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    cognito.close()

    verified = printed("aws-jwt-verify", development, ID_TOKEN=tokens["IdToken"])

    assert verified == "ada@example.com\n"


def test_terraforms_provider_is_written_as_in_our_own_configuration():
    language, text = EXAMPLES["Terraform"]

    assert language == "hcl"
    of_tests = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (REPOSITORY / "tests" / "clients" / "terraform").rglob("*.tf")
    )
    provider = text.strip().replace(f'"{ADDRESS_IN_GUIDE}"', "var.url")
    assert provider in of_tests
