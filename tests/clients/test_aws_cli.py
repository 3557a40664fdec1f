"""The AWS CLI: `aws cognito-idp … --endpoint-url`, its output, its exit status, its words."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import PASSWORD
from tests.clients.started_server import REPOSITORY, StartedServer, another_code

AWS = REPOSITORY / ".venv" / "bin" / "aws"
REFUSED = 255  # what version 1 ends with after an error of the service; version 2 says 254
PATIENCE = 60  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    status: int
    output: str
    errors: str

    def json(self) -> Any:
        assert self.status == 0, self.errors
        return json.loads(self.output)


@pytest.fixture
def aws(server, tmp_path: Path) -> Callable[..., Said]:
    """`aws("sign-up", "--client-id", …)`: one command of cognito-idp."""
    return command_line(server, tmp_path)


def command_line(server: StartedServer, tmp_path: Path) -> Callable[..., Said]:
    environment = {name: value for name, value in os.environ.items() if "AWS" not in name}
    environment |= {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "HOME": str(tmp_path),
    }

    def command(name: str, *arguments: str) -> Said:
        done = subprocess.run(
            [AWS, "cognito-idp", name, "--endpoint-url", server.url, *arguments],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=PATIENCE,
        )
        return Said(status=done.returncode, output=done.stdout, errors=done.stderr.strip())

    return command


def test_a_pool_is_made_from_a_file_and_described_and_tagged(aws, tmp_path):
    wanted = {
        "PoolName": "customers",
        "UsernameAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
        "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": False}},
        "UserPoolTags": {"team": "identity"},
    }
    (tmp_path / "pool.json").write_text(json.dumps(wanted))

    pool = aws("create-user-pool", "--cli-input-json", "file://pool.json").json()["UserPool"]

    arn = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool['Id']}"
    assert pool["Arn"] == arn
    described = aws("describe-user-pool", "--user-pool-id", pool["Id"]).json()["UserPool"]
    assert described == pool
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    tags = aws("list-tags-for-resource", "--resource-arn", arn, "--output", "text")
    assert tags.output.split() == ["TAGS", "identity"]


def test_a_user_signs_up_and_in_from_the_command_line(server, aws, a_pool):
    pool = a_pool(UsernameAttributes=["email"])
    ada = "ada@example.com"
    mine = ["--client-id", pool.client_id]

    signed_up = aws("sign-up", *mine, "--username", ada, "--password", PASSWORD).json()
    assert signed_up["UserConfirmed"] is False

    code = server.code(ada)
    wrong = aws(
        "confirm-sign-up", *mine, "--username", ada, "--confirmation-code", another_code(code)
    )
    assert (wrong.status, wrong.output) == (REFUSED, "")
    assert wrong.errors == (
        "An error occurred (CodeMismatchException) when calling the ConfirmSignUp operation: "
        "Invalid verification code provided, please try again."
    )
    right = aws("confirm-sign-up", *mine, "--username", ada, "--confirmation-code", code)
    assert right.status == 0

    flow = ["--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters"]
    refused = aws("initiate-auth", *mine, *flow, f"USERNAME={ada},PASSWORD=Wrong-horse1!")
    assert refused.status == REFUSED
    assert refused.errors == (
        "An error occurred (NotAuthorizedException) when calling the InitiateAuth operation: "
        "Incorrect username or password."
    )
    token = aws(
        "initiate-auth",
        *mine,
        *flow,
        f"USERNAME={ada},PASSWORD={PASSWORD}",
        "--query",
        "AuthenticationResult.AccessToken",
        "--output",
        "text",
    ).output.strip()
    sub = aws("get-user", "--access-token", token, "--query", "Username").json()
    assert sub == signed_up["UserSub"]


def test_lists_are_read_page_after_page(aws, cognito, a_pool):
    pool = a_pool()
    for name in ("ada", "bob", "eve"):
        cognito.admin_create_user(UserPoolId=pool.pool_id, Username=name, MessageAction="SUPPRESS")
    listing = ["--user-pool-id", pool.pool_id, "--query", "Users[].Username"]

    everybody = aws("list-users", *listing, "--page-size", "1").json()
    first = aws("list-users", "--user-pool-id", pool.pool_id, "--max-items", "2").json()
    rest = aws("list-users", *listing, "--starting-token", first["NextToken"]).json()

    assert sorted(everybody) == ["ada", "bob", "eve"]
    assert sorted([user["Username"] for user in first["Users"]] + rest) == ["ada", "bob", "eve"]


def test_an_unknown_pool_is_an_error_and_no_output(aws):
    said = aws("describe-user-pool", "--user-pool-id", "us-east-1_Nowhere00")

    assert (said.status, said.output) == (REFUSED, "")
    assert said.errors == (
        "An error occurred (ResourceNotFoundException) when calling the DescribeUserPool "
        "operation: User pool us-east-1_Nowhere00 does not exist."
    )
