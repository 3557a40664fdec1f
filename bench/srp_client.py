"""
The client's half of SRP as Cognito's SDKs do it; its time is never part of a figure.

Source: the AWS client SDKs; the server's half is `cognate.protocol.srp`.
"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import gmpy2

from cognate.protocol import srp

SECRET = 0x5D1C_0A11_5EC7_E7B1  # a benchmark's secret need not be one


@dataclass(frozen=True, slots=True, kw_only=True)
class SrpClient:
    """One client's exponent for every sign-in; A is computed once."""

    secret: int
    public: int

    @classmethod
    def prepared(cls) -> "SrpClient":
        return cls(secret=SECRET, public=int(gmpy2.powmod(srp.G, SECRET, srp.N)))

    @property
    def public_hex(self) -> str:
        return f"{self.public:x}"

    def responses(
        self, pool_id: str, challenge: Mapping[str, str], *, password: str
    ) -> dict[str, str]:
        """ChallengeResponses for the ChallengeParameters of PASSWORD_VERIFIER."""
        pool_name = pool_id.split("_", 1)[1]
        username = challenge["USER_ID_FOR_SRP"]
        server_public = int(challenge["SRP_B"], 16)
        salt = bytes.fromhex(challenge["SALT"])
        block = challenge["SECRET_BLOCK"]
        timestamp = _timestamp(datetime.now(UTC))
        x = srp.private_verifier_exponent(pool_name, username, password, salt)
        u = srp.scrambling_parameter(self.public, server_public)
        base = (server_public - srp.K * int(gmpy2.powmod(srp.G, x, srp.N))) % srp.N
        shared = int(gmpy2.powmod(base, self.secret + u * x, srp.N))
        pseudo_random_key = hmac.digest(srp.pad(u), srp.pad(shared), "sha256")
        key = hmac.digest(pseudo_random_key, srp.KEY_INFO + b"\x01", "sha256")[: srp.KEY_BYTES]
        signature = srp.claim_signature(
            key, pool_name, username, base64.b64decode(block), timestamp
        )
        return {
            "USERNAME": challenge["USERNAME"],
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
            "TIMESTAMP": timestamp,
        }


def _timestamp(now: datetime) -> str:
    month = srp.MONTHS[now.month - 1]
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[now.weekday()]
    return f"{day} {month} {now.day} {now:%H:%M:%S} UTC {now.year}"
