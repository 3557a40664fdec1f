"""
The AWS CLI: settings that Terraform's provider does not know, and imports.

A command starts a Python of its own, so these stories run on one database.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from tests.clients.conftest import PASSWORD
from tests.clients.test_aws_cli import REFUSED, Said, command_line

DATABASES = ["sqlite"]
ROLE = "arn:aws:iam::000000000000:role/import"


@pytest.fixture
def aws(server, tmp_path: Path) -> Callable[..., Said]:
    """`aws("list-users", …)`: one command of cognito-idp."""
    return command_line(server, tmp_path)


def refused(said: Said) -> str:
    """The end of its words: the operation's refusal."""
    assert (said.status, said.output) == (REFUSED, "")
    return said.errors.removeprefix("An error occurred ")


def test_activity_is_delivered_to_where_it_is_set(aws, a_pool, tmp_path):
    pool = ["--user-pool-id", a_pool(UserPoolTier="PLUS").pool_id]
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/cognito"

    def wanted(arn: str) -> list[dict[str, Any]]:
        return [
            {
                "EventSource": "userNotification",
                "LogLevel": "ERROR",
                "CloudWatchLogsConfiguration": {"LogGroupArn": arn},
            }
        ]

    def delivered_to(arn: str) -> Said:
        configurations = ["--log-configurations", json.dumps(wanted(arn))]
        return aws("set-log-delivery-configuration", *pool, *configurations)

    nothing = aws("get-log-delivery-configuration", *pool).json()
    elsewhere = delivered_to("arn:aws:firehose:us-east-1:000000000000:deliverystream/logs")
    delivered_to(group).json()
    shown = aws("get-log-delivery-configuration", *pool).json()

    assert nothing["LogDeliveryConfiguration"]["LogConfigurations"] == []
    assert refused(elsewhere) == (
        "(InvalidParameterException) when calling the SetLogDeliveryConfiguration operation: "
        "The ARN of a CloudWatchLogs destination is missing or invalid."
    )
    assert shown["LogDeliveryConfiguration"]["LogConfigurations"] == wanted(group)


def test_a_client_gets_a_style_of_its_own(aws, a_pool):
    pool = a_pool()
    named = ["--user-pool-id", pool.pool_id, "--client-id", pool.client_id]

    made = aws("create-managed-login-branding", *named, "--use-cognito-provided-values").json()
    again = aws("create-managed-login-branding", *named, "--use-cognito-provided-values")
    found = aws("describe-managed-login-branding-by-client", *named).json()
    style = ["--user-pool-id", pool.pool_id, "--managed-login-branding-id"]
    style.append(made["ManagedLoginBranding"]["ManagedLoginBrandingId"])
    assert aws("delete-managed-login-branding", *style).status == 0
    gone = aws("describe-managed-login-branding-by-client", *named)

    assert found == made
    assert refused(again).startswith(
        "(ManagedLoginBrandingExistsException) when calling the CreateManagedLoginBranding "
    )
    assert refused(gone).startswith(
        "(ResourceNotFoundException) when calling the DescribeManagedLoginBrandingByClient "
    )


def test_users_are_imported_from_a_file(aws, cognito, a_pool):
    pool = a_pool()
    named = ["--user-pool-id", pool.pool_id]
    header = aws("get-csv-header", *named, "--query", "CSVHeader").json()
    job = aws(
        "create-user-import-job",
        *[*named, "--job-name", "first", "--cloud-watch-logs-role-arn", ROLE],
    ).json()["UserImportJob"]
    of_job = [*named, "--job-id", job["JobId"]]
    values = {
        "cognito:username": "ada",
        "cognito:mfa_enabled": "false",
        "email": "ada@example.com",
        "email_verified": "true",
    }
    rows = [header, [values.get(column, "") for column in header], ["" for _ in header]]
    file = "\n".join(",".join(row) for row in rows).encode()

    empty = aws("start-user-import-job", *of_job)
    upload = Request(
        job["PreSignedUrl"],
        data=file,
        method="PUT",
        headers={"x-amz-server-side-encryption": "aws:kms"},
    )
    with urlopen(upload, timeout=10) as answer:
        assert answer.status == 200
    assert aws("start-user-import-job", *of_job).status == 0
    done = {}
    for _ in range(30):  # a command takes most of a second
        done = aws("describe-user-import-job", *of_job).json()["UserImportJob"]
        if "CompletionDate" in done:
            break

    assert job["Status"] == "Created"
    assert (done["Status"], done["ImportedUsers"], done["FailedUsers"]) == ("Succeeded", 1, 1)
    assert empty.status == REFUSED
    ada = cognito.admin_get_user(UserPoolId=pool.pool_id, Username="ada")
    assert ada["UserStatus"] == "RESET_REQUIRED"
    with pytest.raises(ClientError) as reset:
        cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )
    assert reset.value.response["Error"]["Code"] == "PasswordResetRequiredException"
    again = aws("start-user-import-job", *of_job)
    assert refused(again).startswith("(PreconditionNotMetException)")
