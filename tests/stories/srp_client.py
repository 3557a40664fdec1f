"""The client's half of SRP as choices and devices need it, over the arithmetic of `test_srp`."""

import base64
import hashlib
import hmac
from typing import Any

from cognate.system import SystemClock
from tests.stories.test_srp import G, N, digest, pad
from tests.stories.test_srp import SrpClient as Arithmetic


def _timestamp() -> str:
    now = SystemClock().real_now()
    return f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now:%Y}"


class SrpClient(Arithmetic):
    """Proves a password: `public` goes first, then `proof(asked)` answers PASSWORD_VERIFIER."""

    @property
    def public(self) -> str:
        return f"{self.a_public:x}"

    def proof(self, asked: Any) -> dict[str, str]:  # type: ignore[override]  # dated by itself
        return super().proof(asked["ChallengeParameters"], signed_at=SystemClock().real_now())


class DeviceClient:
    """
    A device that remembers its key, its group and its secret (user-pools.md E.13).

    `metadata`: NewDeviceMetadata of the sign-in that offered it.
    """

    def __init__(self, metadata: dict[str, str], *, salt: bytes = bytes(range(0xE0, 0xF0))) -> None:
        self.key = metadata["DeviceKey"]
        self.group = metadata["DeviceGroupKey"]
        self.secret = base64.b64encode(bytes(range(40))).decode()
        self.needs_confirmation: bool | None = None  # what ConfirmDevice said
        self._salt = int.from_bytes(salt, "big")
        self._a = int.from_bytes(bytes(range(1, 129)), "big")

    @property
    def verifier_config(self) -> dict[str, str]:
        """DeviceSecretVerifierConfig of ConfirmDevice."""
        return {
            "Salt": base64.b64encode(pad(self._salt)).decode(),
            "PasswordVerifier": base64.b64encode(pad(pow(G, self.x, N))).decode(),
        }

    @property
    def x(self) -> int:
        inner = hashlib.sha256(f"{self.group}{self.key}:{self.secret}".encode()).digest()
        return digest(pad(self._salt) + inner)

    def first(self) -> dict[str, str]:
        """What answers DEVICE_SRP_AUTH."""
        return {"DEVICE_KEY": self.key, "SRP_A": f"{pow(G, self._a, N):x}"}

    def proof(self, asked: Any) -> dict[str, str]:
        """What answers DEVICE_PASSWORD_VERIFIER."""
        parameters, timestamp = asked["ChallengeParameters"], _timestamp()
        b_public, salt = int(parameters["SRP_B"], 16), int(parameters["SALT"], 16)
        assert salt == self._salt
        a_public = pow(G, self._a, N)
        u = digest(pad(a_public) + pad(b_public))
        k = digest(pad(N) + pad(G))
        shared = pow(b_public - k * pow(G, self.x, N), self._a + u * self.x, N)
        extracted = hmac.new(pad(u), pad(shared), hashlib.sha256).digest()
        key = hmac.new(extracted, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]
        message = (
            self.group.encode()
            + self.key.encode()
            + base64.b64decode(parameters["SECRET_BLOCK"])
            + timestamp.encode()
        )
        return {
            "DEVICE_KEY": self.key,
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(
                hmac.new(key, message, hashlib.sha256).digest()
            ).decode(),
            "TIMESTAMP": timestamp,
        }
