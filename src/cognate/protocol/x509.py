"""Self-signed certificates (RFC 5280) over RSA keys: they carry a public key, nobody vouches."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

SERIAL_BYTES = 16  # at most 20 octets, and positive: RFC 5280 section 4.1.2.2


def self_signed(
    key: RSAPrivateKey, *, common_name: str, serial: bytes, now: datetime, lifetime: timedelta
) -> bytes:
    """
    A certificate of the key's own, DER, good from `now` on. `serial`: chance, SERIAL_BYTES long.

    Raises:
        ValueError: `common_name` is empty or longer than 64 characters (RFC 5280 appendix A).
    """
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    number = int.from_bytes(serial, "big") >> 1 | 1 << (8 * SERIAL_BYTES - 2)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(now)
        .not_valid_after(now + lifetime)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.DER)
