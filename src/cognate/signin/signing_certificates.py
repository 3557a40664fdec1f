"""The certificate of a pool, and the key to it: with these it signs what it asks SAML providers."""

from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cognate.domain.keys import SigningCertificate
from cognate.domain.pools import Pool
from cognate.ports import Call, Transaction
from cognate.protocol.jose import PrivateKey
from cognate.protocol.x509 import SERIAL_BYTES, self_signed
from cognate.signin.lookup import existing_pool

SEALING_PURPOSE = "saml signing key"
LIFETIME = timedelta(days=3650)  # ten years (inferred)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedKey:
    """`certificate`: X.509 in DER."""

    certificate: bytes
    key: RSAPrivateKey = field(repr=False)


async def certified_key(call: Call, pool: Pool) -> CertifiedKey:
    """
    The pool's, made at the first demand and the same ever after.

    Raises:
        ResourceNotFoundException: the pool was deleted meanwhile.
    """
    keys = await call.keys.of_pool(pool)
    stored = await call.store.key_records.signing_certificate(pool.pool_id)
    if stored is None:
        stored = await _made(call, pool)
    der = keys.open(SEALING_PURPOSE, stored.sealed_private_key)
    return CertifiedKey(certificate=stored.certificate, key=PrivateKey.load("", der).rsa)


async def _made(call: Call, pool: Pool) -> SigningCertificate:
    """Of several made at once, the first that is stored counts for all."""
    keys = await call.keys.of_pool(pool)
    der = await call.entropy.rsa_key()
    now = call.clock.now()
    fresh = SigningCertificate(
        pool_id=pool.pool_id,
        certificate=self_signed(
            PrivateKey.load("", der).rsa,
            common_name=pool.pool_id,
            serial=call.entropy.token(SERIAL_BYTES),
            now=now,
            lifetime=LIFETIME,
        ),
        sealed_private_key=keys.seal(SEALING_PURPOSE, der),
        created_at=now,
    )

    async def store(tx: Transaction) -> SigningCertificate:
        await existing_pool(tx, pool.pool_id)
        earlier = await tx.key_records.signing_certificate(pool.pool_id)
        if earlier is None:
            await tx.key_records.add_signing_certificate(fresh)
        return earlier or fresh

    return await call.store.change(store)
