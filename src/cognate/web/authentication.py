"""
Signed operations: AWS Signature Version 4 against the access keys that Cognate keeps, and what
their policies allow.

Development mode takes any key, unless it is one of ours: then the signature must be right and the
policy holds, as in production. A browser shows other people's pages too; those have any key as
well, so what nothing proves is refused to them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from cognate.domain.deployment import Deployment
from cognate.domain.ids import PoolId, pool_arn
from cognate.domain.keys import AccessKey
from cognate.errors import (
    AccessDeniedException,
    AWSError,
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
    UnrecognizedClientException,
)
from cognate.ports import Caller, Keys, Store
from cognate.protocol import sigv4
from cognate.web.http import Request
from cognate.web.origins import is_neighbourly
from cognate.wire.service import OperationModel, Service, Shape

if TYPE_CHECKING:  # imported where a policy is judged: a start needs none
    from cognate.protocol.iam import Policy

# It becomes part of pool ids, so nothing else may come in by it.
REGION = re.compile(r"[a-z0-9-]{1,32}")
POLICIES_REMEMBERED = 256

FOREIGN_PAGE = (
    "In development mode any access key is accepted, so web pages of other origins may not call"
    " signed operations. Serve the page from localhost, or sign with a key of `cognate keys"
    " create`."
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who made a request. `key`: the access key that proved it; None where nothing was proven."""

    caller: Caller
    key: AccessKey | None = None


# The model has these signed, their reference lets a client's secret do instead; they check it.
BY_CLIENT_SECRET = ("GetClientToken", "GetDerivedToken")


def _proves_itself(request: Request, operation: OperationModel) -> bool:
    is_signed = "authorization" in request.headers or "X-Amz-Signature" in request.query
    return operation.name in BY_CLIENT_SECRET and not is_signed


