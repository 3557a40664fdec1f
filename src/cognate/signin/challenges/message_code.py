"""
A code sent by SMS or e-mail: SMS_MFA and EMAIL_OTP as second factors, EMAIL_OTP and SMS_OTP as
first ones. Source: user-pools.md E.7, E.12.

The code's keyed digest travels in the sealed session; the code itself goes into the outbox only.
"""

import hmac
from dataclasses import dataclass, replace

from cognate.domain.attributes import masked
from cognate.domain.codes import DIGITS, FIRST_FACTOR_DIGITS, medium_of
from cognate.domain.factors import DESTINATIONS
from cognate.domain.messages import Message
from cognate.domain.pools import DEFAULT_CODE_MESSAGE, DEFAULT_CODE_SUBJECT
from cognate.domain.users import MfaPreference, User, UserStatus
from cognate.errors import CodeMismatchException, InvalidParameterException
from cognate.ports import Call, Transaction
from cognate.signin import guesses, standing, unknown_users
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.codes import new_code

MISMATCH = "Invalid code or auth state for the user."
PURPOSE = "message code"
NEW_ADDRESS = "address"  # in details: an e-mail address that MFA_SETUP gave


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCode:
    """`factor`: the challenge's name. `method`: its `amr` value."""

    factor: str
    method: str
    answer_names: tuple[str, ...]

    async def issue(self, call: Call, attempt: Attempt) -> Issued:
        """
        Send a code, or look as if, for a user who does not exist.

        Raises:
            InvalidParameterException: the user has no such address.
        """
        attribute = DESTINATIONS[self.factor]
        digits = DIGITS if attempt.sign_in.methods else FIRST_FACTOR_DIGITS
        code = new_code(call, digits)
        destination = attempt.sign_in.details.get(NEW_ADDRESS) or await _destination(
            call, attempt, attribute
        )
        keys = await call.keys.of_pool(attempt.pool)
        nonce = call.entropy.uuid()
        parameters = {
            "CODE_DELIVERY_DELIVERY_MEDIUM": medium_of(attribute),
            "CODE_DELIVERY_DESTINATION": masked(attribute, destination),
        }
        if attempt.sign_in.methods:
            parameters["USER_ID_FOR_SRP"] = attempt.sign_in.username
        if attempt.user is not None:
            message = _message(attempt, attribute, destination, code)

            async def send(tx: Transaction) -> None:
                await call.outbox.put(tx, keys, attempt.pool, message)

            await call.store.change(send)
        details = {"nonce": nonce, "digest": keys.digest(PURPOSE, f"{nonce}/{code}".encode()).hex()}
        if NEW_ADDRESS in attempt.sign_in.details:
            details[NEW_ADDRESS] = destination
        return Issued(parameters=parameters, details=details)

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        """
        Raises:
            CodeMismatchException: another code.
            NotAuthorizedException: too many wrong ones.
        """
        given = next(
            (attempt.answers[name] for name in self.answer_names if attempt.answers.get(name)), None
        )
        if given is None:
            raise InvalidParameterException(f"Missing required parameter {self.answer_names[0]}")
        pool, user, details = attempt.pool, attempt.user, attempt.sign_in.details
        keys = await call.keys.of_pool(pool)
        sub = user.sub if user else await unknown_users.sub(call, pool, attempt.sign_in.username)
        async with guesses.charged(call, pool.pool_id, sub) as charge:
            expected = bytes.fromhex(details["digest"])
            digest = keys.digest(PURPOSE, f"{details['nonce']}/{given}".encode())
            if not hmac.compare_digest(expected, digest) or user is None:
                raise CodeMismatchException(MISMATCH)
            standing.check_usable(user, attempt.client)
            attribute = DESTINATIONS[self.factor]
            address = details.get(NEW_ADDRESS)

            def proven(present: User) -> User:
                return _verified(call, present, attribute, address)

            async def verify(tx: Transaction) -> None:
                present = await tx.users.find(pool.pool_id, user.sub)
                if present is not None:
                    await tx.users.save(pool, proven(present))

            after = proven(user)
            effects = (verify,) if after != user else ()
            return Proven(user=after, methods=(self.method,), effects=effects, charge=charge)


def _verified(call: Call, user: User, attribute: str, address: str | None) -> User:
    """A code that came back proves the address, and a sign-up."""
    changes = {f"{attribute}_verified": "true"}
    if address is not None:
        changes[attribute] = address
    known = all(user.attributes.get(name) == value for name, value in changes.items())
    if known and user.status is not UserStatus.UNCONFIRMED:
        return user
    now = call.clock.now()
    changed = user.with_attributes(changes, now=now)
    if user.status is UserStatus.UNCONFIRMED:
        changed = changed.with_status(UserStatus.CONFIRMED, now=now)
    if address is not None:
        enabled = tuple(dict.fromkeys((*user.mfa.enabled, "EMAIL_OTP")))
        preference = MfaPreference(
            enabled=enabled, preferred="EMAIL_OTP", software_token=user.mfa.software_token
        )
        changed = replace(changed, mfa=preference)
    return changed


async def _destination(call: Call, attempt: Attempt, attribute: str) -> str:
    if attempt.user is not None:
        value = attempt.user.attributes.get(attribute)
        if not value:
            raise InvalidParameterException(f"User has no {attribute} to send a code to.")
        return value
    typed = attempt.sign_in.typed
    if attribute == "email":
        if "@" in typed:
            return typed
        digest = await unknown_users.digest(call, attempt.pool, typed, "destination")
        return f"{digest.hex()[0]}@{digest.hex()[1]}"
    digest = await unknown_users.digest(call, attempt.pool, typed, "destination")
    return f"+1555{int.from_bytes(digest[:4], 'big') % 10_000_000:07d}"


def _message(attempt: Attempt, attribute: str, destination: str, code: str) -> Message:
    templates = attempt.pool.templates
    if attribute == "phone_number":
        template = templates.sms_authentication_message or DEFAULT_CODE_MESSAGE
        return Message(
            recipient=destination,
            channel="sms",
            subject=None,
            body=template.replace("{####}", code),
            code=code,
        )
    template = templates.email_mfa_message or templates.email_message or DEFAULT_CODE_MESSAGE
    return Message(
        recipient=destination,
        channel="email",
        subject=templates.email_mfa_subject or templates.email_subject or DEFAULT_CODE_SUBJECT,
        body=template.replace("{####}", code),
        code=code,
    )


SMS_MFA = MessageCode(factor="SMS_MFA", method="sms", answer_names=("SMS_MFA_CODE",))
SMS_OTP = MessageCode(factor="SMS_OTP", method="sms", answer_names=("SMS_OTP_CODE",))
# One text of the service says EMAIL_MFA_CODE.
EMAIL_OTP = MessageCode(
    factor="EMAIL_OTP", method="email_otp", answer_names=("EMAIL_OTP_CODE", "EMAIL_MFA_CODE")
)
