"""
Set up what the checks need beside Python: Chromium, PostgreSQL, Node with its packages, Terraform.

System packages come from apt-get, where this user may install them (root, or sudo without a
password). What is missing then is named with what stays unchecked; under CI=true that fails.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
CLIENTS = REPOSITORY / "tests" / "clients"
OLDEST_NODE = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing the checks need, how it is recognised and how it is got."""

    name: str
    for_what: str
    is_there: Callable[[], bool]
    packages: tuple[str, ...]  # of Debian and Ubuntu
    optional: bool = False


def has_chromium() -> bool:
    return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


def has_postgresql() -> bool:
    find = [sys.executable, str(REPOSITORY / "tools" / "postgresql_server.py"), "--find"]
    return subprocess.run(find, capture_output=True, check=False).returncode == 0


def has_node() -> bool:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    found = subprocess.run(["node", "--version"], capture_output=True, check=False, text=True)
    major = found.stdout.strip().lstrip("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def has_terraform() -> bool:
    return shutil.which("terraform") is not None


def needs() -> list[Need]:
    found = [
        Need(
            name="Chromium",
            for_what="the tests of the pages",
            is_there=has_chromium,
            packages=("chromium",),
        ),
        Need(
            name="PostgreSQL",
            for_what="the tests on PostgreSQL",
            is_there=has_postgresql,
            packages=("postgresql",),
        ),
        Need(
            name="Terraform",
            for_what="the test with Terraform's AWS provider",
            is_there=has_terraform,
            packages=(),  # in no distribution
            optional=True,
        ),
    ]
    if (CLIENTS / "package-lock.json").exists():
        found.append(
            Need(
                name=f"Node {OLDEST_NODE} or newer, with npm",
                for_what="the tests with JavaScript clients",
                is_there=has_node,
                packages=("nodejs", "npm"),
            )
        )
    return found


def apt_get() -> list[str | Path] | None:
    """The command that may install packages here; None: there is none, or we may not."""
    program = shutil.which("apt-get")
    if program is None:
        return None
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive", program]
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    if asked.returncode != 0:
        return None
    return [sudo, "-n", "DEBIAN_FRONTEND=noninteractive", program]


def install(packages: list[str]) -> None:
    """Try; what came of it is seen by looking again."""
    command = apt_get()
    if command is None:
        print("   no apt-get that this user may use", flush=True)
        return
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*command, "--quiet=2", "-o", "Dpkg::Use-Pty=0", *step],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            last_words = "\n   ".join(done.stdout.splitlines()[-5:])
            print(f"   apt-get {step[0]} failed:\n   {last_words}", flush=True)


def install_clients() -> str | None:
    """`npm ci` in tests/clients, unless it was done for this lock file; what is missing then."""
    lock = CLIENTS / "package-lock.json"
    if not lock.exists() or not has_node():
        return None
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = CLIENTS / "node_modules" / ".cognate-setup"
    if stamp.exists() and stamp.read_text() == digest:
        return None
    print("-- npm ci in tests/clients", flush=True)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        check=False,
        cwd=CLIENTS,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        return "the packages of tests/clients (npm ci failed): the tests with JavaScript clients"
    stamp.parent.mkdir(exist_ok=True)  # npm makes none where nothing is asked for
    stamp.write_text(digest)
    return None


def main() -> int:
    print("== What the checks need", flush=True)
    everything = needs()
    absent = [need for need in everything if not need.is_there()]
    packages = [package for need in absent for package in need.packages]
    if packages:
        print(f"-- installing {', '.join(packages)}", flush=True)
        install(packages)
        absent = [need for need in absent if not need.is_there()]
    missing = [f"{need.name}: {need.for_what}" for need in absent if not need.optional]
    unpacked = install_clients()
    if unpacked is not None:
        missing.append(unpacked)

    there = [need.name for need in everything if need not in absent]
    print(f"   there: {', '.join(there)}", flush=True)
    for need in absent:
        if need.optional:
            print(f"   not there, and not required: {need.name}: {need.for_what}", flush=True)
    for line in missing:
        print(f"   MISSING {line} cannot run here", flush=True)
    if missing and os.environ.get("CI") == "true":
        print("FAILED: CI=true asks for all checks, and these cannot run.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
