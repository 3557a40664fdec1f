"""Importing users: a job, its file, what becomes of every row, and their first sign-ins."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import bcrypt
import pytest
from botocore.exceptions import ClientError

from cognate.app import App
from cognate.protocol.password_hash import Parameters, hash_password
from tests.inprocess import START, LoopThread
from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused

ROLE = "arn:aws:iam::123456789012:role/import-logs"
SSE = {"x-amz-server-side-encryption": "aws:kms"}
WEAK = "old password"  # breaks every pool's policy


@dataclass
class Imports:
    """Jobs as a person has them done: make, send the file, start, wait."""

    cognito: Any
    http: Callable[..., Any]
    app: App
    loop: LoopThread
    jobs: dict[str, str] = field(default_factory=dict)

    def create(self, pool_id: str, **arguments: Any) -> dict[str, Any]:
        answer = self.cognito.create_user_import_job(
            UserPoolId=pool_id, JobName="a job", CloudWatchLogsRoleArn=ROLE, **arguments
        )
        job: dict[str, Any] = answer["UserImportJob"]
        return job

    def send(self, job: Mapping[str, Any], content: bytes | str) -> Any:
        body = content.encode() if isinstance(content, str) else content
        return self.http("PUT", job["PreSignedUrl"], headers=SSE, body=body)

    def start(self, job: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.cognito.start_user_import_job(
            UserPoolId=job["UserPoolId"], JobId=job["JobId"]
        )
        started: dict[str, Any] = answer["UserImportJob"]
        return started

    def work(self) -> int:
        return self.loop.run(self.app.imports.run_due())

    def describe(self, job: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.cognito.describe_user_import_job(
            UserPoolId=job["UserPoolId"], JobId=job["JobId"]
        )
        found: dict[str, Any] = answer["UserImportJob"]
        return found

    def run(self, pool_id: str, content: bytes | str, **arguments: Any) -> dict[str, Any]:
        job = self.create(pool_id, **arguments)
        assert self.send(job, content).status == 200
        self.start(job)
        assert self.work() == 1
        return self.describe(job)

    def log(self, job: Mapping[str, Any]) -> list[str]:
        async def read() -> list[str]:
            lines: list[str] = []
            after = 0
            while found := await self.app.store.import_jobs.log(
                job["UserPoolId"], job["JobId"], after=after
            ):
                after = found[0]
                lines += found[1]
            return lines

        return self.loop.run(read())

    def csv(self, pool_id: str, rows: Sequence[Mapping[str, str]], *, hashes: bool = False) -> str:
        columns = self.cognito.get_csv_header(UserPoolId=pool_id)["CSVHeader"]
        if hashes:
            columns = [*columns, "password_hash"]
        lines = [",".join(columns)]
        for row in rows:
            assert row.keys() <= set(columns)
            lines.append(",".join(row.get(column, "") for column in columns))
        return "\n".join(lines) + "\n"


@pytest.fixture
def imports(cognito: Any, http: Any, app: App, loop_thread: LoopThread) -> Imports:
    return Imports(cognito, http, app, loop_thread)


@pytest.fixture
def verifying_pool(a_pool: Callable[..., str]) -> Callable[..., str]:
    def create(**arguments: Any) -> str:
        arguments.setdefault("AutoVerifiedAttributes", ["email"])
        return a_pool(**arguments)

    return create


def a_row(name: str, /, **values: str) -> dict[str, str]:
    row = {
        "cognito:username": name,
        "cognito:mfa_enabled": "false",
        "email": f"{name}@example.com",
        "email_verified": "TRUE",
    }
    return row | {column.replace("__", ":"): value for column, value in values.items()}


def test_the_header_names_every_column_of_the_pool(cognito, a_pool):
    pool_id = a_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])

    answer = cognito.get_csv_header(UserPoolId=pool_id)

    assert answer["UserPoolId"] == pool_id
    assert answer["CSVHeader"] == [
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username",
        "profile", "picture", "website", "email", "email_verified", "gender", "birthdate",
        "zoneinfo", "locale", "phone_number", "phone_number_verified", "address", "updated_at",
        "cognito:mfa_enabled", "cognito:username", "custom:team",
    ]  # fmt: skip


def test_imported_users_must_reset_their_password(imports, verifying_pool, cognito, a_client):
    pool_id = verifying_pool()
    client_id = a_client(pool_id)["ClientId"]
    ada = a_row(
        "ada",
        name="Lovelace\\, Ada",
        birthdate="12/10/1815",
        updated_at="1760000000",
        address="\\\\server\\share ",
    )

    job = imports.run(pool_id, imports.csv(pool_id, [ada]))

    assert job["Status"] == "Succeeded"
    assert (job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]) == (1, 0, 0)
    assert job["StartDate"] == job["CompletionDate"] == START
    assert imports.log(job) == ["[SUCCEEDED] Line Number 2 - The import succeeded."]
    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    assert stored["UserStatus"] == "RESET_REQUIRED"
    attributes = {a["Name"]: a["Value"] for a in stored["UserAttributes"]}
    attributes.pop("sub")
    assert attributes == {
        "name": "Lovelace, Ada",
        "birthdate": "1815-12-10",
        "updated_at": "1760000000",
        "address": "\\\\server\\share",
        "email": "ada@example.com",
        "email_verified": "true",
    }
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        sign_in(cognito, client_id, "ada", PASSWORD)


def sign_in(cognito: Any, client_id: str, name: str, password: str) -> Any:
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )["AuthenticationResult"]


def test_a_new_job_waits_for_its_file(imports, verifying_pool):
    pool_id = verifying_pool()

    job = imports.create(pool_id, PasswordHashingAlgorithm="BCRYPT")

    url = urlsplit(job.pop("PreSignedUrl"))
    job_id = job.pop("JobId")
    assert job_id.startswith("import-")
    assert len(job_id) == len("import-") + 10
    assert url.path == f"/user-imports/{pool_id}/{job_id}"
    assert job == {
        "JobName": "a job",
        "UserPoolId": pool_id,
        "CreationDate": START,
        "Status": "Created",
        "CloudWatchLogsRoleArn": ROLE,
        "ImportedUsers": 0,
        "SkippedUsers": 0,
        "FailedUsers": 0,
        "PasswordHashingAlgorithm": "BCRYPT",
    }


def test_every_row_has_its_line_in_the_log_and_none_of_its_data(imports, verifying_pool, cognito):
    pool_id = verifying_pool(
        AliasAttributes=["email"],
        Schema=[
            {"Name": "family_name", "Required": True},
            {"Name": "age", "AttributeDataType": "Number"},
        ],
    )
    cognito.admin_create_user(
        UserPoolId=pool_id, Username="grace", UserAttributes=[], MessageAction="SUPPRESS"
    )
    rows = [
        a_row("ada", family_name="Lovelace"),
        a_row("grace", family_name="Hopper"),
        a_row("ada", family_name="Again", email="other@example.com"),
        a_row("joan", family_name="Clarke", email_verified="false"),
        a_row("mary", family_name="Somerville", email="nobody"),
        a_row("emmy", family_name="Noether", custom__age="old"),
        a_row("lise", family_name="Meitner", birthdate="1878-11-07"),
        a_row("rosa", family_name="Peter", birthdate="02/30/1905"),
        a_row("hedy"),
        a_row("two words", family_name="Blank"),
        a_row("", family_name="Nobody"),
        a_row("mfa", family_name="On", cognito__mfa_enabled="true"),
        a_row("flag", family_name="Odd", cognito__mfa_enabled="perhaps"),
        a_row("alias@example.com", family_name="Shaped", email="alias@example.com"),
        a_row("second", family_name="Holder", email="ADA@example.com"),
        a_row("third", family_name="Holder", email="ada@example.com"),
        a_row("long", family_name="x" * 16000),
        a_row("time", family_name="Late", updated_at="yesterday"),
        *[a_row(f"filler{n}", family_name="Many") for n in range(30)],
    ]
    content = imports.csv(pool_id, rows) + "too,few\n\n\r\n"

    job = imports.run(pool_id, content)

    assert job["Status"] == "Succeeded"
    assert (job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]) == (32, 2, 15)
    log = imports.log(job)
    assert log[:18] == [
        "[SUCCEEDED] Line Number 2 - The import succeeded.",
        "[SKIPPED] Line Number 3 - The user already exists.",
        "[SKIPPED] Line Number 4 - The user already exists.",
        "[FAILED] Line Number 5 - The User Record does not set any of the auto verified attributes"
        " to true. (Example: email_verified to true).",
        "[FAILED] Line Number 6 - email: Invalid email address format.",
        "[FAILED] Line Number 7 - custom:age: Invalid number value.",
        "[FAILED] Line Number 8 - birthdate: The date is written mm/dd/yyyy.",
        "[FAILED] Line Number 9 - birthdate: There is no such day.",
        "[FAILED] Line Number 10 - family_name: The attribute is required",
        "[FAILED] Line Number 11 - cognito:username cannot contain blanks.",
        "[FAILED] Line Number 12 - cognito:username is required.",
        "[FAILED] Line Number 13 - cognito:mfa_enabled must be false: the user pool has no MFA.",
        "[FAILED] Line Number 14 - cognito:mfa_enabled is true or false.",
        "[FAILED] Line Number 15 - Username cannot be of email format, since user pool is"
        " configured for email alias.",
        "[SUCCEEDED] Line Number 16 - The import succeeded.",
        "[FAILED] Line Number 17 - An account with the given email already exists.",
        "[FAILED] Line Number 18 - The row is longer than 16000 characters.",
        "[FAILED] Line Number 19 - updated_at: The time is written in seconds since 1970.",
    ]
    assert log[-1] == (
        "[FAILED] Line Number 50 - The row does not have as many values as the header has columns."
    )


def test_more_bad_rows_than_good_ones_fail_the_job_and_keep_the_good_ones(
    imports, verifying_pool, cognito
):
    pool_id = verifying_pool()
    bad = [a_row(f"bad{n}", email_verified="false") for n in range(2)]

    job = imports.run(pool_id, imports.csv(pool_id, [a_row("ada"), *bad]))

    assert job["Status"] == "Failed"
    assert job["CompletionMessage"] == (
        "Too many users have failed or been skipped during the import."
    )
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["Enabled"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The CSV file cannot be read."),
        (b"\xff\xfe,x\n", "The CSV file cannot be read."),
        (b"x" * 2 * 1024 * 1024, "The CSV file cannot be read."),
        ("name,email\n", "The header of the CSV file does not have the column given_name."),
        (
            "HEADER,extra\n",
            "The header of the CSV file has columns that the user pool does not have.",
        ),
        ("HEADER,email\n", "The header of the CSV file names a column twice."),
        ("\ufeffHEADER\n", "The header of the CSV file does not have the column name."),
    ],
)
def test_a_file_without_the_pools_header_fails_the_job(
    imports, verifying_pool, cognito, content, message
):
    pool_id = verifying_pool()
    if isinstance(content, str):
        header = ",".join(cognito.get_csv_header(UserPoolId=pool_id)["CSVHeader"])
        content = content.replace("HEADER", header)

    job = imports.run(pool_id, content)

    assert (job["Status"], job["CompletionMessage"]) == ("Failed", message)
    assert job["ImportedUsers"] == 0


def test_more_rows_than_the_service_takes_fail_the_job_before_the_first(imports, verifying_pool):
    pool_id = verifying_pool()
    content = imports.csv(pool_id, [a_row("ada")]) + "\n" * 500_000

    job = imports.run(pool_id, content)

    assert job["CompletionMessage"] == "The CSV file has more than 500000 users."
    assert job["ImportedUsers"] == 0


def test_columns_may_stand_in_any_order(imports, verifying_pool, cognito):
    pool_id = verifying_pool()
    columns = cognito.get_csv_header(UserPoolId=pool_id)["CSVHeader"][::-1]
    row = a_row("ada")

    job = imports.run(
        pool_id,
        ",".join(columns) + "\r\n" + ",".join(f" {row.get(c, '')} " for c in columns),
    )

    assert job["ImportedUsers"] == 1
    assert imports.cognito.admin_get_user(UserPoolId=pool_id, Username="ada")


def test_where_addresses_are_user_names_users_get_an_id(imports, verifying_pool, cognito):
    pool_id = verifying_pool(UsernameAttributes=["email"])
    rows = [
        a_row("ada@example.com", email=""),
        a_row("ADA@example.com", email=""),
        a_row("ada@example.com", email=""),
        a_row("ada", email=""),
    ]

    job = imports.run(pool_id, imports.csv(pool_id, rows))

    assert [line.split(" - ")[1] for line in imports.log(job)] == [
        "The import succeeded.",
        "The import succeeded.",
        "The user already exists.",
        "Username should be an email.",
    ]
    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada@example.com")
    sub = next(a["Value"] for a in stored["UserAttributes"] if a["Name"] == "sub")
    assert stored["Username"] == sub


def test_mfa_by_text_message_is_switched_on_for_those_who_have_it(imports, a_pool, cognito):
    pool_id = a_pool(
        AutoVerifiedAttributes=["phone_number"],
        MfaConfiguration="OPTIONAL",
        SmsConfiguration={"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"},
    )
    phone = {"phone_number": "+15555550100", "phone_number_verified": "true"}
    rows = [
        a_row("ada", email_verified="", **phone) | {"cognito:mfa_enabled": "TRUE"},
        a_row("grace", email_verified="", **phone) | {"cognito:mfa_enabled": ""},
    ]

    imports.run(pool_id, imports.csv(pool_id, rows))

    ada = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    grace = cognito.admin_get_user(UserPoolId=pool_id, Username="grace")
    assert ada["PreferredMfaSetting"] == "SMS_MFA"
    assert "PreferredMfaSetting" not in grace
    assert {"Name": "email_verified", "Value": "false"} in grace["UserAttributes"]


# --- hashes --------------------------------------------------------------------------------------


def bcrypt_of(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def scrypt_of(password: str) -> str:
    salt = b"sixteen byte salt"
    derived = hashlib.scrypt(password.encode(), salt=salt, n=16, r=8, p=1, dklen=32)
    return f"16$8$1${salt.hex()}${derived.hex()}"


def argon2id_of(password: str) -> str:
    return hash_password(password, b"sixteen byte sal", Parameters(memory=64, passes=1)).replace(
        ",", "\\,"
    )


def pbkdf2_of(password: str) -> str:
    salt = b"sixteen byte sal"
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1000)
    texts = [b64encode(part).decode().rstrip("=").replace("+", ".") for part in (salt, derived)]
    return f"$pbkdf2-sha256$1000${texts[0]}${texts[1]}"


HASHES = {
    "BCRYPT": bcrypt_of,
    "SCRYPT": scrypt_of,
    "ARGON2ID": argon2id_of,
    "PBKDF2_SHA256": pbkdf2_of,
}


@pytest.mark.parametrize("algorithm", HASHES)
def test_a_hash_of_another_system_lets_its_user_in_with_the_old_password(
    imports, verifying_pool, a_client, cognito, app, loop_thread, algorithm
):
    pool_id = verifying_pool()
    client_id = a_client(pool_id)["ClientId"]
    row = a_row("ada", password_hash=HASHES[algorithm](WEAK))
    imports.run(
        pool_id, imports.csv(pool_id, [row], hashes=True), PasswordHashingAlgorithm=algorithm
    )
    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    assert stored["UserStatus"] == "CONFIRMED"
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(cognito, client_id, "ada", "another password")
    assert loop_thread.run(credential_of(app, pool_id, "ada")).foreign_hash is not None

    assert sign_in(cognito, client_id, "ada", WEAK)["AccessToken"]

    own = loop_thread.run(credential_of(app, pool_id, "ada"))
    assert own.foreign_hash is None
    assert own.password_hash.startswith("$argon2id$")
    assert sign_in(cognito, client_id, "ada", WEAK)["AccessToken"]


async def credential_of(app: App, pool_id: Any, name: str) -> Any:
    pool = await app.store.pools.find(pool_id)
    assert pool is not None
    user = await app.store.users.find_by_username(pool, name)
    assert user is not None
    return await app.store.credentials.find(pool.pool_id, user.sub)


def test_srp_fails_as_a_wrong_password_until_the_password_was_given_in_clear(
    imports, verifying_pool, a_client, cognito
):
    pool_id = verifying_pool()
    client_id = a_client(pool_id)["ClientId"]
    row = a_row("ada", password_hash=bcrypt_of(WEAK))
    imports.run(
        pool_id, imports.csv(pool_id, [row], hashes=True), PasswordHashingAlgorithm="BCRYPT"
    )

    with refused("NotAuthorizedException", "Incorrect username or password."):
        by_srp(cognito, pool_id, client_id, "ada", WEAK)
    sign_in(cognito, client_id, "ada", WEAK)

    assert by_srp(cognito, pool_id, client_id, "ada", WEAK)["AccessToken"]


def by_srp(cognito: Any, pool_id: str, client_id: str, name: str, password: str) -> Any:
    from pycognito.aws_srp import AWSSRP

    srp = AWSSRP(
        username=name, password=password, pool_id=pool_id, client_id=client_id, client=cognito
    )
    return srp.authenticate_user()["AuthenticationResult"]


def test_the_old_password_can_be_changed_and_counts_in_the_history(
    imports, verifying_pool, a_client, cognito
):
    pool_id = verifying_pool()
    client_id = a_client(pool_id)["ClientId"]
    row = a_row("ada", password_hash=bcrypt_of(PASSWORD))
    imports.run(
        pool_id, imports.csv(pool_id, [row], hashes=True), PasswordHashingAlgorithm="BCRYPT"
    )
    tokens = sign_in(cognito, client_id, "ada", PASSWORD)

    cognito.change_password(
        AccessToken=tokens["AccessToken"],
        PreviousPassword=PASSWORD,
        ProposedPassword="Another-horse1!",
    )

    assert sign_in(cognito, client_id, "ada", "Another-horse1!")["AccessToken"]
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(cognito, client_id, "ada", PASSWORD)


def test_an_administrator_replaces_a_foreign_hash(imports, verifying_pool, a_client, cognito):
    pool_id = verifying_pool(
        Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}}
    )
    client_id = a_client(pool_id)["ClientId"]
    row = a_row("ada", password_hash=bcrypt_of(PASSWORD))
    imports.run(
        pool_id, imports.csv(pool_id, [row], hashes=True), PasswordHashingAlgorithm="BCRYPT"
    )

    with refused("PasswordHistoryPolicyViolationException", "Password has previously been used"):
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True
        )
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="ada", Password="Another-horse1!", Permanent=True
    )

    assert sign_in(cognito, client_id, "ada", "Another-horse1!")["AccessToken"]


def test_hashes_that_cannot_be_used_fail_their_row_and_none_means_a_reset(
    imports, verifying_pool, cognito
):
    pool_id = verifying_pool()
    rows = [
        a_row("none"),
        a_row("dear", password_hash=bcrypt_of(WEAK).replace("$04$", "$13$")),
        a_row("broken", password_hash="$2b$04$broken"),
        a_row("good", password_hash=bcrypt_of(WEAK)),
    ]

    job = imports.run(
        pool_id, imports.csv(pool_id, rows, hashes=True), PasswordHashingAlgorithm="BCRYPT"
    )

    assert [line.split(" - ")[1] for line in imports.log(job)] == [
        "The import succeeded.",
        "password_hash: a BCRYPT hash of a cost that is not accepted.",
        "password_hash: not a BCRYPT hash.",
        "The import succeeded.",
    ]
    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="none")
    assert stored["UserStatus"] == "RESET_REQUIRED"


def test_a_job_for_hashes_needs_their_column(imports, verifying_pool):
    pool_id = verifying_pool()

    job = imports.run(
        pool_id, imports.csv(pool_id, [a_row("ada")]), PasswordHashingAlgorithm="BCRYPT"
    )

    assert job["CompletionMessage"] == (
        "The header of the CSV file does not have the column password_hash."
    )


# --- starting and stopping -----------------------------------------------------------------------


def test_a_job_starts_once_with_a_file_in_a_pool_that_verifies(imports, verifying_pool, a_pool):
    pool_id = verifying_pool()
    job = imports.create(pool_id)
    with refused(
        "PreconditionNotMetException", "The CSV file of the import job has not been uploaded."
    ):
        imports.start(job)
    imports.send(job, imports.csv(pool_id, [a_row("ada")]))

    started = imports.start(job)

    assert (started["Status"], started["StartDate"]) == ("Pending", START)
    with refused(
        "PreconditionNotMetException",
        "The import job cannot be started: its status is Pending.",
    ):
        imports.start(job)
    bare = imports.create(a_pool())
    with refused(
        "PreconditionNotMetException",
        "The user pool must have at least one auto verified attribute to import users.",
    ):
        imports.start(bare)


def test_an_account_has_one_import_under_way(imports, verifying_pool):
    first_pool, second_pool = verifying_pool(), verifying_pool()
    first, second = imports.create(first_pool), imports.create(second_pool)
    for job, pool_id in ((first, first_pool), (second, second_pool)):
        imports.send(job, imports.csv(pool_id, [a_row("ada")]))
    imports.start(first)

    with refused(
        "PreconditionNotMetException", "Another import job of this account is in progress."
    ):
        imports.start(second)
    imports.work()

    assert imports.start(second)["Status"] == "Pending"


def test_a_stopped_job_imports_nothing_more_and_is_not_started_again(imports, verifying_pool):
    pool_id = verifying_pool()
    job = imports.create(pool_id)
    imports.send(job, imports.csv(pool_id, [a_row("ada")]))
    imports.start(job)

    stopping = imports.cognito.stop_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])
    imports.work()

    assert stopping["UserImportJob"]["Status"] == "Stopping"
    stopped = imports.describe(job)
    assert stopped["Status"] == "Stopped"
    assert stopped["CompletionMessage"] == "The Import Job was stopped by the developer."
    assert stopped["ImportedUsers"] == 0
    with refused(
        "PreconditionNotMetException",
        "The import job cannot be started: its status is Stopped.",
    ):
        imports.start(job)
    with refused(
        "InvalidParameterException", "The import job cannot be stopped: its status is Stopped."
    ):
        imports.cognito.stop_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])


def test_a_job_that_nobody_starts_within_a_day_expires(imports, verifying_pool, clock):
    job = imports.create(verifying_pool())

    clock.advance(timedelta(hours=24))

    expired = imports.describe(job)
    assert expired["Status"] == "Expired"
    with refused(
        "PreconditionNotMetException",
        "The import job cannot be started: its status is Expired.",
    ):
        imports.start(job)


def test_jobs_are_listed_newest_first_page_by_page(imports, verifying_pool, clock, cognito):
    pool_id = verifying_pool()
    made = []
    for _ in range(3):
        made.append(imports.create(pool_id)["JobId"])
        clock.advance(timedelta(seconds=1))

    first = cognito.list_user_import_jobs(UserPoolId=pool_id, MaxResults=2)
    second = cognito.list_user_import_jobs(
        UserPoolId=pool_id, MaxResults=2, PaginationToken=first["PaginationToken"]
    )

    found = [job["JobId"] for page in (first, second) for job in page["UserImportJobs"]]
    assert found == made[::-1]
    assert "PaginationToken" not in second
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_user_import_jobs(
            UserPoolId=verifying_pool(), MaxResults=2, PaginationToken=first["PaginationToken"]
        )


@pytest.mark.parametrize(
    "operation", ["describe_user_import_job", "start_user_import_job", "stop_user_import_job"]
)
def test_unknown_jobs_and_pools_are_not_found(cognito, a_pool, operation):
    pool_id = a_pool()

    with refused("ResourceNotFoundException", "User import job import-0123456789 does not exist."):
        getattr(cognito, operation)(UserPoolId=pool_id, JobId="import-0123456789")
    with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
        getattr(cognito, operation)(UserPoolId="us-east-1_nobody", JobId="import-0123456789")


def test_a_job_of_a_deleted_pool_ends_with_it(imports, verifying_pool, cognito):
    pool_id = verifying_pool()
    job = imports.create(pool_id)
    imports.send(job, imports.csv(pool_id, [a_row("ada")]))
    imports.start(job)

    cognito.delete_user_pool(UserPoolId=pool_id)

    assert imports.work() == 0
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        imports.describe(job)


# --- sending the file ----------------------------------------------------------------------------


def test_a_file_goes_only_to_an_address_that_we_signed(imports, verifying_pool):
    job = imports.create(verifying_pool())
    url = job["PreSignedUrl"]

    wrong = imports.http("PUT", url[:-1] + ("0" if url[-1] != "0" else "1"), body=b"x")
    other = imports.http("PUT", url.replace(job["JobId"], "import-0123456789"), body=b"x")
    later = imports.http("PUT", url.replace("Expires=1", "Expires=2"), body=b"x")

    for answer in (wrong, other, later):
        assert answer.status == 403
        assert answer.headers["content-type"] == "application/xml"
        assert b"<Code>SignatureDoesNotMatch</Code>" in answer.body


def test_the_address_is_good_for_fifteen_minutes(imports, verifying_pool, clock):
    job = imports.create(verifying_pool())
    clock.advance(timedelta(minutes=14, seconds=59))
    assert imports.send(job, "name\n").status == 200

    clock.advance(timedelta(seconds=1))

    answer = imports.send(job, "name\n")
    assert answer.status == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in answer.body


def test_a_started_job_takes_no_other_file(imports, verifying_pool):
    pool_id = verifying_pool()
    job = imports.create(pool_id)
    imports.send(job, imports.csv(pool_id, [a_row("ada")]))
    imports.start(job)

    answer = imports.send(job, "another")

    assert answer.status == 403
    assert b"<Code>AccessDenied</Code>" in answer.body


def test_a_file_sent_again_replaces_the_first(imports, verifying_pool, cognito):
    pool_id = verifying_pool()
    job = imports.create(pool_id)
    imports.send(job, imports.csv(pool_id, [a_row("first")]))
    imports.send(job, imports.csv(pool_id, [a_row("second")]))

    imports.start(job)
    imports.work()

    users = cognito.list_users(UserPoolId=pool_id)["Users"]
    assert [user["Username"] for user in users] == ["second"]


def test_more_than_a_hundred_megabytes_are_refused(imports, verifying_pool):
    job = imports.create(verifying_pool())
    size = 100 * 1024 * 1024 + 1

    announced = imports.http(
        "PUT", job["PreSignedUrl"], headers={"content-length": str(size)}, body=b"x"
    )
    sent = imports.send(job, b"x" * size)

    for answer in (announced, sent):
        assert answer.status == 400
        assert b"<Code>EntityTooLarge</Code>" in answer.body
    assert imports.loop.run(pieces(imports.app, job)) == b""


async def pieces(app: App, job: Mapping[str, Any]) -> bytes:
    found = await app.store.import_jobs.find(job["UserPoolId"], job["JobId"])
    assert found is not None
    return await app.store.import_jobs.piece_at(found, 0)


def test_the_file_is_forgotten_with_the_end_of_its_job(imports, verifying_pool):
    pool_id = verifying_pool()
    job = imports.create(pool_id)
    imports.send(job, imports.csv(pool_id, [a_row("ada")]))
    assert imports.loop.run(pieces(imports.app, job)) != b""

    imports.start(job)
    imports.work()

    assert imports.loop.run(pieces(imports.app, job)) == b""
