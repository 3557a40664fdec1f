"""Sealed envelopes: every change is noticed (threats S20)."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from cognate.protocol.sealing import SealBroken, open_sealed, seal

KEY = bytes(range(32))
NONCE = bytes(range(100, 112))
CONTEXT = b"totp|us-east-1_EXAMPLE12|sub"


@given(plaintext=st.binary(max_size=300), context=st.binary(max_size=50))
def test_what_was_sealed_opens_in_its_context(plaintext, context):
    envelope = seal(KEY, plaintext, context, nonce=NONCE)

    assert open_sealed(KEY, envelope, context) == plaintext


def test_the_envelope_is_version_nonce_ciphertext_and_tag():
    envelope = seal(KEY, b"secret", CONTEXT, nonce=NONCE)

    assert envelope[0] == 1
    assert envelope[1:13] == NONCE
    assert AESGCM(KEY).decrypt(NONCE, envelope[13:], b"\x01" + CONTEXT) == b"secret"
    assert len(envelope) == 1 + 12 + len(b"secret") + 16


def test_every_flipped_bit_breaks_the_seal():
    envelope = seal(KEY, b"JBSWY3DPEHPK3PXP", CONTEXT, nonce=NONCE)

    for bit in range(8 * len(envelope)):
        changed = bytearray(envelope)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            open_sealed(KEY, bytes(changed), CONTEXT)


def test_every_shortened_or_lengthened_envelope_is_refused():
    envelope = seal(KEY, b"secret", CONTEXT, nonce=NONCE)

    for length in range(len(envelope)):
        with pytest.raises(SealBroken):
            open_sealed(KEY, envelope[:length], CONTEXT)
    with pytest.raises(SealBroken):
        open_sealed(KEY, envelope + b"\x00", CONTEXT)


def test_an_envelope_does_not_open_in_another_place_or_with_another_key():
    envelope = seal(KEY, b"secret", CONTEXT, nonce=NONCE)

    for key, context in [
        (KEY, b"totp|us-east-1_EXAMPLE12|other"),
        (KEY, b""),
        (KEY[::-1], CONTEXT),
    ]:
        with pytest.raises(SealBroken):
            open_sealed(key, envelope, context)


@pytest.mark.parametrize("key", [b"", KEY[:16], KEY + b"\x00"])
def test_only_256_bit_keys_are_taken(key):
    with pytest.raises(ValueError, match="a sealing key has 32 bytes"):
        seal(key, b"secret", CONTEXT, nonce=NONCE)
    with pytest.raises(ValueError, match="a sealing key has 32 bytes"):
        open_sealed(key, seal(KEY, b"secret", CONTEXT, nonce=NONCE), CONTEXT)


@pytest.mark.parametrize("nonce", [b"", NONCE[:11], NONCE + b"\x00"])
def test_only_96_bit_nonces_are_taken(nonce):
    with pytest.raises(ValueError, match="a nonce has 12 bytes"):
        seal(KEY, b"secret", CONTEXT, nonce=nonce)
