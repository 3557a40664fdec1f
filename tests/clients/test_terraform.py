"""
Terraform's AWS provider: made, planned empty, changed, brought in from outside, destroyed.

Each command loads the provider anew, some seconds of work, so one story walks the whole way, and
on one database: what the databases answer is compared elsewhere.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DATABASES = ["sqlite"]
# A folder as Terraform lays it out: registry.terraform.io/hashicorp/aws/VERSION/PLATFORM/…
PLUGINS = Path(os.environ.get("COGNATE_TERRAFORM_PLUGINS", "/opt/tf-plugins"))
PROVIDER = PLUGINS / "registry.terraform.io" / "hashicorp" / "aws"
CONFIGURATION = Path(__file__).parent / "terraform"
PATIENCE = 120  # seconds
PLAN_IS_EMPTY = 0  # of `plan -detailed-exitcode`; 2 is one with changes

pytestmark = [
    pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform here"),
    pytest.mark.skipif(
        not PROVIDER.is_dir(),
        reason=f"Terraform's AWS provider is not in {PLUGINS}; COGNATE_TERRAFORM_PLUGINS names"
        " another folder",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terraform:
    """One working directory."""

    directory: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, expect: int = 0) -> str:
        done = subprocess.run(
            ["terraform", *arguments],
            check=False,
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == expect, done.stdout
        return done.stdout


@pytest.fixture
def terraform(server, tmp_path) -> Callable[..., Terraform]:
    """`terraform("name", minimum_length=…, …)`: an initialised working directory, no state."""
    initialised = tmp_path / "initialised"
    shutil.copytree(CONFIGURATION, initialised)
    (initialised / "terraform.rc").write_text("")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS", "TF_"))}
    environment |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_CLI_CONFIG_FILE": str(initialised / "terraform.rc"),
        "TF_IN_AUTOMATION": "1",
        "TF_VAR_url": server.url,
    }
    Terraform(directory=initialised, environment=environment)("init", f"-plugin-dir={PLUGINS}")

    def create(name: str, *, imported: str = "", **variables: str) -> Terraform:
        directory = tmp_path / name
        shutil.copytree(initialised, directory, symlinks=True)
        (directory / "imported.tf").write_text(imported)
        values = {f"TF_VAR_{variable}": value for variable, value in variables.items()}
        return Terraform(directory=directory, environment=environment | values)

    return create


def counts(said: str) -> dict[str, int]:
    """Of `Apply complete! Resources: 1 imported, 2 added, 0 changed, 0 destroyed.`"""
    line = re.search(r"Resources: (.*)\.", said)
    assert line, said
    found = {what: int(number) for number, what in re.findall(r"(\d+) (\w+)", line[1])}
    return {what: number for what, number in found.items() if number}


def resources(directory: Path) -> dict[str, dict[str, Any]]:
    """What Terraform noted of each: its address → its attributes."""
    state = json.loads((directory / "terraform.tfstate").read_text())
    return {
        f"{resource['type']}.{resource['name']}": resource["instances"][0]["attributes"]
        for resource in state["resources"]
    }


def imports(made: dict[str, dict[str, Any]]) -> str:
    """An `import` block for each resource that the provider can import."""
    pool = made["aws_cognito_user_pool.customers"]["id"]
    plain = made["aws_cognito_user_pool.plain"]["id"]
    identifiers = {
        "aws_cognito_user_pool.customers": pool,
        "aws_cognito_user_pool.plain": plain,
        "aws_cognito_user_pool_client.web": (
            f"{pool}/{made['aws_cognito_user_pool_client.web']['id']}"
        ),
        "aws_cognito_user_pool_client.plain": (
            f"{plain}/{made['aws_cognito_user_pool_client.plain']['id']}"
        ),
        "aws_cognito_user_group.staff": f"{pool}/staff",
        "aws_cognito_user.ada": f"{pool}/ada@example.com",
    }
    return "\n".join(
        f'import {{\n  to = {address}\n  id = "{identifier}"\n}}\n'
        for address, identifier in identifiers.items()
    )


def test_a_pool_lives_its_life_under_terraform(server, cognito, terraform):
    first = terraform("first", minimum_length="10", description="People who work here")

    assert counts(first("apply", "-auto-approve")) == {"added": 7}

    first("plan", "-detailed-exitcode", expect=PLAN_IS_EMPTY)
    made = resources(first.directory)
    pool_id = made["aws_cognito_user_pool.customers"]["id"]
    client = made["aws_cognito_user_pool_client.web"]
    described = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert described["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 10,
        "RequireUppercase": False,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": False,
        "TemporaryPasswordValidityDays": 3,
    }
    assert described["UserPoolTags"] == {"team": "identity"}
    members = cognito.list_users_in_group(UserPoolId=pool_id, GroupName="staff")["Users"]
    assert [user["Username"] for user in members] == [made["aws_cognito_user.ada"]["sub"]]

    # Another machine, without the first one's notes, takes over what is there and changes it.
    # (The provider cannot import a membership; adding it again changes nothing.)
    second = terraform(
        "second",
        imported=imports(made),
        minimum_length="14",
        description="People who worked here",
    )
    assert counts(second("apply", "-auto-approve")) == {"imported": 6, "added": 1, "changed": 2}

    second("plan", "-detailed-exitcode", expect=PLAN_IS_EMPTY)
    changed = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    wanted = described["Policies"]["PasswordPolicy"] | {"MinimumLength": 14}
    assert changed["Policies"]["PasswordPolicy"] == wanted
    for part in ("SchemaAttributes", "AdminCreateUserConfig", "VerificationMessageTemplate"):
        assert changed[part] == described[part]
    group = cognito.get_group(UserPoolId=pool_id, GroupName="staff")["Group"]
    assert (group["Description"], group["Precedence"]) == ("People who worked here", 5)
    taken_over = resources(second.directory)["aws_cognito_user_pool_client.web"]
    assert taken_over["client_secret"] == client["client_secret"]

    assert counts(second("destroy", "-auto-approve")) == {"destroyed": 7}
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.describe_user_pool(UserPoolId=pool_id)
