"""Passkeys: registering them, and judging what an authenticator signed. Source: E.8, C.7."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm

from cognate.domain.clients import Client
from cognate.domain.factors import passkeys_may_be_both
from cognate.domain.ids import Sub
from cognate.domain.passkeys import PASSKEYS_PER_USER, Passkey, PasskeyChallenge
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import (
    LimitExceededException,
    NotAuthorizedException,
    WebAuthnChallengeNotFoundException,
    WebAuthnClientMismatchException,
    WebAuthnConfigurationMissingException,
    WebAuthnCredentialNotSupportedException,
    WebAuthnNotEnabledException,
    WebAuthnOriginNotAllowedException,
    WebAuthnRelyingPartyMismatchException,
)
from cognate.ports import Call, Transaction
from cognate.protocol import base64url

CHALLENGE_BYTES = 32
REGISTRATION_TIMEOUT = 60_000  # milliseconds, as the service's options say
SIGN_IN_TIMEOUT = 180_000
ALGORITHMS = (-7, -257)  # ES256, RS256 (COSE)
# What the library meets bytes with that are not of their form, beside its own errors.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
)
MAXIMUM_CREDENTIAL = 64 * 1024  # bytes of JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientData:
    """What the browser says it signed: the challenge and the page's origin."""

    challenge: bytes
    origin: str


def relying_party(call: Call, pool: Pool) -> str:
    """
    The pool's relying-party id: as configured, else the host that serves its pages.

    Raises:
        WebAuthnConfigurationMissingException: there is none, and an address cannot be one.
    """
    if pool.web_authn is not None and pool.web_authn.relying_party_id:
        return pool.web_authn.relying_party_id
    host = urlsplit(call.deployment.public_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if host:
            return host
    raise WebAuthnConfigurationMissingException


def requires_verification(pool: Pool) -> bool:
    settings = pool.web_authn
    return passkeys_may_be_both(pool) or (
        settings is not None and settings.user_verification == "required"
    )


def check_enabled(pool: Pool) -> None:
    """
    Raises:
        WebAuthnNotEnabledException: passkeys are no first factor of the pool.
    """
    if "WEB_AUTHN" not in pool.first_factors:
        raise WebAuthnNotEnabledException


async def begin_registration(call: Call, pool: Pool, client: Client, user: User) -> dict[str, Any]:
    """
    Options for `navigator.credentials.create` (JSON form); the challenge waits in the store.

    Raises:
        WebAuthnNotEnabledException, WebAuthnConfigurationMissingException: the pool's settings.
        LimitExceededException: the user has twenty.
    """
    check_enabled(pool)
    relying_party_id = relying_party(call, pool)
    registered = await call.store.passkeys.of_user(pool.pool_id, user.sub)
    _check_room(len(registered))
    challenge = call.entropy.token(CHALLENGE_BYTES)
    pending = PasskeyChallenge(
        pool_id=pool.pool_id,
        sub=user.sub,
        challenge=challenge,
        client_id=client.client_id,
        expires_at=call.clock.now() + client.session_lifetime,
    )

    async def remember(tx: Transaction) -> None:
        await tx.passkeys.save_challenge(pending)

    await call.store.change(remember)
    return {
        "challenge": base64url.encode(challenge),
        "rp": {"id": relying_party_id, "name": pool.name},
        "user": {
            "id": base64url.encode(user.sub.encode()),
            "name": user.username,
            "displayName": user.username,
        },
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in ALGORITHMS],
        "timeout": REGISTRATION_TIMEOUT,
        "excludeCredentials": [
            {"type": "public-key", "id": passkey.credential_id} for passkey in registered
        ],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": "required" if requires_verification(pool) else "preferred",
        },
        "attestation": "none",
    }


async def complete_registration(
    call: Call, pool: Pool, client: Client, user: User, credential: Any
) -> None:
    """
    Store the passkey of a RegistrationResponseJSON.

    Raises:
        WebAuthnChallengeNotFoundException: no registration is under way, or it is another's.
        WebAuthnClientMismatchException: begun through another client.
        WebAuthnOriginNotAllowedException, WebAuthnRelyingPartyMismatchException: another page.
        WebAuthnCredentialNotSupportedException: malformed, wrong algorithm, not verified.
        LimitExceededException: the user has twenty.
    """
    check_enabled(pool)
    try:
        relying_party_id = relying_party(call, pool)
    except WebAuthnConfigurationMissingException as cause:
        # It was there when the registration began; this operation has no name for that.
        raise WebAuthnRelyingPartyMismatchException from cause
    data = client_data(credential)

    async def take(tx: Transaction) -> PasskeyChallenge | None:
        return await tx.passkeys.take_challenge(pool.pool_id, user.sub)

    pending = await call.store.change(take)
    if pending is None or call.clock.now() >= pending.expires_at:
        raise WebAuthnChallengeNotFoundException
    if data.challenge != pending.challenge:
        raise WebAuthnChallengeNotFoundException
    if pending.client_id != client.client_id:
        raise WebAuthnClientMismatchException
    check_origin(data.origin, relying_party_id)
    passkey = _verified_registration(call, pool, user, credential, data, relying_party_id)

    async def save(tx: Transaction) -> None:
        _check_room(await tx.passkeys.count(pool.pool_id, user.sub))
        if await tx.passkeys.find(pool.pool_id, user.sub, passkey.credential_id) is not None:
            raise WebAuthnCredentialNotSupportedException("The passkey is registered already.")
        await tx.passkeys.save(passkey)

    await call.store.change(save)


