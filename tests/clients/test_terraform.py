"""
Terraform's AWS provider: made, planned empty, changed, brought in from outside, destroyed.

Each command loads the provider anew, some seconds of work, so one story walks the whole way, and
on one database: what the databases answer is compared elsewhere. Version 5.100 of the provider
knows neither managed-login branding nor log deliveries; `test_aws_cli.py` sets those.
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
POOLS = ("customers", "members", "plain", "visitors")
REFUSALS = (
    "InvalidParameterException: Invalid MFA configuration given, can't disable all MFAs with a"
    " required or optional configuration.",
    "InvalidParameterException: Domain already associated with another user pool.",
    "InvalidParameterException: The provider Nobody does not exist for User Pool",
    "ScopeDoesNotExistException: Invalid scope requested: books/read",
    "InvalidParameterException: The metadata describes no entity.",
    "UserPoolAddOnNotEnabledException: User pool add-on is not enabled.",
    "InvalidParameterException: There has to be an existing domain associated with this user pool",
)
PATIENCE = 300  # seconds
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
    initialised.mkdir()
    shutil.copy(CONFIGURATION / "provider.tf", initialised)
    (initialised / "terraform.rc").write_text("")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS", "TF_"))}
    environment |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",  # an error of the server fails at once, not after minutes
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_CLI_CONFIG_FILE": str(initialised / "terraform.rc"),
        "TF_IN_AUTOMATION": "1",
        "TF_VAR_url": server.url,
    }
    Terraform(directory=initialised, environment=environment)("init", f"-plugin-dir={PLUGINS}")

    def create(name: str, *, of: str = "whole", imported: str = "", **variables: str) -> Terraform:
        directory = tmp_path / name
        shutil.copytree(initialised, directory, symlinks=True)
        shutil.copytree(CONFIGURATION / of, directory, dirs_exist_ok=True)
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
    pools = {name: made[f"aws_cognito_user_pool.{name}"]["id"] for name in POOLS}
    customers, members, plain = (pools[name] for name in ("customers", "members", "plain"))
    identifiers = {f"aws_cognito_user_pool.{name}": pool_id for name, pool_id in pools.items()}
    for address, attributes in made.items():
        match address.split(".")[0]:
            case "aws_cognito_user_pool_client" | "aws_cognito_managed_user_pool_client":
                identifiers[address] = f"{attributes['user_pool_id']}/{attributes['id']}"
            case (
                "aws_cognito_identity_provider"
                | "aws_cognito_resource_server"
                | "aws_cognito_risk_configuration"
                | "aws_cognito_user_pool_domain"
                | "aws_cognito_user_pool_ui_customization"
            ):
                identifiers[address] = attributes["id"]
            case _:  # named below, or not to be imported
                pass
    identifiers |= {
        "aws_cognito_user_group.staff": f"{customers}/staff",
        "aws_cognito_user.ada": f"{customers}/ada@example.com",
    }
    assert identifiers["aws_cognito_risk_configuration.members"] == members
    assert identifiers["aws_cognito_user_pool_ui_customization.plain"] == f"{plain},ALL"
    return "\n".join(
        f'import {{\n  to = {address}\n  id = "{identifier}"\n}}\n'
        for address, identifier in identifiers.items()
    )


@pytest.fixture
def others_pool(cognito) -> str:
    """A pool with a client that no Terraform made, as OpenSearch makes them."""
    pool_id: str = cognito.create_user_pool(PoolName="others")["UserPool"]["Id"]
    cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="AmazonOpenSearchService-search-1"
    )
    return pool_id


def test_a_pool_lives_its_life_under_terraform(server, cognito, terraform, others_pool):
    before = {"minimum_length": "10", "description": "People who work here", "mfa": "OPTIONAL"}
    first = terraform("first", others_pool_id=others_pool, **before)

    assert counts(first("apply", "-auto-approve")) == {"added": 24}

    first("plan", "-detailed-exitcode", expect=PLAN_IS_EMPTY)
    made = resources(first.directory)
    pool_id = made["aws_cognito_user_pool.customers"]["id"]
    members = made["aws_cognito_user_pool.members"]["id"]
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
    staff = cognito.list_users_in_group(UserPoolId=pool_id, GroupName="staff")["Users"]
    assert [user["Username"] for user in staff] == [made["aws_cognito_user.ada"]["sub"]]
    guarded = cognito.describe_risk_configuration(UserPoolId=members)["RiskConfiguration"]
    takeover = guarded["AccountTakeoverRiskConfiguration"]
    assert takeover["Actions"]["HighAction"] == {"EventAction": "MFA_REQUIRED", "Notify": True}
    assert guarded["RiskExceptionConfiguration"] == {
        "BlockedIPRangeList": ["192.0.2.0/24"],
        "SkippedIPRangeList": ["198.51.100.0/24"],
    }
    providers = cognito.list_identity_providers(UserPoolId=members)["Providers"]
    assert {provider["ProviderName"]: provider["ProviderType"] for provider in providers} == {
        "Google": "Google",
        "Head-office": "SAML",
        "Partner": "OIDC",
    }
    looks = cognito.get_ui_customization(
        UserPoolId=made["aws_cognito_user_pool.plain"]["id"],
        ClientId=made["aws_cognito_user_pool_client.plain"]["id"],
    )["UICustomization"]
    assert looks["CSS"] == ".label-customizable { font-weight: 400; }"

    # Another machine, without the first one's notes, takes over what is there and changes it.
    # (The provider cannot import a membership; adding it again changes nothing.)
    after = {"minimum_length": "14", "description": "People who worked here", "mfa": "ON"}
    second = terraform("second", imported=imports(made), others_pool_id=others_pool, **after)
    # (Five changes are ours; a logo and the prefix of a managed client's name no service answers.)
    assert counts(second("apply", "-auto-approve")) == {"imported": 23, "added": 1, "changed": 7}

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
    mfa = cognito.get_user_pool_mfa_config(UserPoolId=members)
    del mfa["ResponseMetadata"]
    assert mfa == {
        "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "Your code is {####}",
            "SmsConfiguration": {
                "ExternalId": "members",
                "SnsCallerArn": "arn:aws:iam::000000000000:role/sms",
                "SnsRegion": "us-east-1",
            },
        },
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "EmailMfaConfiguration": {"Message": "It is {####}", "Subject": "Your code"},
    }
    books = cognito.describe_resource_server(
        UserPoolId=members, Identifier="https://books.example.com"
    )["ResourceServer"]
    assert {scope["ScopeName"]: scope["ScopeDescription"] for scope in books["Scopes"]} == {
        "read": "People who worked here",
        "write": "Change books",
    }

    assert counts(second("destroy", "-auto-approve")) == {"destroyed": 24}
    for gone in (pool_id, members):
        with pytest.raises(cognito.exceptions.ResourceNotFoundException):
            cognito.describe_user_pool(UserPoolId=gone)
    assert cognito.describe_user_pool_domain(Domain="cognate-members")["DomainDescription"] == {}
    # A managed client is only let go.
    assert len(cognito.list_user_pool_clients(UserPoolId=others_pool)["UserPoolClients"]) == 1


def test_terraform_shows_what_the_service_refuses(cognito, terraform, others_pool):
    cognito.create_user_pool_domain(UserPoolId=others_pool, Domain="cognate-taken")
    refused = terraform("refused", of="refused", taken_domain="cognate-taken")

    said = refused("apply", "-auto-approve", expect=1)

    shown = " ".join(said.split())  # it breaks lines
    for text in REFUSALS:
        assert text in shown
    # The provider makes a pool first and sets its MFA then, as it does on AWS.
    assert set(resources(refused.directory)) == {
        "aws_cognito_user_pool.lone",
        "aws_cognito_user_pool.no_factor",
    }
