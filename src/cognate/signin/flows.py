"""The flows that a sign-in can begin with, and which clients may use them."""

from collections.abc import Mapping
from dataclasses import dataclass

from cognate.domain.clients import Client
from cognate.domain.pools import Pool
from cognate.errors import (
    AWSError,
    InvalidParameterException,
    UnexpectedLambdaException,
)
from cognate.signin.steps import PASSWORD_VERIFIER


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """
    `flag`: what ExplicitAuthFlows must hold. `first_challenge`: put before anything is proven;
    None where the password comes with the first request.
    """

    name: str
    flag: str
    required: tuple[str, ...]
    public: bool
    admin: bool
    first_challenge: str | None = None
    chooses: bool = False  # the user chooses the first factor


_ADMIN_PASSWORD = Flow(
    name="ADMIN_USER_PASSWORD_AUTH",
    flag="ALLOW_ADMIN_USER_PASSWORD_AUTH",
    required=("PASSWORD",),
    public=False,
    admin=True,
)

FLOWS: Mapping[str, Flow] = {
    "USER_PASSWORD_AUTH": Flow(
        name="USER_PASSWORD_AUTH",
        flag="ALLOW_USER_PASSWORD_AUTH",
        required=("PASSWORD",),
        public=True,
        admin=False,
    ),
    "ADMIN_USER_PASSWORD_AUTH": _ADMIN_PASSWORD,
    "ADMIN_NO_SRP_AUTH": _ADMIN_PASSWORD,  # its old name
    "USER_SRP_AUTH": Flow(
        name="USER_SRP_AUTH",
        flag="ALLOW_USER_SRP_AUTH",
        required=("SRP_A",),
        public=True,
        admin=True,
        first_challenge=PASSWORD_VERIFIER,
    ),
    "USER_AUTH": Flow(
        name="USER_AUTH",
        flag="ALLOW_USER_AUTH",
        required=(),
        public=True,
        admin=True,
        chooses=True,
    ),
}


CUSTOM_AUTH = "CUSTOM_AUTH"
CUSTOM_AUTH_TRIGGERS = (
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
)


def flow_named(name: str, pool: Pool, client: Client, *, admin: bool) -> Flow:
    """
    Raises:
        InvalidParameterException: not a flow of this operation, or not one of this client's; or
            custom authentication in a pool without its triggers.
        UnexpectedLambdaException: custom authentication, whose functions do not run here yet.
    """
    if name == CUSTOM_AUTH:
        raise _no_custom_auth(pool, client)
    flow = FLOWS.get(name)
    if flow is None:
        raise InvalidParameterException("Initiate Auth method not supported.")
    if not (flow.admin if admin else flow.public):
        raise InvalidParameterException("Initiate Auth method not supported.")
    if flow.flag not in client.allowed_flows:
        if admin:
            raise InvalidParameterException("Auth flow not enabled for this client")
        raise InvalidParameterException(f"{flow.name} flow not enabled for this client")
    return flow


def _no_custom_auth(pool: Pool, client: Client) -> AWSError:
    """Why custom authentication does not go on: there is no functions runtime yet."""
    if "ALLOW_CUSTOM_AUTH" not in client.allowed_flows:
        return InvalidParameterException("CUSTOM_AUTH is not enabled for the client.")
    if not all(pool.lambda_config.get(trigger) for trigger in CUSTOM_AUTH_TRIGGERS):
        return InvalidParameterException(
            "Custom auth lambda trigger is not configured for the user pool."
        )
    return UnexpectedLambdaException(
        f"{CUSTOM_AUTH_TRIGGERS[0]} invocation failed due to error ResourceNotFoundException."
    )
