"""The pages that tell how to run it keep up with the code."""

import argparse
import re
import runpy
from dataclasses import fields
from pathlib import Path

import pytest

from cognate.cli import main
from cognate.cli.options import HELP, NOT_TYPED
from cognate.config import Settings, load

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NAMES = [field.name for field in fields(Settings)]


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented(name):
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")

    (row,) = [line for line in page.splitlines() if f"| `COGNATE_{name.upper()}` |" in line]

    words = {**HELP, **NOT_TYPED}[name]
    assert len(words) > 20
    assert words in row
    assert ("`--" in row.split("|")[1]) == (name not in NOT_TYPED)


def test_the_page_of_settings_is_what_the_code_makes_of_them():
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")

    generator = runpy.run_path(str(ROOT / "tools" / "generate_docs.py"))
    assert page == generator["settings"]()


def test_what_is_said_of_a_default_is_the_default():
    for name, words in HELP.items():
        default = getattr(Settings(), name)
        said = re.search(r"\(default ([^():]+)\)|^(\w+) \(default\)", words)
        if said is not None:
            assert str(default) == (said[1] or said[2]), name


def test_the_guides_configuration_file_is_read(tmp_path):
    guide = (DOCS / "guide" / "running.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    (tmp_path / "cognate.toml").write_text(example)

    read = load({}, environment={}, directory=tmp_path)

    assert (read.mode, read.workers) == ("production", 4)
    assert read.own_url == "https://id.example.com"


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Every option of a command and of the commands below it."""
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                found |= options_of(below)
    return found


def test_options_and_links_of_the_guide_exist():
    known = {option.removeprefix("--") for option in options_of(main._parser())}
    others = {"endpoint-url", "user-pool-id", "username"}  # the AWS CLI's
    for page in (DOCS / "guide").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text)) <= known | others
        assert set(re.findall(r"COGNATE_([A-Z_]+)", text)) <= {name.upper() for name in NAMES}
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / target).exists(), target


def test_the_guides_policy_is_one_that_can_be_judged():
    from cognate.protocol.iam import Decision, Policy, evaluate

    guide = (DOCS / "guide" / "running.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    policy = Policy.parse(example)
    pool = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_aaaaaaaaa"

    def judged(action, resource, address):
        return evaluate([policy], action, resource, {"aws:SourceIp": address})

    allowed = judged("cognito-idp:AdminResetUserPassword", pool, "10.1.2.3")
    assert allowed is Decision.ALLOW
    assert judged("cognito-idp:AdminResetUserPassword", pool, "192.0.2.1") is not Decision.ALLOW
    assert judged("cognito-idp:AdminDeleteUser", pool, "10.1.2.3") is not Decision.ALLOW
    assert judged("cognito-idp:AdminGetUser", pool + "b", "10.1.2.3") is not Decision.ALLOW
