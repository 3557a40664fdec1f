"""Access keys: made, listed and revoked on the command line."""

import json
import re

import pytest

from cognate.app import open_store
from cognate.config import Settings
from tests.stories.access_keys import cognate, policy_of, statement


@pytest.fixture
def settings(tmp_path, database_url):
    return Settings(data=tmp_path, database=database_url)


@pytest.fixture
def run(settings):
    """`run("keys", …)` → exit status and output."""

    def command(*words):
        return cognate(settings, *words)

    return command


def test_a_key_is_made_and_its_secret_shown_once(run):
    status, printed = run("keys", "create", "--user", "ada", "--json")

    made = json.loads(printed)
    assert status == 0
    assert made["UserName"] == "ada"
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", made["AccessKeyId"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", made["SecretAccessKey"])
    status, listed = run("keys", "list")
    assert status == 0
    assert made["AccessKeyId"] in listed
    assert made["SecretAccessKey"] not in listed


def test_a_key_is_printed_as_a_shell_takes_it(run, capsys):
    status, printed = run("keys", "create")

    assert status == 0
    assert re.fullmatch(
        r"export AWS_ACCESS_KEY_ID=AKIA\w{16}\nexport AWS_SECRET_ACCESS_KEY=\S{40}\n", printed
    )
    assert capsys.readouterr().err == "# of admin; the secret is shown only now\n"


def test_no_secret_lies_in_the_database_as_it_is(run, settings, loop_thread):
    secret = json.loads(run("keys", "create", "--json")[1])["SecretAccessKey"]

    async def stored():
        store = await open_store(settings)
        try:
            return await store.access_keys.all()
        finally:
            await store.close()

    (key,) = loop_thread.run(stored())
    assert secret.encode() not in key.sealed_secret


def test_a_revoked_key_is_shown_as_such_and_cannot_be_revoked_again(run, capsys):
    key_id = json.loads(run("keys", "create", "--json")[1])["AccessKeyId"]

    status, printed = run("keys", "revoke", key_id)

    assert (status, printed) == (0, f"{key_id} is revoked.\n")
    assert re.search(rf"{key_id} .* revoked \d{{4}}-\d\d-\d\d", run("keys", "list")[1])
    capsys.readouterr()
    assert run("keys", "revoke", key_id) == (1, "")
    assert capsys.readouterr().err == f"cognate: there is no active key {key_id}\n"


def test_a_list_without_keys_says_how_to_make_one(run, capsys):
    assert run("keys", "list") == (0, "")
    assert capsys.readouterr().err == "There is no key yet: cognate keys create\n"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "a policy is a JSON document"),
        ('{"Version": "2012-10-17"}', "a policy has a Statement"),
        (
            json.dumps(policy_of(statement("Maybe", "cognito-idp:*"))),
            "Effect is Allow or Deny",
        ),
        (
            json.dumps(policy_of(statement("Allow", "cognito-idp:*", Principal="*"))),
            "the policy of a key has no Principal",
        ),
    ],
)
def test_a_policy_that_cannot_be_judged_is_refused(run, tmp_path, capsys, document, words):
    file = tmp_path / "policy.json"
    file.write_text(document)

    status, printed = run("keys", "create", "--policy", str(file))

    assert (status, printed) == (2, "")
    assert capsys.readouterr().err == f"cognate: policy {file}: {words}\n"
    assert run("keys", "list")[1] == ""


def test_a_policy_that_is_not_there_is_refused(run, capsys):
    status, _ = run("keys", "create", "--policy", "writeonly")

    assert status == 2
    assert capsys.readouterr().err == (
        "cognate: policy writeonly: neither admin, readonly nor a file to read\n"
    )


def test_a_user_name_that_would_not_fit_an_arn_is_refused(run, capsys):
    status, _ = run("keys", "create", "--user", "ada/../root")

    assert status == 2
    assert capsys.readouterr().err == (
        "cognate: a user name has up to 64 letters, digits and +=,.@_-\n"
    )
