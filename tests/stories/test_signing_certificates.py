"""The certificate that a pool signs SAML requests with."""

import asyncio
from base64 import b64decode
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from cognate.app import build
from cognate.operations.table import OPERATIONS
from cognate.ports.keys import SealError
from cognate.signin.signing_certificates import SEALING_PURPOSE, certified_key
from cognate.wire.cognito_idp import GetSigningCertificateRequest
from tests.inprocess import START, TestEntropy
from tests.stories.refusals import refused

UNKNOWN = "us-east-1_000000000"


@pytest.fixture
def certificate_of(cognito):
    """`certificate_of(pool_id)` → the text that the operation answers."""

    def fetch(pool_id):
        return cognito.get_signing_certificate(UserPoolId=pool_id)["Certificate"]

    return fetch


def opened(text):
    return x509.load_der_x509_certificate(b64decode(text, validate=True))


def test_it_is_a_certificate_of_the_pools_own_in_base64_without_marks(certificate_of, a_pool):
    pool_id = a_pool()

    certificate = opened(certificate_of(pool_id))

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, pool_id)])
    assert (certificate.subject, certificate.issuer) == (name, name)
    assert certificate.not_valid_before_utc == START
    assert certificate.not_valid_after_utc == START + timedelta(days=3650)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048
    certificate.verify_directly_issued_by(certificate)


def test_it_stays_the_same_at_every_call_and_after_a_restart(
    certificate_of, a_pool, clock, settings, current, loop_thread
):
    pool_id = a_pool()
    first = certificate_of(pool_id)
    clock.advance(timedelta(days=400))

    again = certificate_of(pool_id)
    restarted = loop_thread.run(build(settings, clock=clock, entropy=TestEntropy()))
    before, current.app = current.app, restarted
    try:
        afterwards = certificate_of(pool_id)
    finally:
        current.app = before
        loop_thread.run(restarted.close())

    assert first == again == afterwards


def test_all_who_ask_first_at_once_are_given_the_same(app, loop_thread, a_pool):
    pool_id = a_pool()
    operation = OPERATIONS["cognito-idp"]["GetSigningCertificate"]

    async def ask_at_once():
        request = GetSigningCertificateRequest(user_pool_id=pool_id)
        return await asyncio.gather(*(operation(app.call(), request) for _ in range(16)))

    assert len({answer.certificate for answer in loop_thread.run(ask_at_once())}) == 1


def test_another_pool_has_another(certificate_of, a_pool):
    one, other = opened(certificate_of(a_pool())), opened(certificate_of(a_pool()))

    assert one.serial_number != other.serial_number
    assert one.subject != other.subject
    assert one.public_key() != other.public_key()


def test_what_the_pool_signs_with_its_key_is_proven_by_the_certificate(
    app, loop_thread, certificate_of, a_pool
):
    pool_id = a_pool()

    async def own():
        return await certified_key(app.call(), await app.store.pools.find(pool_id))

    certified = loop_thread.run(own())

    public = opened(certificate_of(pool_id)).public_key()
    signature = certified.key.sign(b"a request", padding.PKCS1v15(), SHA256())
    public.verify(signature, b"a request", padding.PKCS1v15(), SHA256())
    assert "RSA" not in repr(certified)


def test_the_key_lies_sealed_for_this_pool_alone(app, loop_thread, certificate_of, a_pool):
    pool_id, other_id = a_pool(), a_pool()
    certificate_of(pool_id)

    async def stored():
        record = await app.store.key_records.signing_certificate(pool_id)
        pools = [await app.store.pools.find(each) for each in (pool_id, other_id)]
        return record, [await app.keys.of_pool(pool) for pool in pools]

    record, (own, others) = loop_thread.run(stored())

    der = own.open(SEALING_PURPOSE, record.sealed_private_key)
    assert der not in record.sealed_private_key
    with pytest.raises(SealError):
        others.open(SEALING_PURPOSE, record.sealed_private_key)
    with pytest.raises(SealError):
        own.open("signing key", record.sealed_private_key)


def test_a_pool_made_again_under_an_id_has_a_new_one(cognito, certificate_of):
    tags = {"_custom_id_": "us-east-1_again"}
    cognito.create_user_pool(PoolName="a pool", UserPoolTags=tags)
    first = certificate_of("us-east-1_again")

    cognito.delete_user_pool(UserPoolId="us-east-1_again")
    cognito.create_user_pool(PoolName="a pool", UserPoolTags=tags)

    assert certificate_of("us-east-1_again") != first


def test_of_no_pool_there_is_none(certificate_of):
    with refused("ResourceNotFoundException", f"User pool {UNKNOWN} does not exist."):
        certificate_of(UNKNOWN)


def test_a_malformed_pool_id_is_told(certificate_of):
    with refused(
        "InvalidParameterException",
        "1 validation error detected: Value 'nowhere' at 'userPoolId' failed to satisfy"
        r" constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+",
    ):
        certificate_of("nowhere")
