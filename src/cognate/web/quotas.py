"""
Request rates as the service would refuse them, simulated (`--simulate-quotas`), and what answers
tell of any bound on requests.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from math import ceil

from cognate.domain.ids import ClientId, PoolId
from cognate.domain.quotas import RATE_OF_ONE_USER, RATES, Bucket, Quota, access_of, quota_of
from cognate.errors import AWSError, RateLimit, TooManyRequestsException
from cognate.ports import Call
from cognate.signin.access import verified
from cognate.signin.lookup import find_user
from cognate.wire.service import Shape

WINDOW = 1  # second, in which an empty bucket is full again
# A bucket that nobody used for a second is full, so it need not be remembered. Where this many
# are used within one second, the longest unused are forgotten, which errs on the callers' side.
BUCKETS_REMEMBERED = 10_000


class RequestQuotas:
    """
    Token buckets of this process: by account, region and category of operation, and by user. The
    rates are those that UpdateProvisionedLimit stored. `own_call`: makes a call of the server's
    own account and region; `remembered`: at most so many buckets.
    """

    def __init__(
        self, own_call: Callable[[], Call], *, remembered: int = BUCKETS_REMEMBERED
    ) -> None:
        self._remembered = remembered
        self._own_call = own_call
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def forget(self) -> None:
        """After everything was emptied."""
        self._buckets.clear()

    def __len__(self) -> int:
        return len(self._buckets)

    async def admit(self, call: Call, operation: str, shape: Shape | None) -> Sequence[RateLimit]:
        """
        Take a token from each bucket that counts the call; from none where one is empty.

        Raises:
            TooManyRequestsException: one is empty.
        """
        quota = quota_of(operation, getattr(shape, "challenge_name", None))
        wanted = {_key(call, quota): (quota.name, await _rate(call, quota))}
        access = access_of(operation)
        user = None if access is None else await _user(call, shape)
        if access is not None and user is not None:
            wanted[f"{access} {user}"] = (access, RATE_OF_ONE_USER)

        now = call.clock.now().timestamp()
        buckets = {key: self._bucket(key, rate, now=now) for key, (_, rate) in wanted.items()}
        refused = any(bucket.is_empty for bucket in buckets.values())
        if not refused:
            buckets = {key: bucket.without_one() for key, bucket in buckets.items()}
        for key, bucket in buckets.items():
            self._remember(key, bucket)
        limits = [_limit(wanted[key][0], bucket) for key, bucket in buckets.items()]
        if refused:
            raise TooManyRequestsException(limits=limits)
        return limits

    async def state(self, operation: str) -> Sequence[RateLimit]:
        """For who is refused before it is known whose call it is; nothing is taken."""
        call = self._own_call()
        quota = quota_of(operation)
        now = call.clock.now().timestamp()
        rate = await _rate(call, quota)
        return [_limit(quota.name, self._bucket(_key(call, quota), rate, now=now))]

    def _bucket(self, key: str, rate: int, *, now: float) -> Bucket:
        known = self._buckets.get(key)
        return Bucket.full(rate, now=now) if known is None else known.refilled(rate, now=now)

    def _remember(self, key: str, bucket: Bucket) -> None:
        self._buckets[key] = bucket
        self._buckets.move_to_end(key)
        while self._buckets:
            oldest = next(iter(self._buckets.values()))
            if len(self._buckets) <= self._remembered and bucket.at - oldest.at < WINDOW:
                return
            self._buckets.popitem(last=False)


def _key(call: Call, quota: Quota) -> str:
    return f"{quota.name} {call.caller.account_id} {call.caller.region}"


async def _rate(call: Call, quota: Quota) -> int:
    granted = await call.store.provisioned_limits.rate(
        account_id=call.caller.account_id, region=call.caller.region, category=quota.category
    )
    return quota.factor * (RATES[quota.category] if granted is None else granted)


async def _user(call: Call, shape: Shape | None) -> str | None:
    """
    Whom a request is about; None where it names nobody. A user has one key under all names, and
    who does not exist has one too: strangers must not learn it from a rate.
    """
    token = getattr(shape, "access_token", None)
    if token is not None:
        try:
            pool, claims = await verified(call, token, use="access")
        except AWSError:
            return None  # the operation will say why
        return f"{pool.pool_id} {claims['sub']}"
    name = getattr(shape, "username", None)
    pool_id = getattr(shape, "user_pool_id", None)
    if name is None:
        return None
    if pool_id is None:
        pool_id = await call.store.clients.pool_of(ClientId(getattr(shape, "client_id", "")))
    found = None if pool_id is None else await call.store.pools.find(PoolId(pool_id))
    if found is None:
        return None
    user = await find_user(call.store, found, name)
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{found.pool_id} {digest if user is None else user.sub}"


def _limit(name: str, bucket: Bucket) -> RateLimit:
    missing = (1 if bucket.is_empty else bucket.rate) - bucket.tokens
    return RateLimit(
        name=name,
        quota=bucket.rate,
        window=WINDOW,
        remaining=int(bucket.tokens),
        reset=ceil(missing / bucket.rate),
    )


def rate_headers(limits: Sequence[RateLimit]) -> Mapping[str, str]:
    """
    Fields of Structured Field Values (RFC 9651): `"name";q=quota;w=seconds` and
    `"name";r=remaining;t=seconds`, a list where there are several.

    Source: draft-ietf-httpapi-ratelimit-headers-10.
    """
    if not limits:
        return {}
    return {
        "ratelimit-policy": ", ".join(_policy(limit) for limit in limits),
        "ratelimit": ", ".join(
            f'"{limit.name}";r={limit.remaining};t={limit.reset}' for limit in limits
        ),
    }


def _policy(limit: RateLimit) -> str:
    if limit.window is None:
        return f'"{limit.name}";q={limit.quota};qu="concurrent-requests"'
    return f'"{limit.name}";q={limit.quota};w={limit.window}'
