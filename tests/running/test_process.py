"""The real process: it starts, answers, is told to stop, and loses nothing."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from tests.clients.started_server import COGNATE, StartedServer

TARGET = "AWSCognitoIdentityProviderService."
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/cognito-idp/aws4_request,"
    " SignedHeaders=host, Signature=00"
)
PATIENCE = 20.0  # seconds for what takes a fraction of one
MEMORY_LIMIT = 70 * 1024  # KiB
NOT_AT_START = (
    "aiosmtplib",
    "asyncpg",
    "boto3",
    "botocore",
    "click",
    "cognate.messages.smtp",
    "cognate.operations.user_pools.authentication",
    "cognate.protocol.iam",
    "cognate.wire.cognito_identity",
    "cognate.wire.logs",
    "cognate.wire.violations",
    "email.mime",
    "jinja2",
    "lxml",
    "starlette",
)


@pytest.fixture
def started(tmp_path):
    """`started("serve", …)` → a StartedServer that answers."""
    servers = []

    def start(*arguments):
        server = StartedServer(arguments=arguments, directory=tmp_path)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


def cognate(*words, directory, **environment):
    """A command that ends by itself: status, output, errors."""
    ended = subprocess.run(
        [COGNATE, *words],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=os.environ | environment,
    )
    return ended.returncode, ended.stdout, ended.stderr


class Caller:
    """One connection to a server, making calls on it."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)

    def call(self, operation, **request):
        """
        Raises:
            OSError, HTTPException: the connection is gone.
        """
        self.connection.request(
            "POST",
            "/",
            body=json.dumps(request),
            headers={
                "X-Amz-Target": TARGET + operation,
                "X-Amz-Date": "20260101T000000Z",
                "Authorization": SIGNED,
                "Content-Type": "application/x-amz-json-1.1",
            },
        )
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body or b"{}")

    def close(self):
        self.connection.close()


def called(server, operation, **request):
    """One call on a connection of its own: its body."""
    caller = Caller(server.url)
    try:
        status, body = caller.call(operation, **request)
    finally:
        caller.close()
    assert status == 200, body
    return body


def process_of(server):
    assert server._process is not None
    return server._process.pid


def children_of(pid):
    return [
        int(child)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]


def wait_until(condition, what):
    """Other processes ring no bell: look again until it is so."""
    give_up = time.monotonic() + PATIENCE
    waiting = threading.Event()
    while not condition():
        assert time.monotonic() < give_up, what
        waiting.wait(0.02)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --- starting ------------------------------------------------------------------------------------


def test_what_was_stored_is_there_after_a_restart(started):
    server = started("serve")
    pool = called(server, "CreateUserPool", PoolName="kept")["UserPool"]["Id"]

    server.restart()

    found = called(server, "DescribeUserPool", UserPoolId=pool)
    assert found["UserPool"]["Name"] == "kept"


