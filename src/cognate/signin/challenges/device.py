"""
DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: a remembered device proves itself by SRP, where the
group key stands for the pool and the device key for the user. Source: user-pools.md E.13.
"""

import hmac

from cognate.domain.devices import Device
from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.protocol import srp
from cognate.signin import devices, guesses, srp_exchange
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required
from cognate.signin.steps import DEVICE_PASSWORD_VERIFIER


class DeviceSrpAuth:
    """DEVICE_SRP_AUTH: asks for SRP_A. Nothing is proven yet."""

    async def issue(self, call: Call, attempt: Attempt) -> Issued:
        device_key = attempt.sign_in.device_key or ""
        return Issued(parameters={"USERNAME": attempt.sign_in.username, "DEVICE_KEY": device_key})

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        """
        Raises:
            InvalidParameterException: SRP_A or DEVICE_KEY is missing.
            ResourceNotFoundException: the device was forgotten.
        """
        await _device(call, attempt)
        srp_exchange.client_public(attempt.answers)
        return Proven(user=attempt.user, then=DEVICE_PASSWORD_VERIFIER)


class DevicePasswordVerifier:
    """DEVICE_PASSWORD_VERIFIER: judges the device's proof."""

    async def issue(self, call: Call, attempt: Attempt) -> Issued:
        device = await _device(call, attempt)
        salt, verifier = await _salt_and_verifier(call, attempt, device)
        offer = await srp_exchange.offer(call, attempt.answers, verifier)
        return Issued(
            parameters={
                "SRP_B": offer.server_public,
                "SALT": salt.hex(),
                "USERNAME": attempt.sign_in.username,
                "DEVICE_KEY": device.device_key,
            },
            details=offer.details,
        )

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        """
        Raises:
            NotAuthorizedException: a wrong or late proof, or too many of them.
            ResourceNotFoundException: the device was forgotten.
        """
        user = attempt.proven_user
        claim = srp_exchange.claim_of(attempt.answers)
        device = await _device(call, attempt)
        key = device.device_key
        async with guesses.charged(call, user.pool_id, user.sub, device_key=key) as charge:
            _, verifier = await _salt_and_verifier(call, attempt, device)
            expected = await srp_exchange.expected_signature(
                call,
                attempt.sign_in.details,
                claim,
                verifier=verifier,
                pool_name=device.group_key,
                username=device.device_key,
            )
            if not hmac.compare_digest(expected, claim.signature) or not claim.is_fresh(
                call.clock.real_now()
            ):
                raise NotAuthorizedException

            async def note(tx: Transaction) -> None:
                await devices.seen(call, tx, device)

            return Proven(user=user, effects=(note,), charge=charge)


async def _device(call: Call, attempt: Attempt) -> Device:
    device_key = required(attempt.answers, "DEVICE_KEY")
    if device_key != attempt.sign_in.device_key:
        raise InvalidParameterException("DEVICE_KEY is not the device of this sign-in.")
    return await devices.existing_device(call, attempt.proven_user, device_key)


async def _salt_and_verifier(call: Call, attempt: Attempt, device: Device) -> tuple[bytes, int]:
    if device.srp_salt is None or device.sealed_verifier is None:
        raise NotAuthorizedException
    keys = await call.keys.of_pool(attempt.pool)
    encoded = keys.open(devices.PURPOSE, device.sealed_verifier)
    return device.srp_salt, srp.decode_verifier(encoded)
