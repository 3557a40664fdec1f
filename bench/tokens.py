"""
Judging tokens as a careful application would: with another library than the one that signs them.

A figure for signing in counts only where the tokens are good.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt


class WrongToken(Exception):
    """A token, or an answer that should hold tokens, which an application would refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenJudge:
    """`keys`: public keys by `kid`, from the server's JWKS document."""

    keys: Mapping[str, Any]
    issuer: str
    client_id: str

    @classmethod
    def from_jwks(cls, document: bytes, *, issuer: str, client_id: str) -> "TokenJudge":
        keys = {key["kid"]: jwt.PyJWK(key).key for key in json.loads(document)["keys"]}
        return cls(keys=keys, issuer=issuer, client_id=client_id)

    def judge_answer(self, body: bytes, *, username: str) -> int:
        """
        How many tokens the AuthenticationResult in `body` held: an ID and an access token.

        Raises:
            WrongToken: one is missing or not good.
        """
        try:
            result = json.loads(body)["AuthenticationResult"]
            access, identity = result["AccessToken"], result["IdToken"]
        except (ValueError, KeyError, TypeError) as cause:
            raise WrongToken("the answer holds no tokens") from cause
        self.judge(access, use="access", username=username)
        self.judge(identity, use="id", username=username)
        return 2

    def judge(self, token: str, *, use: str, username: str) -> dict[str, Any]:
        """
        The claims of a token of this pool, this client and this user: signature (RS256), issuer,
        expiry, audience, purpose and user name.

        Raises:
            WrongToken: whatever is wrong with it.
        """
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str) or kid not in self.keys:
                raise WrongToken("signed with a key that the server does not publish")
            claims: dict[str, Any] = jwt.decode(
                token,
                self.keys[kid],
                algorithms=["RS256"],
                issuer=self.issuer,
                audience=self.client_id if use == "id" else None,
                options={"require": ["exp", "iat", "iss", "sub"]},
            )
        except jwt.InvalidTokenError as cause:
            raise WrongToken(str(cause)) from cause
        name = claims.get("cognito:username" if use == "id" else "username")
        if claims.get("token_use") != use or name != username:
            raise WrongToken("for another purpose or another user")
        if use == "access" and claims.get("client_id") != self.client_id:
            raise WrongToken("for another client")
        return claims
