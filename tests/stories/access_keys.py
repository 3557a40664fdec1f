"""Access keys as `cognate keys` makes them, for servers of a test."""

import json
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cognate.cli.main import main
from cognate.config import Settings
from tests.inprocess import LoopThread, sdk_client
from tests.stories.conftest import Current


class Key(NamedTuple):
    """What an SDK signs with."""

    key_id: str
    secret: str


def cognate(settings: Settings, *words: str) -> tuple[int, str]:
    """A command on the server's database: its exit status and what it printed."""
    assert settings.database is not None
    where = ["--data", str(settings.data), "--database", settings.database]
    printed = StringIO()
    with redirect_stdout(printed):
        status = main([*words, *where])
    return status, printed.getvalue()


def key_maker(settings: Settings, directory: Path) -> Callable[..., Key]:
    def make(*, user: str = "ada", policy: str | dict[str, Any] = "admin") -> Key:
        if isinstance(policy, dict):
            document = directory / "policy.json"
            document.write_text(json.dumps(policy))
            policy = str(document)
        status, printed = cognate(
            settings, "keys", "create", "--user", user, "--policy", policy, "--json"
        )
        assert status == 0
        made = json.loads(printed)
        return Key(made["AccessKeyId"], made["SecretAccessKey"])

    return make


@pytest.fixture
def a_key(settings: Settings, tmp_path: Path) -> Callable[..., Key]:
    """`a_key(user="ada", policy="admin" | "readonly" | {…})`."""
    return key_maker(settings, tmp_path)


@pytest.fixture
def signing_as(app: Any, current: Current, loop_thread: LoopThread) -> Callable[..., Any]:
    """`signing_as(key, region=…)` → a boto3 client for user pools that signs with `key`."""

    def client(key: Key, *, region: str = "us-east-1") -> Any:
        return sdk_client(
            "cognito-idp", lambda: current.app, loop_thread, region=region, credentials=key
        )

    return client


def statement(effect: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy_of(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
