"""PKCE: RFC 7636 appendix B, and the forms that are not taken."""

import pytest

from cognate.protocol import pkce

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_vector_of_the_rfc_matches():
    assert pkce.challenge_of(VERIFIER) == CHALLENGE
    assert pkce.verifier_matches(VERIFIER, CHALLENGE)


@pytest.mark.parametrize(
    "verifier",
    ["", VERIFIER[:-1], VERIFIER + "A", VERIFIER.lower(), CHALLENGE, VERIFIER + "\n", "é" * 43],
)
def test_another_verifier_does_not(verifier):
    assert not pkce.verifier_matches(verifier, CHALLENGE)


def test_the_challenge_sent_as_verifier_is_not_the_plain_method():
    assert not pkce.verifier_matches(VERIFIER, VERIFIER)


@pytest.mark.parametrize("verifier", ["short", "a" * 42, "a" * 129, "a" * 43 + " ", "a" * 43 + "+"])
def test_a_verifier_of_another_form_matches_nothing_though_its_hash_would(verifier):
    assert not pkce.is_verifier(verifier)
    assert not pkce.verifier_matches(verifier, pkce.challenge_of(verifier))


@pytest.mark.parametrize("verifier", ["a" * 43, "a" * 128, "Az09-._~" * 6])
def test_verifiers_of_the_allowed_lengths_and_letters_are_taken(verifier):
    assert pkce.is_verifier(verifier)
    assert pkce.verifier_matches(verifier, pkce.challenge_of(verifier))


@pytest.mark.parametrize(
    "challenge", ["", CHALLENGE[:-1], CHALLENGE + "=", "+" * 43, CHALLENGE + "\n"]
)
def test_a_challenge_is_43_characters_of_base64url(challenge):
    assert pkce.is_challenge(CHALLENGE)
    assert not pkce.is_challenge(challenge)
