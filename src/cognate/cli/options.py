"""Settings as options of a command."""

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cognate.config import ISSUERS, LOG_LEVELS, MODES, Settings, load

# What is typed can be read by others on the machine, so these are no options.
NOT_TYPED = {
    "master_key": "keys that seal all secrets: 32 bytes in base64url each, the current one first,"
    " separated by commas (default: the file master.key in --data, made at the first start)",
}
HELP = {
    "host": "address to listen on (default 127.0.0.1)",
    "port": "port to listen on, 0 for any free one (default 9229)",
    "workers": "processes that share the port (default 1)",
    "data": "directory of the embedded database and of the master key (default .cognate)",
    "database": "sqlite:///PATH or postgresql://… (default: a SQLite file in --data)",
    "mode": "development (default), or production, which refuses every development shortcut",
    "region": "region of calls that name none (default us-east-1)",
    "account_id": "the twelve digits in ARNs (default 000000000000)",
    "public_url": "how clients reach the server (default: the address it listens on)",
    "issuer": "own (default): tokens name this server as their issuer; aws: they name the host"
    " that Amazon Cognito would, for verifiers that take no other",
    "simulate_quotas": "refuse requests above Amazon Cognito's rates per second",
    "fixed_code": "development: every code that is sent to a user is this one",
    "insecure_fast_passwords": "development: cheap password hashes, for test suites",
    "smtp": "smtp://USER:PASSWORD@HOST:PORT (STARTTLS) or smtps://…, best given as COGNATE_SMTP"
    " (default: messages stay in the inbox)",
    "smtp_from": "sender of e-mail (default no-reply@cognate.local)",
    "compromised_passwords": "sorted file of SHA-1 digests of passwords found in breaches",
    "log_level": f"{', '.join(LOG_LEVELS)} (default info)",
}
CHOICES = {"mode": MODES, "issuer": ISSUERS, "log_level": LOG_LEVELS}
FLAGS = ("insecure_fast_passwords", "simulate_quotas")


def add_settings(parser: argparse.ArgumentParser, names: Iterable[str] = tuple(HELP)) -> None:
    """An option for each of `names`; what is not typed stays None."""
    for name in names:
        option = "--" + name.replace("_", "-")
        if name in FLAGS:
            parser.add_argument(option, action="store_true", default=None, help=HELP[name])
        else:
            parser.add_argument(
                option,
                metavar=name.rpartition("_")[2].upper(),
                choices=CHOICES.get(name),
                help=HELP[name],
            )


def given_settings(
    parsed: argparse.Namespace,
    *,
    directory: Path | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Settings:
    """
    The settings of a command line, with those of the environment and of `directory`'s file.
    `fixed` are the command's own.

    Raises:
        ConfigurationError: a value that cannot be read or used.
    """
    given = {name: getattr(parsed, name, None) for name in HELP}
    return load({**given, **(fixed or {})}, environment=os.environ, directory=directory or Path())