def test_nothing_is_imported_before_it_is_needed(tmp_path):
    script = (
        "import sys\n"
        "from cognate.cli.main import main\n"
        "status = main(['serve', '--port', '0'])\n"
        "print('modules', *sorted(sys.modules))\n"
        "sys.exit(status)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.terminate()
    rest, errors = process.communicate(timeout=PATIENCE)

    assert first.startswith("Cognate listens on http://localhost:"), errors
    assert process.returncode == 0, errors
    modules = set(rest.split())
    assert "modules" in modules
    assert modules.isdisjoint(NOT_AT_START), modules & set(NOT_AT_START)


def test_an_idle_server_is_small(started):
    server = started("serve")

    status = Path(f"/proc/{process_of(server)}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]

    assert int(line.split()[1]) < MEMORY_LIMIT


def test_a_request_and_the_end_are_all_that_is_logged(started):
    server = started("serve")
    called(server, "ListUserPools", MaxResults=1)
    server.stop()

    lines = [json.loads(line) for line in server.log().splitlines()]

    assert [(line["event"], line["operation"]) for line in lines] == [
        ("request", "health"),
        ("request", "ListUserPools"),
    ]


# --- not starting --------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        status, out, err = cognate("serve", "--port", str(port), directory=tmp_path)

    assert (status, out) == (1, "")
    assert err == f"cognate: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


def test_an_address_of_another_machine_is_told(tmp_path):
    status, _, err = cognate("serve", "--host", "192.0.2.1", "--port", "0", directory=tmp_path)

    assert status == 1
    assert err.startswith("cognate: cannot listen on 192.0.2.1 port 0: ")


ANOTHER_KEY = "A" * 43 + "\n"  # 32 bytes of zero in base64url


@pytest.mark.parametrize("workers", ["1", "2"])
def test_another_master_key_is_told(tmp_path, workers):
    cognate("keys", "create", directory=tmp_path)
    (tmp_path / ".cognate" / "master.key").write_text(ANOTHER_KEY)

    status, out, err = cognate("serve", "--port", "0", "--workers", workers, directory=tmp_path)

    assert (status, out) == (1, "")
    assert err.startswith("cognate: the master key does not fit: ")
    assert "not at hand" in err
    assert err.count("\n") == 1


def test_a_database_that_cannot_be_reached_is_told(tmp_path):
    status, out, err = cognate(
        "serve", "--port", "0", "--database", "postgresql://127.0.0.1:1/x", directory=tmp_path
    )

    assert (status, out) == (1, "")
    assert err.startswith("cognate: the database cannot be used: ")
    assert err.count("\n") == 1


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "text").write_text("This is not a database, however long one looks at it." * 100)

    status, out, err = cognate(
        "serve", "--port", "0", "--database", "sqlite:text", directory=tmp_path
    )

    assert (status, out) == (1, "")
    assert err.startswith("cognate: the database cannot be used: ")
    assert err.count("\n") == 1


def test_a_database_of_another_kind_is_told(tmp_path):
    status, _, err = cognate(
        "serve", "--port", "0", "--database", "mysql://x/y", directory=tmp_path
    )

    assert (status, err) == (2, "cognate: database is a sqlite: or postgresql:// URL\n")


def test_a_setting_for_mail_that_cannot_be_used_is_told_without_its_password(tmp_path):
    status, _, err = cognate(
        "serve", "--port", "0", directory=tmp_path, COGNATE_SMTP="smtp://a:secret@x?starttls=never"
    )

    assert status == 2
    assert err == "cognate: smtp: a password travels only under TLS (starttls=required)\n"


def test_production_refuses_a_fixed_code(tmp_path):
    status, _, err = cognate(
        "serve", "--mode", "production", "--fixed-code", "123456", directory=tmp_path
    )

    assert (status, err) == (2, "cognate: fixed-code is refused in production mode\n")


# --- stopping ------------------------------------------------------------------------------------


def test_nothing_that_was_answered_is_lost_when_it_is_told_to_stop_amid_requests(started):
    server = started("serve", "--log-level", "warning")
    pool = called(server, "CreateUserPool", PoolName="a pool")["UserPool"]["Id"]
    answered = []
    refused = []
    enough = threading.Event()

    def make_users(thread):
        caller = Caller(server.url)
        number = 0
        try:
            while True:
                name = f"user-{thread}-{number}"
                status, body = caller.call("AdminCreateUser", UserPoolId=pool, Username=name)
                if status == 200:
                    answered.append(name)
                else:
                    refused.append(body)
                number += 1
                if len(answered) >= 100:
                    enough.set()
        except (OSError, http.client.HTTPException):
            return
        finally:
            caller.close()

    threads = [threading.Thread(target=make_users, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(PATIENCE)

    server.restart()  # by SIGTERM; asserts that it ended by itself

    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert refused == []
    assert len(answered) >= 100
    caller = Caller(server.url)
    for name in answered:
        assert caller.call("AdminGetUser", UserPoolId=pool, Username=name)[0] == 200, name
    caller.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_end(started, number):
    server = started("serve")
    address = urlsplit(server.url)
    body = b'{"PoolName": "the last"}'
    head = (
        f"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: {TARGET}CreateUserPool\r\n"
        f"X-Amz-Date: 20260101T000000Z\r\nAuthorization: {SIGNED}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as slow:
        slow.sendall(head + body[:5])
        # Its head was read for certain once a later request has been answered.
        called(server, "ListUserPools", MaxResults=1)

        os.kill(process_of(server), number)
        wait_until(lambda: not accepts(address), "still accepts connections")
        slow.sendall(body[5:])
        answer = b"".join(iter(lambda: slow.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in answer.lower()
    assert b'"Name":"the last"' in answer
    assert server._process.wait(PATIENCE) == 0


def accepts(address):
    try:
        socket.create_connection((address.hostname, address.port), timeout=1).close()
    except OSError:
        return False
    return True


# --- several processes ---------------------------------------------------------------------------


def test_workers_share_a_port_and_tell_of_each_other(started):
    server = started("serve", "--workers", "2")
    workers = children_of(process_of(server))
    assert len(workers) == 2
    for _ in range(40):
        called(server, "ListUserPools", MaxResults=1)

    def told():
        line = 'cognate_requests_total{operation="ListUserPools",error=""} 40'
        return line in server.get("/metrics").decode().splitlines()

    wait_until(told, "the processes' counts were not added up")


def test_a_worker_that_dies_is_replaced(started):
    server = started("serve", "--workers", "2")
    before = children_of(process_of(server))

    os.kill(before[0], signal.SIGKILL)

    def replaced():
        present = children_of(process_of(server))
        return len(present) == 2 and before[0] not in present

    wait_until(replaced, "the worker was not replaced")
    assert server.get("/health/ready") == b"ok\n"
    server.stop()
    assert "SIGKILL" in server.log()


def test_workers_end_with_the_process_that_watches_them(started):
    server = started("serve", "--workers", "2")
    workers = children_of(process_of(server))

    os.kill(process_of(server), signal.SIGKILL)

    wait_until(lambda: not any(map(is_running, workers)), "workers outlived their watcher")
    server._process.wait()
    server._process.stdout.close()
    server._process = None


def test_several_workers_lose_nothing_either(started):
    server = started("serve", "--workers", "2", "--log-level", "warning")
    made = [called(server, "CreateUserPool", PoolName="a pool")["UserPool"] for _ in range(6)]

    server.restart()

    listed = called(server, "ListUserPools", MaxResults=60)["UserPools"]
    assert {pool["Id"] for pool in listed} == {pool["Id"] for pool in made}


@pytest.mark.parametrize("path", ["/_cognate/reset", "/_cognate/clock"])
def test_what_concerns_all_processes_is_refused_by_one_of_several(started, path):
    server = started("serve", "--workers", "2")
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE)

    connection.request("POST", path, body=b'{"advance": 1}')

    answer = connection.getresponse()
    assert answer.status == 409
    assert b"--workers 1" in answer.read()
    connection.close()


# --- for one developer ---------------------------------------------------------------------------


def sdk(server):
    return boto3.client(
        "cognito-idp",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 0, "mode": "standard"}),
    )


def test_a_developer_has_a_pool_ready_and_reads_codes_in_the_inbox(started):
    server = started("dev")
    cognito = sdk(server)

    cognito.sign_up(ClientId="localclient", Username="ada@example.com", Password="Correct-horse1!")
    cognito.confirm_sign_up(
        ClientId="localclient",
        Username="ada@example.com",
        ConfirmationCode=server.code("ada@example.com"),
    )
    signed_in = cognito.initiate_auth(
        ClientId="localclient",
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada@example.com", "PASSWORD": "Correct-horse1!"},
    )

    assert "AuthenticationResult" in signed_in
    assert len(server.jwks("us-east-1_localpool")["keys"]) == 2
    cognito.close()


def test_the_ready_pool_is_made_once(started):
    server = started("dev")
    before = server.jwks("us-east-1_localpool")

    server.restart()

    assert server.jwks("us-east-1_localpool") == before
    cognito = sdk(server)
    clients = cognito.list_user_pool_clients(UserPoolId="us-east-1_localpool")["UserPoolClients"]
    assert [client["ClientId"] for client in clients] == ["localclient"]
    cognito.close()


def test_every_code_may_be_the_same(started):
    server = started("dev", "--fixed-code", "424242", "--insecure-fast-passwords")
    cognito = sdk(server)

    cognito.sign_up(ClientId="localclient", Username="ada@example.com", Password="Correct-horse1!")

    assert server.code("ada@example.com") == "424242"
    cognito.close()


def test_a_projects_data_lies_in_the_project(started, tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "cognate.toml").write_text('region = "eu-central-1"\n')

    server = started("dev", "project")

    assert (tmp_path / "project" / ".cognate" / "cognate.db").exists()
    assert b'"issuer":"' in server.get("/eu-central-1_localpool/.well-known/openid-configuration")