def _check_room(registered: int) -> None:
    if registered >= PASSKEYS_PER_USER:
        raise LimitExceededException("The user has the most passkeys allowed.")


def _verified_registration(
    call: Call,
    pool: Pool,
    user: User,
    credential: Mapping[str, Any],
    data: ClientData,
    relying_party_id: str,
) -> Passkey:
    import webauthn  # imported here: 170 ms that a server need not spend at its start
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        verified = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=data.challenge,
            expected_rp_id=relying_party_id,
            expected_origin=data.origin,
            require_user_verification=requires_verification(pool),
            supported_pub_key_algs=[COSEAlgorithmIdentifier(alg) for alg in ALGORITHMS],
        )
        # A key that is none would be found out at the first sign-in only.
        decoded_public_key_to_cryptography(
            decode_credential_public_key(verified.credential_public_key)
        )
    except (WebAuthnException, *MALFORMED) as cause:
        if "RP ID" in str(cause):
            raise WebAuthnRelyingPartyMismatchException from cause
        raise WebAuthnCredentialNotSupportedException from cause
    response = credential.get("response")
    transports = response.get("transports") if isinstance(response, Mapping) else None
    attachment = credential.get("authenticatorAttachment")
    attachment = attachment if attachment in ("platform", "cross-platform") else None
    return Passkey(
        pool_id=pool.pool_id,
        sub=user.sub,
        credential_id=base64url.encode(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        friendly_name="Roaming passkey" if attachment == "cross-platform" else "Passkey",
        relying_party_id=relying_party_id,
        transports=tuple(str(name)[:32] for name in transports or ())[:8],
        attachment=attachment,
        created_at=call.clock.now(),
    )


def client_data(credential: Any) -> ClientData:
    """
    Raises:
        WebAuthnCredentialNotSupportedException: not a credential as WebAuthn's JSON form has it.
    """
    try:
        text = credential["response"]["clientDataJSON"]
        decoded = msgspec.json.decode(base64url.decode(text))
        return ClientData(
            challenge=base64url.decode(decoded["challenge"]), origin=str(decoded["origin"])
        )
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise WebAuthnCredentialNotSupportedException from cause


def check_origin(origin: str, relying_party_id: str) -> None:
    """
    An https page of the relying party or below it; http on this machine only.

    Raises:
        WebAuthnOriginNotAllowedException: another page.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if host != relying_party_id and not host.endswith(f".{relying_party_id}"):
        raise WebAuthnOriginNotAllowedException
    if parts.scheme != "https" and not (parts.scheme == "http" and host == "localhost"):
        raise WebAuthnOriginNotAllowedException


async def usable(call: Call, pool: Pool, sub: Sub) -> tuple[Passkey, ...]:
    """A user's passkeys for the pool's pages as they are now; browsers show no others."""
    try:
        relying_party_id = relying_party(call, pool)
    except WebAuthnConfigurationMissingException:
        return ()
    registered = await call.store.passkeys.of_user(pool.pool_id, sub)
    return tuple(one for one in registered if one.relying_party_id == relying_party_id)


def sign_in_options(
    pool: Pool, relying_party_id: str, passkeys: Sequence[Passkey], challenge: bytes
) -> dict[str, Any]:
    """Options for `navigator.credentials.get` (JSON form)."""
    return {
        "challenge": base64url.encode(challenge),
        "timeout": SIGN_IN_TIMEOUT,
        "rpId": relying_party_id,
        "allowCredentials": [
            {
                "type": "public-key",
                "id": passkey.credential_id,
                "transports": list(passkey.transports),
            }
            for passkey in passkeys
        ],
        "userVerification": "required" if requires_verification(pool) else "preferred",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A right signature: the counter after it, and whether the key may leave the device."""

    sign_count: int
    is_synced: bool


def verified_assertion(
    pool: Pool, user: User, passkey: Passkey, credential: Mapping[str, Any], challenge: bytes
) -> Assertion:
    """
    Judge an AuthenticationResponseJSON.

    Raises:
        NotAuthorizedException: anything about it is wrong.
    """
    import webauthn  # imported here: 170 ms that a server need not spend at its start
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        data = client_data(credential)
        check_origin(data.origin, passkey.relying_party_id)
        handle = credential["response"].get("userHandle")
        if handle and base64url.decode(handle) != user.sub.encode():
            raise NotAuthorizedException
        verified = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=passkey.relying_party_id,
            expected_origin=data.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=requires_verification(pool),
        )
    except (
        WebAuthnException,
        WebAuthnCredentialNotSupportedException,
        WebAuthnOriginNotAllowedException,
        *MALFORMED,
    ) as cause:
        raise NotAuthorizedException from cause
    return Assertion(
        sign_count=verified.new_sign_count,
        is_synced=verified.credential_device_type.value == "multi_device",
    )
