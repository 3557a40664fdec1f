"""
A code sent by SMS or e-mail: SMS_MFA and EMAIL_OTP as second factors, EMAIL_OTP and SMS_OTP as
first ones. Source: user-pools.md E.7, E.12.

The code's keyed digest travels in the sealed session; the code itself goes into the outbox only.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cognate.domain import assurance
from cognate.domain.attributes import masked
from cognate.domain.codes import DIGITS, FIRST_FACTOR_DIGITS, medium_of
from cognate.domain.factors import DESTINATIONS
from cognate.domain.messages import Message
from cognate.domain.pools import DEFAULT_CODE_MESSAGE, DEFAULT_CODE_SUBJECT
from cognate.domain.user_attributes import flag_of
from cognate.domain.users import User, UserStatus
from cognate.errors import CodeMismatchException, InvalidParameterException
from cognate.ports import Call, Transaction
from cognate.signin import guesses, standing, unknown_users, user_attributes
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.codes import new_code
from cognate.signin.lookup import reread

MISMATCH = "Invalid code or auth state for the user."
PURPOSE = "message code"
# In details: where the code went; or that it went to an e-mail address that MFA_SETUP gave.
ADDRESS = "address"
NEW_ADDRESS = "new address"
METHOD_OF = {
    "SMS_MFA": assurance.SMS,
    "SMS_OTP": assurance.SMS,
    "EMAIL_OTP": assurance.EMAIL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCode:
    """`factor`: the challenge's name."""

    factor: str
    answer_names: tuple[str, ...]

    async def issue(self, call: Call, attempt: Attempt) -> Issued:
        """
        Send a code, or look as if, for a user who does not exist.

        Raises:
            InvalidParameterException: the user has no such address.
        """
        attribute = DESTINATIONS[self.factor]
        is_second = assurance.PASSWORD in attempt.sign_in.methods
        code = new_code(call, DIGITS if is_second else FIRST_FACTOR_DIGITS)
        new_address = attempt.sign_in.details.get(NEW_ADDRESS)
        destination = new_address or await _destination(call, attempt, attribute)
        keys = await call.keys.of_pool(attempt.pool)
        nonce = call.entropy.uuid()
        parameters = {
            "CODE_DELIVERY_DELIVERY_MEDIUM": medium_of(attribute),
            "CODE_DELIVERY_DESTINATION": masked(attribute, destination),
        }
        if is_second:
            parameters["USER_ID_FOR_SRP"] = attempt.sign_in.username
        await _send(call, attempt, _message(attempt, attribute, destination, code))
        details = {
            "nonce": nonce,
            "digest": keys.digest(PURPOSE, f"{nonce}/{code}".encode()).hex(),
            NEW_ADDRESS if new_address else ADDRESS: destination,
        }
        return Issued(parameters=parameters, details=details)

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        """
        Raises:
            CodeMismatchException: another code, or the address has changed meanwhile.
            NotAuthorizedException: too many wrong ones.
            AliasExistsException: a new address is somebody's.
        """
        given = next(
            (attempt.answers[name] for name in self.answer_names if attempt.answers.get(name)), None
        )
        if given is None:
            raise InvalidParameterException(f"Missing required parameter {self.answer_names[0]}")
        pool, user, details = attempt.pool, attempt.user, attempt.sign_in.details
        keys = await call.keys.of_pool(pool)
        sub = user.sub if user else await unknown_users.sub(call, pool, attempt.sign_in.username)
        device_key = attempt.sign_in.device_key
        async with guesses.charged(call, pool.pool_id, sub, device_key=device_key) as charge:
            expected = bytes.fromhex(details["digest"])
            digest = keys.digest(PURPOSE, f"{details['nonce']}/{given}".encode())
            if not hmac.compare_digest(expected, digest) or user is None:
                raise CodeMismatchException(MISMATCH)
            standing.check_usable(user, attempt.client)
            after = self._proven(call, user, details)

            async def verify(tx: Transaction) -> None:
                present = self._proven(call, await reread(tx, user), details)
                await user_attributes.take_aliases(tx, pool, present, now=present.modified_at)
                await user_attributes.check_aliases_free(tx, pool, present)
                await tx.users.save(pool, present)

            effects = (verify,) if after != user else ()
            methods = (METHOD_OF[self.factor],)
            return Proven(user=after, methods=methods, effects=effects, charge=charge)

    def _proven(self, call: Call, user: User, details: Mapping[str, str]) -> User:
        """
        The user after the code came back: it proves the address that it went to, and a sign-up.

        Raises:
            CodeMismatchException: that is not the user's address any more.
        """
        attribute, now = DESTINATIONS[self.factor], call.clock.now()
        if NEW_ADDRESS in details:
            user = _with_new_address(user, attribute, details[NEW_ADDRESS], now=now)
        elif user.attributes.get(attribute) != details[ADDRESS]:
            raise CodeMismatchException(MISMATCH)
        if not user.is_verified(attribute):
            user = user.with_attributes({flag_of(attribute): "true"}, now=now)
        if user.status is UserStatus.UNCONFIRMED:
            user = user.with_status(UserStatus.CONFIRMED, now=now)
        return user


def _with_new_address(user: User, attribute: str, address: str, *, now: datetime) -> User:
    enabled = tuple(dict.fromkeys((*user.mfa.enabled, "EMAIL_OTP")))
    preference = replace(user.mfa, enabled=enabled, preferred="EMAIL_OTP")
    return replace(user.with_attributes({attribute: address}, now=now), mfa=preference)


async def _send(call: Call, attempt: Attempt, message: Message) -> None:
    if attempt.user is None:
        await unknown_users.pretend_to_put(call, attempt.pool, message.body)
        return
    keys = await call.keys.of_pool(attempt.pool)

    async def send(tx: Transaction) -> None:
        await call.outbox.put(tx, keys, attempt.pool, message)

    await call.store.change(send)


async def _destination(call: Call, attempt: Attempt, attribute: str) -> str:
    if attempt.user is None:
        _, address = await unknown_users.destination(
            call, attempt.pool, attempt.sign_in.typed, [attribute]
        )
        return address
    value = attempt.user.attributes.get(attribute)
    if not value:
        raise InvalidParameterException(f"User has no {attribute} to send a code to.")
    return value


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


SMS_MFA = MessageCode(factor="SMS_MFA", answer_names=("SMS_MFA_CODE",))
SMS_OTP = MessageCode(factor="SMS_OTP", answer_names=("SMS_OTP_CODE",))
# One text of the service says EMAIL_MFA_CODE.
EMAIL_OTP = MessageCode(factor="EMAIL_OTP", answer_names=("EMAIL_OTP_CODE", "EMAIL_MFA_CODE"))
