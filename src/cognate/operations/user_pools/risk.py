"""Threat protection: what a pool does about risk, what users did, and whether that was them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from cognate.domain.pools import Pool
from cognate.domain.risk import AuthEvent, RiskConfiguration, is_range
from cognate.domain.users import User
from cognate.errors import (
    InvalidParameterException,
    NotAuthorizedException,
    ResourceNotFoundException,
    UserPoolAddOnNotEnabledException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.ports import Call, Transaction
from cognate.signin import feedback
from cognate.signin.lookup import existing_client, existing_pool, existing_user
from cognate.wire.cognito_idp import (
    AccountTakeoverRiskConfigurationType,
    AdminListUserAuthEventsRequest,
    AdminListUserAuthEventsResponse,
    AdminUpdateAuthEventFeedbackRequest,
    AdminUpdateAuthEventFeedbackResponse,
    AuthEventType,
    ChallengeResponseType,
    CompromisedCredentialsRiskConfigurationType,
    DescribeRiskConfigurationRequest,
    DescribeRiskConfigurationResponse,
    EventContextDataType,
    EventFeedbackType,
    EventRiskType,
    RiskConfigurationType,
    RiskExceptionConfigurationType,
    SetRiskConfigurationRequest,
    SetRiskConfigurationResponse,
    UpdateAuthEventFeedbackRequest,
    UpdateAuthEventFeedbackResponse,
)

LEVELS = ("LowAction", "MediumAction", "HighAction")
# A higher level cannot be laxer than a lower one.
STRICTNESS = {"NO_ACTION": 0, "MFA_IF_CONFIGURED": 1, "MFA_REQUIRED": 2, "BLOCK": 3}


async def set_risk_configuration(
    call: Call, request: SetRiskConfigurationRequest
) -> SetRiskConfigurationResponse:
    """
    Replace what a pool, or one client, does about risk; only the ids remove it.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        UserPoolAddOnNotEnabledException: the pool has threat protection off.
        InvalidParameterException: a range that is none, a laxer action on a higher level, or a
            message that is missing.

    Source: Cognito API reference, SetRiskConfiguration; user-pools.md J.4.
    """
    pool = await _protected_pool(call, request.user_pool_id)
    client_id = ""
    if request.client_id is not None:
        client_id = (await existing_client(call.store, pool, request.client_id)).client_id
    configuration = RiskConfiguration(
        pool_id=pool.pool_id,
        client_id=client_id,
        modified_at=call.clock.now(),
        compromised_credentials=_members(request.compromised_credentials_risk_configuration),
        account_takeover=_members(request.account_takeover_risk_configuration),
        exceptions=_members(request.risk_exception_configuration),
    )
    _check(configuration)
    parts = (
        configuration.compromised_credentials,
        configuration.account_takeover,
        configuration.exceptions,
    )
    removes = all(part is None for part in parts)

    async def save(tx: Transaction) -> None:
        if removes:
            await tx.risk_configurations.delete(pool.pool_id, client_id)
        else:
            await tx.risk_configurations.save(configuration)

    await call.store.change(save)
    return SetRiskConfigurationResponse(risk_configuration=_shape(configuration))


def _members(shape: msgspec.Struct | None) -> Mapping[str, Any] | None:
    return None if shape is None else msgspec.to_builtins(shape)


def _check(configuration: RiskConfiguration) -> None:
    exceptions = configuration.exceptions or {}
    for name in ("BlockedIPRangeList", "SkippedIPRangeList"):
        for text in exceptions.get(name) or ():
            if not is_range(text):
                raise InvalidParameterException(f"Invalid IP range: {text[:100]}")
    takeover = configuration.account_takeover
    if takeover is None:
        return
    actions = [takeover["Actions"][name] for name in LEVELS if name in takeover["Actions"]]
    strictness = [STRICTNESS[action["EventAction"]] for action in actions]
    if strictness != sorted(strictness):
        raise InvalidParameterException(
            "The action of a higher risk level cannot be less strict than that of a lower one."
        )
    if any(action["Notify"] for action in actions) and "NotifyConfiguration" not in takeover:
        raise InvalidParameterException(
            "NotifyConfiguration is required when a risk level notifies the user."
        )


async def describe_risk_configuration(
    call: Call, request: DescribeRiskConfigurationRequest
) -> DescribeRiskConfigurationResponse:
    """
    What was set for the pool, or for the client (the pool's where it has none of its own).

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        UserPoolAddOnNotEnabledException: the pool has threat protection off.

    Source: Cognito API reference, DescribeRiskConfiguration.
    """
    pool = await _protected_pool(call, request.user_pool_id)
    repository = call.store.risk_configurations
    found = None
    if request.client_id is not None:
        client = await existing_client(call.store, pool, request.client_id)
        found = await repository.find(pool.pool_id, client.client_id)
    found = found or await repository.find(pool.pool_id, "")
    if found is None:
        return DescribeRiskConfigurationResponse(
            risk_configuration=RiskConfigurationType(
                user_pool_id=pool.pool_id, client_id=request.client_id
            )
        )
    return DescribeRiskConfigurationResponse(risk_configuration=_shape(found))


def _shape(configuration: RiskConfiguration) -> RiskConfigurationType:
    return RiskConfigurationType(
        user_pool_id=configuration.pool_id,
        client_id=configuration.client_id or None,
        compromised_credentials_risk_configuration=_as(
            configuration.compromised_credentials, CompromisedCredentialsRiskConfigurationType
        ),
        account_takeover_risk_configuration=_as(
            configuration.account_takeover, AccountTakeoverRiskConfigurationType
        ),
        risk_exception_configuration=_as(configuration.exceptions, RiskExceptionConfigurationType),
        last_modified_date=configuration.modified_at.timestamp(),
    )


def _as(members: Mapping[str, Any] | None, shape: Any) -> Any:
    return None if members is None else msgspec.convert(dict(members), shape)


async def admin_list_user_auth_events(
    call: Call, request: AdminListUserAuthEventsRequest
) -> AdminListUserAuthEventsResponse:
    """
    What a user did, newest first.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        UserPoolAddOnNotEnabledException: the pool has threat protection off.
        InvalidParameterException: a pagination token that is none.

    Source: Cognito API reference, AdminListUserAuthEvents.
    """
    pool = await _protected_pool(call, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    keys = await call.keys.of_pool(pool)
    question = Question(operation="AdminListUserAuthEvents", parameters=(user.sub,))
    now = call.clock.now()
    before = None
    if request.next_token:
        at, event_id = question.position(keys, request.next_token, now=now)
        before = (datetime.fromisoformat(at), event_id)
    size = page_size(request.max_results)
    found = list(
        await call.store.auth_events.page(pool.pool_id, user.sub, before=before, limit=size + 1)
    )
    token = None
    if len(found) > size:
        last = found[size - 1]
        token = question.token(keys, (last.created_at.isoformat(), last.event_id), now=now)
    return AdminListUserAuthEventsResponse(
        auth_events=[_event_shape(event) for event in found[:size]], next_token=token
    )


def _event_shape(event: AuthEvent) -> AuthEventType:
    given = event.feedback
    return AuthEventType(
        event_id=event.event_id,
        event_type=event.event_type,
        creation_date=event.created_at.timestamp(),
        event_response=event.response,
        event_risk=EventRiskType(
            risk_decision=event.decision,
            risk_level=event.level.wire_name,
            compromised_credentials_detected=event.compromised,
        ),
        challenge_responses=[
            ChallengeResponseType(challenge_name=name, challenge_response=response)
            for name, response in event.challenges
        ],
        event_context_data=EventContextDataType(
            ip_address=event.address, device_name=event.device_name
        ),
        event_feedback=EventFeedbackType(
            feedback_value=given["FeedbackValue"],
            provider=given["Provider"],
            feedback_date=given["FeedbackDate"],
        )
        if given
        else None,
    )


async def admin_update_auth_event_feedback(
    call: Call, request: AdminUpdateAuthEventFeedbackRequest
) -> AdminUpdateAuthEventFeedbackResponse:
    """
    Say of an event that it was the user, or was not; later judgements learn from it.

    Raises:
        ResourceNotFoundException: no such pool, or no such event of the user.
        UserNotFoundException: no such user in the pool.
        UserPoolAddOnNotEnabledException: the pool has threat protection off.

    Source: Cognito API reference, AdminUpdateAuthEventFeedback.
    """
    pool = await _protected_pool(call, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    await _give(call, user, request.event_id, request.feedback_value, provider="Admin")
    return AdminUpdateAuthEventFeedbackResponse()


async def update_auth_event_feedback(
    call: Call, request: UpdateAuthEventFeedbackRequest
) -> UpdateAuthEventFeedbackResponse:
    """
    The user's own word on an event, by the token in the notice that they were sent.

    Raises:
        ResourceNotFoundException: no such pool, or no such event of the user.
        UserNotFoundException: no such user in the pool.
        UserPoolAddOnNotEnabledException: the pool has threat protection off.
        NotAuthorizedException: the token is not of this event, or too old.

    Source: Cognito API reference, UpdateAuthEventFeedback.
    """
    pool = await _protected_pool(call, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    keys = await call.keys.of_pool(pool)
    if not feedback.is_token(
        keys, request.feedback_token, user, request.event_id, now=call.clock.now()
    ):
        raise NotAuthorizedException("Invalid feedback token")
    await _give(call, user, request.event_id, request.feedback_value, provider="User")
    return UpdateAuthEventFeedbackResponse()


async def _give(call: Call, user: User, event_id: str, value: str, *, provider: str) -> None:
    given = {
        "FeedbackValue": value,
        "Provider": provider,
        "FeedbackDate": call.clock.now().timestamp(),
    }

    async def save(tx: Transaction) -> None:
        event = await tx.auth_events.find(user.pool_id, user.sub, event_id)
        if event is None:
            raise ResourceNotFoundException("Event does not exist.")
        await tx.auth_events.save(replace(event, feedback=given))

    await call.store.change(save)


async def _protected_pool(call: Call, pool_id: str) -> Pool:
    pool = await existing_pool(call.store, pool_id)
    if not pool.protects_from_threats:
        raise UserPoolAddOnNotEnabledException
    return pool


OPERATIONS: Operations = {
    "AdminListUserAuthEvents": admin_list_user_auth_events,
    "AdminUpdateAuthEventFeedback": admin_update_auth_event_feedback,
    "DescribeRiskConfiguration": describe_risk_configuration,
    "SetRiskConfiguration": set_risk_configuration,
    "UpdateAuthEventFeedback": update_auth_event_feedback,
}
