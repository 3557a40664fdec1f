"""A small authenticator in software: makes passkeys and signs with them, as browsers hand it on."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from cognate.protocol import base64url
from cognate.system import SystemEntropy

ES256, RS256, EDDSA = -7, -257, -8
USER_PRESENT, USER_VERIFIED, MAY_BE_COPIED, IS_COPIED, HAS_KEY = 0x01, 0x04, 0x08, 0x10, 0x40


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@dataclass(kw_only=True)
class VirtualAuthenticator:
    """
    `origin`: of the page that asks. `verifies`: whether it asks for a finger. `synced`: whether
    its keys are copied to other devices. `counts`: whether it counts its signatures.
    """

    origin: str
    algorithm: int = ES256
    verifies: bool = True
    synced: bool = False
    counts: bool = True
    attachment: str = "cross-platform"
    credential_id: bytes = field(default_factory=lambda: SystemEntropy().token(32))
    sign_count: int = 0
    user_handle: bytes = b""

    def __post_init__(self) -> None:
        self._key: Any = (
            rsa.generate_private_key(65537, 2048)
            if self.algorithm == RS256
            else ec.generate_private_key(ec.SECP256R1())
        )

    @property
    def id(self) -> str:
        return base64url.encode(self.credential_id)

    def register(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A RegistrationResponseJSON for CredentialCreationOptions; `changes` make it wrong."""
        self.user_handle = base64url.decode(options["user"]["id"])
        relying_party = changes.get("relying_party", options["rp"]["id"])
        key = changes.get("public_key", cbor2.dumps(self._cose_key()))
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + key
        authenticator_data = self._data(relying_party, HAS_KEY) + attested
        attestation = {
            "fmt": changes.get("format", "none"),
            "attStmt": {},
            "authData": changes.get("authenticator_data", authenticator_data),
        }
        client_data = self._client_data("webauthn.create", options["challenge"], changes)
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url.encode(client_data),
                "attestationObject": base64url.encode(cbor2.dumps(attestation)),
                "transports": ["usb", "internal"],
            },
            "clientExtensionResults": {},
            "authenticatorAttachment": self.attachment,
        }

    def sign_in(self, options: dict[str, Any], **changes: Any) -> str:
        """The JSON text of an AuthenticationResponseJSON for CREDENTIAL_REQUEST_OPTIONS."""
        if self.counts:
            self.sign_count += 1
        relying_party = changes.get("relying_party", options["rpId"])
        authenticator_data = self._data(relying_party, 0, count=changes.get("count"))
        client_data = self._client_data("webauthn.get", options["challenge"], changes)
        signature = self._signed(authenticator_data + _sha256(client_data))
        if "signature" in changes:
            signature = changes["signature"]
        handle = changes.get("user_handle", self.user_handle)
        return json.dumps(
            {
                "id": self.id,
                "rawId": self.id,
                "type": "public-key",
                "response": {
                    "clientDataJSON": base64url.encode(client_data),
                    "authenticatorData": base64url.encode(authenticator_data),
                    "signature": base64url.encode(signature),
                    **({"userHandle": base64url.encode(handle)} if handle else {}),
                },
                "clientExtensionResults": {},
                "authenticatorAttachment": self.attachment,
            }
        )

    def _data(self, relying_party: str, flags: int, *, count: int | None = None) -> bytes:
        flags |= USER_PRESENT
        flags |= USER_VERIFIED if self.verifies else 0
        flags |= MAY_BE_COPIED | IS_COPIED if self.synced else 0
        number = self.sign_count if count is None else count
        return _sha256(relying_party.encode()) + bytes([flags]) + number.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str, changes: dict[str, Any]) -> bytes:
        return json.dumps(
            {
                "type": changes.get("type", kind),
                "challenge": changes.get("challenge", challenge),
                "origin": changes.get("origin", self.origin),
                "crossOrigin": False,
            }
        ).encode()

    def _cose_key(self) -> dict[int, Any]:
        """The public key (RFC 9053 section 7)."""
        numbers = self._key.public_key().public_numbers()
        if self.algorithm == RS256:
            size = (numbers.n.bit_length() + 7) // 8
            return {1: 3, 3: RS256, -1: numbers.n.to_bytes(size, "big"), -2: b"\x01\x00\x01"}
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return {1: 2, 3: self.algorithm, -1: 1, -2: x, -3: y}

    def _signed(self, data: bytes) -> bytes:
        signature: bytes
        if self.algorithm == RS256:
            signature = self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        else:
            signature = self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        return signature
