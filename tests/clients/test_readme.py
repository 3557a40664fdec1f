"""The README's example, run as its reader would run it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.clients.started_server import REPOSITORY, StartedServer

ADDRESS_IN_README = "http://localhost:9229"
PATIENCE = 60  # seconds


def example() -> str:
    blocks = re.findall(
        r"^```python\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) == 1, "one Python example, run by this test"
    assert ADDRESS_IN_README in blocks[0]
    return str(blocks[0])


def run(program: str, directory: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if "AWS" not in name}
    return subprocess.run(
        [sys.executable, "-"],
        capture_output=True,
        check=False,
        cwd=directory,
        env=environment,
        input=program,
        text=True,
        timeout=PATIENCE,
    )


def test_the_example_signs_a_user_up_and_in(server, tmp_path):
    done = run(example().replace(ADDRESS_IN_README, server.url), tmp_path)

    assert done.stderr == ""
    assert done.returncode == 0
    assert "{'Name': 'email', 'Value': 'ada@example.com'}" in done.stdout
    assert "{'Name': 'email_verified', 'Value': 'true'}" in done.stdout


def test_the_example_runs_on_what_cognate_dev_starts(tmp_path):
    development = StartedServer(
        arguments=["dev", "--data", str(tmp_path / "data"), "--insecure-fast-passwords"],
        directory=tmp_path,
    )
    development.start()
    try:
        done = run(example().replace(ADDRESS_IN_README, development.url), tmp_path)
        inbox = development.inbox("ada@example.com")
        page = development.get("/_cognate/inbox/").decode()
        development.stop()
    finally:
        development.kill()

    assert done.stderr == ""
    assert "{'Name': 'email_verified', 'Value': 'true'}" in done.stdout
    assert len(inbox) == 1
    assert inbox[0]["code"] in page
    assert "ada@example.com" in page
