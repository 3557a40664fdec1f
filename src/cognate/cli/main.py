"""
The command `cognate`. On the way to a running server nothing is imported that it does not need.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from cognate.cli.errors import Failure, Misuse
from cognate.cli.options import HELP, add_settings, given_settings
from cognate.config import ConfigurationError

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FAILED = 1
MISUSED = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells say it

HASH_ALGORITHMS = ("BCRYPT", "SCRYPT", "ARGON2ID", "PBKDF2_SHA256")
DATABASE_SETTINGS = ("data", "database", "region", "account_id")


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command; its exit status. `arguments` without the program's name, sys.argv's by default.
    """
    parser = _parser()
    parsed = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] | None = getattr(parsed, "run", None)
    if run is None:
        parser.print_help(sys.stderr)
        return MISUSED
    try:
        return run(parsed)
    except (ConfigurationError, Misuse) as error:
        return _told(error, MISUSED)
    except Failure as error:
        return _told(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def _told(error: Exception, status: int) -> int:
    print("cognate:", " ".join(str(error).split()), file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cognate",
        description="An open Amazon Cognito that runs anywhere.",
        epilog="Every setting can also stand as COGNATE_NAME in the environment or in cognate.toml;"
        " the command line wins, then the environment. The master key comes from"
        " COGNATE_MASTER_KEY or from master.key in the data directory.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_dev(commands)
    _add_serve(commands)
    _add_keys(commands)
    _add_pool(commands)
    commands.add_parser("version", help="print the version").set_defaults(run=_version)
    return parser


# --- serve ---------------------------------------------------------------------------------------


def _add_serve(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="run the server")
    add_settings(serve)
    serve.set_defaults(run=_serve)


def _serve(parsed: argparse.Namespace) -> int:
    settings = given_settings(parsed)
    from cognate.cli.serving import serve

    return serve(settings)


# --- dev -----------------------------------------------------------------------------------------


def _add_dev(commands: Commands) -> None:
    dev = commands.add_parser(
        "dev", help="run everything for development, with a user pool ready to use"
    )
    dev.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        default=".",
        help="the project; its data lies in DIR/.cognate (default: here)",
    )
    dev.add_argument(
        "--gateway-port",
        metavar="PORT",
        help="port for the project's API gateway, which is not built yet: nothing listens there",
    )
    add_settings(dev, (name for name in HELP if name not in ("mode", "workers")))
    dev.set_defaults(run=_dev)


def _dev(parsed: argparse.Namespace) -> int:
    directory = Path(parsed.directory)
    if not directory.is_dir():
        raise Misuse(f"{directory} is not a directory")
    settings = given_settings(
        parsed, directory=directory, fixed={"mode": "development", "workers": 1}
    )
    from cognate.cli.dev import dev

    return dev(settings)


# --- keys ----------------------------------------------------------------------------------------


def _add_keys(commands: Commands) -> None:
    keys = commands.add_parser("keys", help="access keys for signed calls")
    actions = keys.add_subparsers(title="actions", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make a key; its secret is shown once")
    create.add_argument("--user", metavar="NAME", default="admin", help="whose it is (admin)")
    create.add_argument(
        "--policy",
        metavar="POLICY",
        default="admin",
        help="admin (default), readonly, or a file with an IAM policy in JSON",
    )
    create.add_argument("--json", action="store_true", help="print JSON")
    create.set_defaults(run=_create_key)
    listing = actions.add_parser("list", help="list all keys, without secrets")
    listing.set_defaults(run=_list_keys)
    revoke = actions.add_parser("revoke", help="refuse a key from now on")
    revoke.add_argument("key_id", metavar="KEYID")
    revoke.set_defaults(run=_revoke_key)
    for action in (create, listing, revoke):
        add_settings(action, DATABASE_SETTINGS)


def _create_key(parsed: argparse.Namespace) -> int:
    settings = given_settings(parsed)
    from cognate.cli.keys import create

    return create(settings, user=parsed.user, policy=parsed.policy, as_json=parsed.json)


def _list_keys(parsed: argparse.Namespace) -> int:
    settings = given_settings(parsed)
    from cognate.cli.keys import show

    return show(settings)


def _revoke_key(parsed: argparse.Namespace) -> int:
    settings = given_settings(parsed)
    from cognate.cli.keys import revoke

    return revoke(settings, parsed.key_id)


# --- pool ----------------------------------------------------------------------------------------


def _add_pool(commands: Commands) -> None:
    pool = commands.add_parser("pool", help="take pools and users out and in")
    actions = pool.add_subparsers(title="actions", metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write a pool into one sealed file")
    export.add_argument("pool", metavar="POOL")
    export.add_argument("file", metavar="FILE", type=Path)
    export.add_argument(
        "--recipient",
        metavar="PEM",
        type=Path,
        help="the X25519 public key of whoever is to restore it, instead of a passphrase",
    )
    export.add_argument(
        "--csv",
        action="store_true",
        help="write users as CSV for Cognito's own import, with hashes, in clear",
    )
    export.add_argument(
        "--hashes",
        metavar="ALGORITHM",
        choices=HASH_ALGORITHMS,
        help=f"with --csv: the hashes to write, {', '.join(HASH_ALGORITHMS)} (ARGON2ID)",
    )
    export.set_defaults(run=_export_pool)
    restore = actions.add_parser("restore", help="make the pool of an exported file here")
    restore.add_argument("file", metavar="FILE", type=Path)
    restore.add_argument(
        "--identity",
        metavar="PEM",
        type=Path,
        help="the X25519 private key that the file was exported for",
    )
    restore.set_defaults(run=_restore_pool)
    for action in (export, restore):
        action.add_argument(
            "--passphrase-file",
            metavar="FILE",
            type=Path,
            help="holds the passphrase in its first line (default: it is asked for)",
        )
    imports = actions.add_parser("import", help="import users from a CSV file, as import jobs do")
    imports.add_argument("pool", metavar="POOL")
    imports.add_argument("file", metavar="CSV", type=Path)
    imports.add_argument(
        "--hashes",
        metavar="ALGORITHM",
        choices=HASH_ALGORITHMS,
        help=f"of the column password_hash: {', '.join(HASH_ALGORITHMS)}",
    )
    imports.set_defaults(run=_import_users)
    log = actions.add_parser("import-log", help="print what became of every row of an import")
    log.add_argument("job", metavar="JOB")
    log.set_defaults(run=_import_log)
    for action in (export, restore, imports, log):
        add_settings(action, DATABASE_SETTINGS)


def _export_pool(parsed: argparse.Namespace) -> int:
    if parsed.csv and (parsed.recipient or parsed.passphrase_file):
        raise Misuse("a CSV file is not sealed: Cognito reads it as it is")
    if parsed.hashes and not parsed.csv:
        raise Misuse("--hashes goes with --csv; an archive holds every hash")
    if parsed.recipient and parsed.passphrase_file:
        raise Misuse("either a passphrase or a recipient")
    settings = given_settings(parsed)
    from cognate.cli import pools
    from cognate.protocol.foreign_hashes import HashAlgorithm

    if parsed.csv:
        algorithm = HashAlgorithm(parsed.hashes or "ARGON2ID")
        return pools.export_csv(settings, parsed.pool, parsed.file, algorithm=algorithm)
    return pools.export(
        settings,
        parsed.pool,
        parsed.file,
        passphrase_file=parsed.passphrase_file,
        recipient=parsed.recipient,
    )


def _restore_pool(parsed: argparse.Namespace) -> int:
    if parsed.identity and parsed.passphrase_file:
        raise Misuse("either a passphrase or an identity")
    settings = given_settings(parsed)
    from cognate.cli.pools import restore

    return restore(
        settings, parsed.file, passphrase_file=parsed.passphrase_file, identity=parsed.identity
    )


def _import_users(parsed: argparse.Namespace) -> int:
    settings = given_settings(parsed)
    from cognate.cli.pools import import_csv
    from cognate.protocol.foreign_hashes import HashAlgorithm

    algorithm = HashAlgorithm(parsed.hashes) if parsed.hashes else None
    return import_csv(settings, parsed.pool, parsed.file, algorithm=algorithm)


def _import_log(parsed: argparse.Namespace) -> int:
    settings = given_settings(parsed)
    from cognate.cli.pools import import_log

    return import_log(settings, parsed.job)


# --- version -------------------------------------------------------------------------------------


def _version(_: argparse.Namespace) -> int:
    from importlib.metadata import version

    print(f"cognate {version('cognate')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
