"""
Judging sign-ins by their circumstances, and keeping what users did. Source: user-pools.md J.4.

Only pools with threat protection on are judged and recorded; AUDIT records, ENFORCED acts.
"""

from dataclasses import dataclass, field

from cognate.domain.clients import Client
from cognate.domain.messages import Message
from cognate.domain.pools import Pool
from cognate.domain.risk import (
    HISTORY,
    AuthEvent,
    Circumstances,
    EventResponse,
    EventType,
    RiskConfiguration,
    RiskLevel,
    level_of,
)
from cognate.domain.sessions import device_type
from cognate.domain.users import User
from cognate.errors import (
    InvalidPasswordException,
    NotAuthorizedException,
    PasswordResetRequiredException,
)
from cognate.ports import Call, PoolKeys, Transaction
from cognate.signin import feedback

BLOCKED = "Unable to login because of security reasons"
COMPROMISED_NEW = "Provided password cannot be used for security reasons."
COMPROMISED_OLD = "Password reset required for the user due to security reasons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`demands_mfa`: "required" blocks users without a second factor; None where nothing is."""

    level: RiskLevel = RiskLevel.NONE
    decision: str = "NoRisk"
    demands_mfa: str | None = None
    compromised: bool = False
    notify: bool = False
    configuration: RiskConfiguration | None = field(default=None, repr=False)


async def configuration_of(call: Call, pool: Pool, client: Client) -> RiskConfiguration | None:
    """The client's own configuration, else the pool's."""
    repository = call.store.risk_configurations
    own = await repository.find(pool.pool_id, client.client_id)
    return own or await repository.find(pool.pool_id, "")


def circumstances(call: Call, *, remembered_device: bool = False) -> Circumstances:
    return Circumstances(
        address=call.inquiry.source_ip or None,
        device_name=device_type(call.inquiry.user_agent),
        remembered_device=remembered_device,
    )


async def judge(
    call: Call,
    pool: Pool,
    client: Client,
    user: User,
    around: Circumstances,
    *,
    password: str | None,
) -> Judgement:
    """
    What to make of a sign-in whose password was right. `password`: where it was sent in clear.

    Raises nothing: what is to be refused is in the judgement, so that it is recorded first.
    """
    if not pool.protects_from_threats:
        return Judgement()
    configuration = await configuration_of(call, pool, client)
    compromised = password is not None and call.compromised.contains(password)
    history = await call.store.auth_events.page(pool.pool_id, user.sub, before=None, limit=HISTORY)
    level = level_of(around, history, now=call.clock.now())
    exception = configuration and configuration.exception_for(around.address or "")
    if exception == "skipped":
        level = RiskLevel.NONE
    if configuration is None or not pool.enforces_threat_protection:
        decision = "NoRisk" if level is RiskLevel.NONE else "AccountTakeover"
        return Judgement(level=level, decision=decision, compromised=compromised)
    action, notify = configuration.takeover_action(level)
    blocks = action == "BLOCK" or exception == "blocked"
    if compromised and configuration.blocks_compromised("SIGN_IN"):
        blocks = True
    decision = "Block" if blocks else "NoRisk" if level is RiskLevel.NONE else "AccountTakeover"
    demand = {"MFA_REQUIRED": "required", "MFA_IF_CONFIGURED": "if configured"}.get(action)
    return Judgement(
        level=level,
        decision=decision,
        demands_mfa=demand,
        compromised=compromised,
        notify=notify,
        configuration=configuration,
    )


def check(judgement: Judgement) -> None:
    """
    Raises:
        PasswordResetRequiredException: the password is known to be compromised.
        NotAuthorizedException: too risky.
    """
    if judgement.decision != "Block":
        return
    configuration = judgement.configuration
    if judgement.compromised and configuration and configuration.blocks_compromised("SIGN_IN"):
        raise PasswordResetRequiredException(COMPROMISED_OLD)
    raise NotAuthorizedException(BLOCKED)


async def check_new_password(
    call: Call, pool: Pool, client: Client, password: str, *, event: str
) -> bool:
    """
    Whether it is known to be compromised, as far as the pool asks. `event`: SIGN_UP or
    PASSWORD_CHANGE.

    Raises:
        InvalidPasswordException: it is, and the pool refuses such.
    """
    if not pool.protects_from_threats or not call.compromised.contains(password):
        return False
    configuration = await configuration_of(call, pool, client)
    blocks = configuration is not None and configuration.blocks_compromised(event)
    if blocks and pool.enforces_threat_protection:
        raise InvalidPasswordException(COMPROMISED_NEW)
    return True


async def note(
    call: Call,
    pool: Pool,
    user: User,
    event_type: EventType,
    response: EventResponse,
    *,
    compromised: bool = False,
) -> None:
    """Keep something that the user did outside a sign-in, where the pool keeps it."""
    await record(
        call,
        pool,
        user,
        circumstances(call),
        event_id=call.entropy.uuid(),
        event_type=event_type,
        response=response,
        judgement=Judgement(compromised=compromised),
    )


async def record(  # noqa: PLR0913 - an event has this many parts
    call: Call,
    pool: Pool,
    user: User,
    around: Circumstances,
    *,
    event_id: str,
    event_type: EventType,
    response: EventResponse,
    judgement: Judgement | None = None,
    challenges: tuple[tuple[str, str], ...] = (),
) -> None:
    """Keep what happened, where the pool keeps it, and tell the user where it says so."""
    if not pool.protects_from_threats:
        return
    judged = judgement or Judgement()
    event = AuthEvent(
        pool_id=pool.pool_id,
        sub=user.sub,
        event_id=event_id,
        event_type=event_type,
        created_at=call.clock.now(),
        response=response,
        level=judged.level,
        decision=judged.decision,
        compromised=judged.compromised,
        challenges=challenges,
        address=around.address,
        device_name=around.device_name,
    )
    keys = await call.keys.of_pool(pool)
    notice = _notice(call, keys, user, judged, event)

    async def save(tx: Transaction) -> None:
        await tx.auth_events.save(event)
        if notice is not None:
            await call.outbox.put(tx, keys, pool, notice)

    await call.store.change(save)


def _notice(
    call: Call, keys: PoolKeys, user: User, judgement: Judgement, event: AuthEvent
) -> Message | None:
    """The mail to a user about a risky sign-in, as the pool words it."""
    configuration = judgement.configuration
    if not judgement.notify or configuration is None or not user.is_verified("email"):
        return None
    notify = (configuration.account_takeover or {}).get("NotifyConfiguration") or {}
    if judgement.decision == "Block":
        template = notify.get("BlockEmail")
    elif judgement.demands_mfa:
        template = notify.get("MfaEmail")
    else:
        template = notify.get("NoActionEmail")
    if not template:
        return None
    body = template.get("TextBody") or template.get("HtmlBody") or ""
    answer = feedback.token(keys, user, event.event_id, now=call.clock.now())
    for name, value in (
        ("{username}", user.username),
        ("{event-id}", event.event_id),
        ("{feedback-token}", answer),
        ("{ip-address}", event.address or ""),
        ("{device-name}", event.device_name or ""),
        ("{login-time}", f"{event.created_at:%Y-%m-%d %H:%M:%S} UTC"),
    ):
        body = body.replace(name, value)
    return Message(
        recipient=user.attributes["email"],
        channel="email",
        subject=template["Subject"],
        body=body,
    )


async def save(call: Call, event: AuthEvent) -> None:
    async def replace_event(tx: Transaction) -> None:
        await tx.auth_events.save(event)

    await call.store.change(replace_event)
