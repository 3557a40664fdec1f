"""What the cryptography alone costs here: no server can be faster than this floor."""

import itertools
import os
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cognate.protocol import jose, password_hash, srp

SALT = bytes(range(16, 32))
ROUNDS = 5
SIGNATURES = 40  # ten milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Times on one core, medians of five rounds. `argon2id_all_cores`: hashes per second."""

    argon2id_ms: float
    argon2id_all_cores: float
    sign_us: float
    verify_us: float
    srp_ms: float

    @property
    def password_sign_in(self) -> float:
        """Sign-ins per second and core: one hash and two signatures."""
        return 1 / (self.argon2id_ms / 1e3 + 2 * self.sign_us / 1e6)

    @property
    def srp_sign_in(self) -> float:
        return 1 / (self.srp_ms / 1e3 + 2 * self.sign_us / 1e6)

    @property
    def refresh(self) -> float:
        return 1e6 / (2 * self.sign_us)


def argon2id_rate(threads: int, seconds: float) -> float:
    """Password checks per second, by as many threads as told: the server's own call, alone."""
    stored = password_hash.hash_password("Correct-horse1!", SALT)
    done = itertools.count()
    begin = time.perf_counter()
    until = begin + seconds

    def check() -> None:
        while time.perf_counter() < until:
            assert password_hash.verify(stored, "Correct-horse1!")
            next(done)

    workers = [threading.Thread(target=check) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return next(done) / (time.perf_counter() - begin)


@cache
def _key() -> jose.PrivateKey:
    return jose.PrivateKey.load("bench", jose.generate_rsa_key())


CLAIMS = {
    "sub": "0a1b2c3d-0000-4000-8000-000000000000",
    "iss": "http://localhost:9229/us-east-1_AbCdEfGhI",
    "client_id": "1example23456789abcdefghij",
    "origin_jti": "0a1b2c3d-0000-4000-8000-000000000001",
    "event_id": "0a1b2c3d-0000-4000-8000-000000000002",
    "token_use": "access",
    "scope": "aws.cognito.signin.user.admin",
    "auth_time": 1_700_000_000,
    "exp": 1_700_003_600,
    "iat": 1_700_000_000,
    "jti": "0a1b2c3d-0000-4000-8000-000000000003",
    "username": "user0000001",
}


def signature_us(cores: set[int]) -> float:
    """Microseconds of one RS256 signature on these cores, now: as fast as neighbours leave them."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        return 1e6 * min(_cpu_of_signatures() for _ in range(3))
    finally:
        os.sched_setaffinity(0, before)


def _cpu_of_signatures() -> float:
    begin = time.process_time()
    for _ in range(SIGNATURES):
        jose.sign(CLAIMS, _key())
    return (time.process_time() - begin) / SIGNATURES


def measure(seconds: float, *, cores: int, wait: Callable[[], None]) -> Floor:
    """`seconds`: for each of five rounds of each figure; `wait` is called before each."""
    key = _key()
    public = {"bench": key.public()}
    token = jose.sign(CLAIMS, key)
    verifier = srp.verifier("AbCdEfGhI", "user0000001", "Correct-horse1!", SALT)
    secret = int.from_bytes(SALT * 2, "big")
    client_public = pow(srp.G, 0x5D1C0A115EC7E7B1, srp.N)

    def srp_arithmetic() -> None:
        server_public = srp.server_public(verifier, secret)
        srp.server_key(
            client_public=client_public, server_public=server_public, b=secret, verifier=verifier
        )

    def median(once: Callable[[], float]) -> float:
        rates = []
        for _ in range(ROUNDS):
            wait()
            rates.append(once())
        return statistics.median(rates)

    return Floor(
        argon2id_ms=1e3 / median(lambda: argon2id_rate(1, seconds)),
        argon2id_all_cores=median(lambda: argon2id_rate(cores, seconds)),
        sign_us=1e6 / median(lambda: _rate(lambda: jose.sign(CLAIMS, key), seconds)),
        verify_us=1e6 / median(lambda: _rate(lambda: jose.verify(token, public), seconds)),
        srp_ms=1e3 / median(lambda: _rate(srp_arithmetic, seconds)),
    )


def _rate(work: Callable[[], object], seconds: float) -> float:
    work()
    begin = time.perf_counter()
    until = begin + seconds
    done = 0
    while time.perf_counter() < until:
        work()
        done += 1
    return done / (time.perf_counter() - begin)
