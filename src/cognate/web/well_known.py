"""
Discovery and keys of a pool, always below our own URL. Source: oauth-and-login.md 2.

Where tokens name AWS's host as their issuer, verifiers are given these addresses.
"""

import msgspec

from cognate.domain.ids import PoolId
from cognate.ports import Call
from cognate.signin.tokens import issuer
from cognate.web.http import Response

HEADERS = {
    "content-type": "application/json",
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=300",
}
NOT_FOUND = Response(status=404, body=b'{"message":"User pool does not exist."}', headers=HEADERS)


async def jwks(call: Call, pool_id: str) -> Response:
    pool = await call.store.pools.find(PoolId(pool_id))
    if pool is None:
        return NOT_FOUND
    return Response(body=msgspec.json.encode({"keys": await call.keys.jwks(pool)}), headers=HEADERS)


async def openid_configuration(call: Call, pool_id: str) -> Response:
    pool = await call.store.pools.find(PoolId(pool_id))
    if pool is None:
        return NOT_FOUND
    own = call.deployment.public_url
    document = {
        "authorization_endpoint": f"{own}/oauth2/authorize",
        "end_session_endpoint": f"{own}/logout",
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer(call, pool),
        "jwks_uri": f"{own}/{pool.pool_id}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": f"{own}/oauth2/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": f"{own}/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": f"{own}/oauth2/userInfo",
    }
    return Response(body=msgspec.json.encode(document), headers=HEADERS)
