"""Operations called as their JSON, in the test's own loop: no SDK, no sockets, no threads."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from cognate.app import App
from tests.inprocess import Answer, ask

HEADERS = {
    "content-type": "application/x-amz-json-1.1",
    # Development mode takes any key.
    "authorization": "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/cognito-idp/aws4_request,"
    " SignedHeaders=host;x-amz-date, Signature=00",
    "x-amz-date": "20260102T030405Z",
    "host": "cognate.test",
}
TARGET = "AWSCognitoIdentityProviderService"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, read. `error` and `message`: of a refusal, else None."""

    status: int
    content: Any
    error: str | None = None
    message: str | None = None


def reply(answer: Answer) -> Reply:
    content: Any = msgspec.json.decode(answer.body) if answer.body else None
    if answer.status == 200:
        return Reply(status=200, content=content)
    return Reply(
        status=answer.status, content=content, error=content["__type"], message=content["message"]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """Calls the application from `address`, with a program that calls itself `agent`."""

    app: App
    address: str = "127.0.0.1"
    agent: str = "stories/1.0"

    def at(self, address: str, *, agent: str | None = None) -> "Direct":
        return replace(self, address=address, agent=agent or self.agent)

    async def send(self, operation: str, body: bytes) -> Answer:
        headers = HEADERS | {"x-amz-target": f"{TARGET}.{operation}", "user-agent": self.agent}
        return await ask(self.app, "POST", "/", headers=headers, body=body, address=self.address)

    async def ask(self, operation: str, request: Any = None, /, **members: Any) -> Reply:
        """The answer, whatever it is; the request as one value or by its members."""
        wanted = members if request is None else request
        return reply(await self.send(operation, msgspec.json.encode(wanted)))

    async def __call__(self, operation: str, /, **members: Any) -> Any:
        """The content of an answer that is no refusal."""
        answered = await self.ask(operation, members)
        assert answered.status == 200, (operation, answered)
        return answered.content

    async def sign_in(self, client_id: str, username: str, password: str, **more: str) -> Reply:
        """USER_PASSWORD_AUTH; `more` are other AuthParameters."""
        return await self.ask(
            "InitiateAuth",
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password, **more},
        )