class SignatureAuthentication:
    """`now`: the real time; clients sign by their own clocks, not by the server's moved one."""

    def __init__(
        self,
        *,
        store: Store,
        keys: Keys,
        deployment: Deployment,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._keys = keys
        self._deployment = deployment
        self._now = now

    async def signer(self, request: Request, service: Service, operation: OperationModel) -> Signer:
        """
        Who signed `request`. Operations without credentials have their Authorization ignored.

        Raises:
            MissingAuthenticationTokenException: it is not signed.
            IncompleteSignatureException: a part of the signature is missing or malformed.
            UnrecognizedClientException: the access key is unknown or revoked.
            InvalidSignatureException: wrong, too old, of tomorrow, or over another body.
            AccessDeniedException: a foreign web page, with a key that proves nothing (development).

        Source: user-pools.md A.2, A.4.
        """
        deployment = self._deployment
        if not operation.signed or _proves_itself(request, operation):
            return Signer(Caller(region=deployment.region, account_id=deployment.account_id))
        signed = _as_sent(request)
        try:
            authorization = sigv4.parse_authorization(signed)
            region = authorization.scope.region
            if not REGION.fullmatch(region):
                raise sigv4.SignatureMismatch(
                    f"Credential should be scoped to a valid region, not '{region[:64]}'."
                )
            key = await self._key(authorization)
            if key is not None:
                keys = await self._keys.of_server()
                secret = keys.open(key.sealing_purpose, key.sealed_secret).decode()
                sigv4.verify(signed, secret, self._now(), service=service.name)
        except sigv4.SignatureError as cause:
            raise _refusal(cause) from cause
        if key is None:
            self._check_origin(request)
        caller = Caller(
            region=region,
            account_id=deployment.account_id,
            access_key_id=authorization.access_key_id,
        )
        return Signer(caller, key)

    async def _key(self, authorization: sigv4.Authorization) -> AccessKey | None:
        """The key that must have signed; None for a stranger's in development mode."""
        key = await self._store.access_keys.find(authorization.access_key_id)
        if key is None and self._deployment.development:
            return None
        # Our keys are long-lived: a session token beside one was made by somebody else.
        if key is None or key.revoked_at is not None or authorization.session_token is not None:
            raise UnrecognizedClientException
        return key

    def _check_origin(self, request: Request) -> None:
        """Browsers send Origin with every POST, and no page can change it; SDKs send none."""
        origin = request.headers.get("origin")
        public_url = self._deployment.public_url
        if origin is None or is_neighbourly(
            origin, public_url=public_url, host=request.headers.get("host")
        ):
            return
        raise AccessDeniedException(FOREIGN_PAGE)

    async def authorize(
        self,
        signer: Signer,
        request: Request,
        service: Service,
        operation: OperationModel,
        shape: Shape | None,
    ) -> None:
        """
        Judge the policy of the signer's key.

        Raises:
            AccessDeniedException: it does not allow the operation on what `shape` names.

        Source: user-pools.md A.2.
        """
        if signer.key is None:
            return
        from cognate.protocol.iam import Decision, evaluate

        action = f"{service.name}:{operation.name}"
        resource = await self._resource(signer.caller, shape)
        principal = f"arn:aws:iam::{signer.caller.account_id}:user/{signer.key.user_name}"
        decision = evaluate(
            [_policy(signer.key.policy)],
            action,
            resource,
            self._context(request, signer, principal),
        )
        if decision is Decision.ALLOW:
            return
        reason = (
            "with an explicit deny in an identity-based policy"
            if decision is Decision.EXPLICIT_DENY
            else f"because no identity-based policy allows the {action} action"
        )
        raise AccessDeniedException(
            f"User: {principal} is not authorized to perform: {action}"
            f" on resource: {resource} {reason}"
        )

    async def _resource(self, caller: Caller, shape: Shape | None) -> str:
        """The ARN of the pool that a request names by its id or by an ARN; `*` for none."""
        arn = getattr(shape, "resource_arn", None)
        pool_id = getattr(shape, "user_pool_id", None)
        if isinstance(arn, str):
            _, named, pool_id = arn.rpartition(":userpool/")
            if not named:
                return arn
        if not isinstance(pool_id, str):
            return "*"
        pool = await self._store.pools.find(PoolId(pool_id))
        # The pool's own region counts, never one that the caller chose.
        if pool is not None:
            return pool.arn
        return pool_arn(pool_id.partition("_")[0], caller.account_id, pool_id)

    def _context(self, request: Request, signer: Signer, principal: str) -> Mapping[str, str]:
        now = self._now()
        assert signer.key is not None  # noqa: S101 - for the type checker
        return {
            "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:PrincipalAccount": signer.caller.account_id,
            "aws:PrincipalArn": principal,
            "aws:PrincipalType": "User",
            "aws:RequestedRegion": signer.caller.region,
            "aws:SecureTransport": str(self._deployment.public_url.startswith("https:")).lower(),
            "aws:SourceIp": request.source_ip,
            "aws:UserAgent": request.headers.get("user-agent", ""),
            "aws:userid": signer.key.access_key_id,
            "aws:username": signer.key.user_name,
        }


@lru_cache(maxsize=POLICIES_REMEMBERED)
def _policy(document: str) -> "Policy":
    """Checked when the key was made."""
    from cognate.protocol.iam import Policy

    return Policy.parse(document)


def _as_sent(request: Request) -> sigv4.SignedRequest:
    """With its bytes as the signature's arithmetic wants them: UTF-8 where they are."""
    return sigv4.SignedRequest(
        method=request.method,
        path=_utf8(request.raw_path),
        query=_utf8(request.query),
        headers=tuple((name, _utf8(value)) for name, value in request.raw_headers),
        body=request.body,
    )


def _utf8(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1").decode(errors="surrogateescape")


def _refusal(error: sigv4.SignatureError) -> AWSError:
    match error:
        case sigv4.MissingSignature():
            return MissingAuthenticationTokenException()
        case sigv4.IncompleteSignature():
            return IncompleteSignatureException(_shown(str(error)))
        case _:
            return InvalidSignatureException(_shown(str(error)))


def _shown(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
