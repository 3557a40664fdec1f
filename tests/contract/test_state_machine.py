"""
Random stories of a pool, held against a model that fits on a page.

Whatever happens in whatever order: nothing that is good once is good twice, nobody who is disabled
or gone is signed in, an address leads to one user, every count is honoured.
"""

import asyncio
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cognate.app import App, build
from cognate.config import Settings
from cognate.messages.outbox import content_of
from cognate.protocol.jose import unverified_claims
from tests.direct import Direct, Reply
from tests.inprocess import ENDPOINT, FrozenClock, TestEntropy

NAMES = ("ada", "bob", "eve")
EMAILS = ("one@example.com", "two@example.com")
GROUPS = ("staff", "guests")
PASSWORDS = ("Correct-horse1!", "Another-horse2!")
WRONG = "wrong-Horse9!"
LOCKED = "Password attempts exceeded"
TOO_OFTEN = "LimitExceededException"
LIMITS = {"forgot": 5, "reset": 15, "resend": 5, "confirm": 15}
REFUSED = ("NotAuthorizedException", "UserNotFoundException")
CODE = re.compile(r"\b\d{6}\b")


@dataclass(eq=False, slots=True)
class Counter:
    """Failures that lock, as user-pools.md F.3 has them."""

    count: int = 0
    last: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        if self.last is None or self.count < 5:
            return False
        seconds = min(2 ** (self.count - 5), 900)
        return now < self.last + timedelta(seconds=seconds)

    def fail(self, now: datetime) -> None:
        if self.last is None or now - self.last >= timedelta(minutes=15):
            self.count = 0
        self.count, self.last = self.count + 1, now


@dataclass(eq=False, slots=True)
class Window:
    """So many in the hour that began with the first."""

    count: int = 0
    since: datetime | None = None

    def allows_one_more(self, limit: int, now: datetime) -> bool:
        if self.since is None or now - self.since >= timedelta(hours=1):
            self.count, self.since = 0, now
        if self.count >= limit:
            return False
        self.count += 1
        return True


@dataclass(eq=False, slots=True)
class Code:
    text: str
    good_until: datetime


@dataclass(eq=False, slots=True)
class Someone:
    """A user as they should be. `at_home`: failures where they signed in before."""

    name: str
    password: str
    status: str
    email: str
    verified: bool = False
    enabled: bool = True
    exists: bool = True
    has_home: bool = False
    strange: Counter = field(default_factory=Counter)
    at_home: Counter = field(default_factory=Counter)
    windows: dict[str, Window] = field(
        default_factory=lambda: {purpose: Window() for purpose in LIMITS}
    )
    codes: dict[str, Code] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    @property
    def counter(self) -> Counter:
        return self.at_home if self.has_home else self.strange


@dataclass(eq=False, slots=True)
class Family:
    owner: Someone
    refresh: list[str]  # every generation; the last is good
    access: list[tuple[str, datetime]]  # with its end
    revoked: bool = False


@dataclass(eq=False, slots=True)
class Waiting:
    """A sign-in that waits for a new password."""

    owner: Someone
    session: str
    good_until: datetime
    used: bool = False


class Pool(RuleBasedStateMachine):
    """One pool, one client that rotates refresh tokens, three names, two addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.data = Path(tempfile.mkdtemp(prefix="cognate-stories-"))
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.clock = FrozenClock()
        self.users: dict[str, Someone] = {}
        self.families: list[Family] = []
        self.waiting: list[Waiting] = []
        self.spent_codes: list[tuple[str, str, str]] = []  # name, purpose, code
        self.app: App = self.runner.run(
            build(
                Settings(
                    data=self.data,
                    public_url=ENDPOINT,
                    insecure_fast_passwords=True,
                    log_level="error",
                ),
                clock=self.clock,
                entropy=TestEntropy(),
            )
        )
        self.direct = Direct(app=self.app)

    def teardown(self) -> None:
        self.runner.run(self.app.close())
        self.runner.close()
        shutil.rmtree(self.data)

    def ask(self, operation: str, **request: Any) -> Reply:
        return self.runner.run(self.direct.ask(operation, request))

    def admin(self, operation: str, **request: Any) -> Reply:
        return self.ask(operation, UserPoolId=self.pool, **request)

    def public(self, operation: str, **request: Any) -> Reply:
        self.clock.advance(timedelta(milliseconds=1))  # so that one message is the newest
        return self.ask(operation, ClientId=self.client, **request)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @initialize()
    def a_pool(self) -> None:
        made = self.ask(
            "CreateUserPool",
            PoolName="p",
            AliasAttributes=["email"],
            AutoVerifiedAttributes=["email"],
        )
        self.pool = made.content["UserPool"]["Id"]
        client = self.admin(
            "CreateUserPoolClient",
            ClientName="c",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
        )
        self.client = client.content["UserPoolClient"]["ClientId"]
        for name in GROUPS:
            assert self.admin("CreateGroup", GroupName=name).status == 200

    # --- what the model knows --------------------------------------------------------------------

    def holder(self, email: str) -> Someone | None:
        """Who has proven the address; never two."""
        found = [u for u in self.users.values() if u.email == email and u.verified]
        assert len(found) <= 1
        return found[0] if found else None

    def newest_code(self, recipient: str) -> str:
        async def read() -> str:
            for queued in await self.app.store.messages.newest(limit=20):
                pool = await self.app.store.pools.find(queued.pool_id)
                assert pool is not None
                message = content_of(await self.app.keys.of_pool(pool), queued)
                found = CODE.search(message.body)
                if message.recipient == recipient and found:
                    return found.group()
            raise LookupError(recipient)

        return self.runner.run(read())

    def sent(self, user: Someone, purpose: str, lifetime: timedelta) -> None:
        code = self.newest_code(user.email)
        before = user.codes.get(purpose)
        if before is not None:
            self.spent_codes.append((user.name, purpose, before.text))
        user.codes[purpose] = Code(code, self.now + lifetime)

    def end_all(self, user: Someone) -> None:
        for family in self.families:
            family.revoked = family.revoked or family.owner is user

    def lives(self, family: Family) -> bool:
        return not family.revoked and family.owner.exists and family.owner.enabled

    # --- coming and going ------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), email=st.sampled_from(EMAILS))
    def sign_up(self, name: str, email: str) -> None:
        answer = self.public(
            "SignUp",
            Username=name,
            Password=PASSWORDS[0],
            UserAttributes=[{"Name": "email", "Value": email}],
        )
        if name in self.users:
            assert answer.error == "UsernameExistsException", answer
            return
        assert answer.status == 200, answer
        user = self.users[name] = Someone(name, PASSWORDS[0], "UNCONFIRMED", email)
        self.sent(user, "confirm", timedelta(hours=24))

    @rule(name=st.sampled_from(NAMES), email=st.sampled_from(EMAILS), temporary=st.booleans())
    def administrator_makes(self, name: str, email: str, temporary: bool) -> None:
        taken = name in self.users
        held = self.holder(email)
        answer = self.admin(
            "AdminCreateUser",
            Username=name,
            TemporaryPassword=PASSWORDS[0],
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        if taken or held is not None:
            assert answer.error in {"UsernameExistsException", "AliasExistsException"}, answer
            return
        assert answer.status == 200, answer
        user = self.users[name] = Someone(
            name, PASSWORDS[0], "FORCE_CHANGE_PASSWORD", email, verified=True
        )
        if not temporary:
            self.set_password(name, PASSWORDS[0], True)
            assert user.status == "CONFIRMED"

    @precondition(lambda self: self.users)
    @rule(data=st.data(), password=st.sampled_from(PASSWORDS), permanent=st.booleans())
    def administrator_sets_a_password(self, data: Any, password: str, permanent: bool) -> None:
        self.set_password(data.draw(st.sampled_from(sorted(self.users))), password, permanent)

    def set_password(self, name: str, password: str, permanent: bool) -> None:
        answer = self.admin(
            "AdminSetUserPassword", Username=name, Password=password, Permanent=permanent
        )
        assert answer.status == 200, answer
        user = self.users[name]
        user.password = password
        user.status = "CONFIRMED" if permanent else "FORCE_CHANGE_PASSWORD"

    @precondition(lambda self: self.users)
    @rule(data=st.data())
    def administrator_deletes(self, data: Any) -> None:
        name = data.draw(st.sampled_from(sorted(self.users)))
        assert self.admin("AdminDeleteUser", Username=name).status == 200
        user = self.users.pop(name)
        user.exists = False

    @precondition(lambda self: self.users)
    @rule(data=st.data())
    def administrator_disables(self, data: Any) -> None:
        name = data.draw(st.sampled_from(sorted(self.users)))
        assert self.admin("AdminDisableUser", Username=name).status == 200
        self.users[name].enabled = False
        self.end_all(self.users[name])

    @rule()
    def administrator_enables_everybody(self) -> None:
        for name, user in self.users.items():
            assert self.admin("AdminEnableUser", Username=name).status == 200
            user.enabled = True

    @precondition(lambda self: self.users)
    @rule(data=st.data(), email=st.sampled_from(EMAILS), verified=st.booleans())
    def administrator_changes_an_address(self, data: Any, email: str, verified: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.users)))
        user = self.users[name]
        held = self.holder(email)
        answer = self.admin(
            "AdminUpdateUserAttributes",
            Username=name,
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": str(verified).lower()},
            ],
        )
        if verified and held not in (None, user):
            assert answer.error == "AliasExistsException", answer
            return
        assert answer.status == 200, answer
        if email != user.email:  # what went to the old address proves nothing any more
            self.spent_codes += [(name, purpose, c.text) for purpose, c in user.codes.items()]
            user.codes.clear()
        user.email, user.verified = email, verified

    # --- codes -----------------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), right=st.booleans())
    def confirm(self, name: str, right: bool) -> None:
        user = self.users.get(name)
        code = user.codes.get("confirm") if user else None
        given = code.text if right and code else "000000"
        answer = self.public("ConfirmSignUp", Username=name, ConfirmationCode=given)
        if user is None:
            assert answer.error == "UserNotFoundException", answer
        elif not user.windows["confirm"].allows_one_more(LIMITS["confirm"], self.now):
            assert answer.error == TOO_OFTEN, answer
        elif not user.enabled or user.status != "UNCONFIRMED":
            assert answer.error == "NotAuthorizedException", answer
        elif code is None or self.now >= code.good_until:
            assert answer.error == "ExpiredCodeException", answer
        elif given != code.text:
            assert answer.error == "CodeMismatchException", answer
        elif self.holder(user.email) not in (None, user):
            assert answer.error == "AliasExistsException", answer
        else:
            assert answer.status == 200, answer
            user.status, user.verified = "CONFIRMED", True
            self.spent_codes.append((name, "confirm", user.codes.pop("confirm").text))

    @rule(name=st.sampled_from(NAMES))
    def resend(self, name: str) -> None:
        user = self.users.get(name)
        answer = self.public("ResendConfirmationCode", Username=name)
        if user is None:
            assert answer.error == "UserNotFoundException", answer
        elif not user.windows["resend"].allows_one_more(LIMITS["resend"], self.now):
            assert answer.error == TOO_OFTEN, answer
        elif not user.enabled:
            assert answer.error == "NotAuthorizedException", answer
        elif user.status != "UNCONFIRMED":
            assert answer.error == "InvalidParameterException", answer
        else:
            assert answer.status == 200, answer
            self.sent(user, "confirm", timedelta(hours=24))

    @rule(name=st.sampled_from(NAMES))
    def forget(self, name: str) -> None:
        user = self.users.get(name)
        answer = self.public("ForgotPassword", Username=name)
        if user is None:
            assert answer.error == "UserNotFoundException", answer
        elif not user.windows["forgot"].allows_one_more(LIMITS["forgot"], self.now):
            assert answer.error == TOO_OFTEN, answer
        elif not user.enabled or user.status == "FORCE_CHANGE_PASSWORD":
            assert answer.error == "NotAuthorizedException", answer
        elif not user.verified:
            assert answer.error == "InvalidParameterException", answer
        else:
            assert answer.status == 200, answer
            self.sent(user, "reset", timedelta(hours=1))

    @rule(name=st.sampled_from(NAMES), right=st.booleans(), password=st.sampled_from(PASSWORDS))
    def reset(self, name: str, right: bool, password: str) -> None:
        user = self.users.get(name)
        code = user.codes.get("reset") if user else None
        given = code.text if right and code else "000000"
        answer = self.public(
            "ConfirmForgotPassword", Username=name, ConfirmationCode=given, Password=password
        )
        if user is None:
            assert answer.error == "UserNotFoundException", answer
        elif not user.enabled:
            assert answer.error == "NotAuthorizedException", answer
        elif not user.windows["reset"].allows_one_more(LIMITS["reset"], self.now):
            assert answer.error == TOO_OFTEN, answer
        elif code is None or self.now >= code.good_until:
            assert answer.error == "ExpiredCodeException", answer
        elif given != code.text:
            assert answer.error == "CodeMismatchException", answer
        elif user.status == "FORCE_CHANGE_PASSWORD":
            assert answer.error == "NotAuthorizedException", answer
        else:
            assert answer.status == 200, answer
            user.password, user.status = password, "CONFIRMED"
            user.strange, user.at_home = Counter(), Counter()
            self.spent_codes.append((name, "reset", user.codes.pop("reset").text))

    @precondition(lambda self: self.spent_codes)
    @rule(data=st.data())
    def a_spent_code_is_tried_again(self, data: Any) -> None:
        name, purpose, code = data.draw(st.sampled_from(self.spent_codes))
        user = self.users.get(name)
        present = user.codes.get(purpose) if user else None
        if present is not None and present.text == code:
            return  # one of a million is drawn twice
        request = {"Username": name, "ConfirmationCode": code}
        if purpose == "confirm":
            answer = self.public("ConfirmSignUp", **request)
        else:
            answer = self.public("ConfirmForgotPassword", **request, Password=PASSWORDS[1])
        assert answer.status == 400, answer
        if user is not None and (purpose == "confirm" or user.enabled):
            user.windows[purpose].allows_one_more(LIMITS[purpose], self.now)

    # --- signing in ------------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES + EMAILS), right=st.sampled_from([True, True, False]))
    def sign_in(self, name: str, right: bool) -> None:
        user = self.holder(name) if name in EMAILS else self.users.get(name)
        given = user.password if right and user else WRONG
        answer = self.runner.run(self.direct.sign_in(self.client, name, given))
        if user is None:
            assert answer.error == "UserNotFoundException", answer
        elif not user.enabled:
            assert answer.message == "User is disabled.", answer
        elif user.counter.is_locked(self.now):
            assert answer.message == LOCKED, answer
        elif given != user.password:
            assert answer.message == "Incorrect username or password.", answer
            user.counter.fail(self.now)
        elif user.status == "UNCONFIRMED":
            assert answer.error == "UserNotConfirmedException", answer
        elif user.status == "FORCE_CHANGE_PASSWORD":
            assert answer.content["ChallengeName"] == "NEW_PASSWORD_REQUIRED", answer
            until = self.now + timedelta(minutes=3)
            self.waiting.append(Waiting(user, answer.content["Session"], until))
        else:
            self.signed_in(user, answer)

    def signed_in(self, user: Someone, answer: Reply) -> None:
        assert answer.status == 200, answer
        tokens = answer.content["AuthenticationResult"]
        claims = unverified_claims(tokens["IdToken"])
        assert claims["cognito:username"] == user.name
        assert set(claims.get("cognito:groups", ())) == user.groups
        assert (claims["email"], claims["email_verified"]) == (user.email, user.verified)
        if user.has_home:
            user.at_home = Counter()
        else:
            user.strange = Counter()
        user.has_home = True
        end = self.now + timedelta(hours=1)
        self.families.append(Family(user, [tokens["RefreshToken"]], [(tokens["AccessToken"], end)]))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), password=st.sampled_from(PASSWORDS))
    def answer_with_a_new_password(self, data: Any, password: str) -> None:
        waiting = data.draw(st.sampled_from(self.waiting))
        user = waiting.owner
        answer = self.public(
            "RespondToAuthChallenge",
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=waiting.session,
            ChallengeResponses={"USERNAME": user.name, "NEW_PASSWORD": password},
        )
        is_good = not waiting.used and self.now < waiting.good_until
        may = user.exists and user.enabled and user.status == "FORCE_CHANGE_PASSWORD"
        if not (is_good and may):
            assert answer.error in REFUSED, answer
            return
        user.password, user.status = password, "CONFIRMED"
        waiting.used = True
        self.signed_in(user, answer)

    # --- tokens ----------------------------------------------------------------------------------

    @precondition(lambda self: self.families)
    @rule(data=st.data())
    def refresh(self, data: Any) -> None:
        family = data.draw(st.sampled_from(self.families))
        token = data.draw(st.sampled_from(family.refresh))
        answer = self.public("GetTokensFromRefreshToken", RefreshToken=token)
        if not self.lives(family):
            assert answer.error in REFUSED, answer
        elif token != family.refresh[-1]:
            assert answer.error == "RefreshTokenReuseException", answer
            family.revoked = True
        else:
            assert answer.status == 200, answer
            tokens = answer.content["AuthenticationResult"]
            family.refresh.append(tokens["RefreshToken"])
            family.access.append((tokens["AccessToken"], self.now + timedelta(hours=1)))

    @precondition(lambda self: self.families)
    @rule(data=st.data())
    def revoke(self, data: Any) -> None:
        family = data.draw(st.sampled_from(self.families))
        assert self.public("RevokeToken", Token=family.refresh[-1]).status == 200
        family.revoked = True

    @precondition(lambda self: self.families)
    @rule(data=st.data())
    def sign_out_everywhere(self, data: Any) -> None:
        family = data.draw(st.sampled_from(self.families))
        token, end = data.draw(st.sampled_from(family.access))
        answer = self.ask("GlobalSignOut", AccessToken=token)
        if self.lives(family) and self.now < end:
            assert answer.status == 200, answer
            self.end_all(family.owner)
        else:
            assert answer.error == "NotAuthorizedException", answer

    @precondition(lambda self: self.families)
    @rule(data=st.data())
    def delete_oneself(self, data: Any) -> None:
        family = data.draw(st.sampled_from(self.families))
        token, end = family.access[-1]
        answer = self.ask("DeleteUser", AccessToken=token)
        if self.lives(family) and self.now < end:
            assert answer.status == 200, answer
            assert self.users.pop(family.owner.name) is family.owner
            family.owner.exists = False
        else:
            assert answer.error in REFUSED, answer

    # --- groups and time -------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), group=st.sampled_from(GROUPS), joins=st.booleans())
    def change_membership(self, name: str, group: str, joins: bool) -> None:
        operation = "AdminAddUserToGroup" if joins else "AdminRemoveUserFromGroup"
        answer = self.admin(operation, Username=name, GroupName=group)
        user = self.users.get(name)
        if user is None:
            assert answer.error == "UserNotFoundException", answer
            return
        assert answer.status == 200, answer
        user.groups = user.groups | {group} if joins else user.groups - {group}

    @rule(group=st.sampled_from(GROUPS))
    def empty_a_group(self, group: str) -> None:
        assert self.admin("DeleteGroup", GroupName=group).status == 200
        assert self.admin("CreateGroup", GroupName=group).status == 200
        for user in self.users.values():
            user.groups = user.groups - {group}

    @rule(seconds=st.sampled_from([1, 20, 240, 960, 3660]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    # --- what holds at any time ------------------------------------------------------------------

    @invariant()
    def tokens_live_as_long_as_their_sign_in_and_no_longer(self) -> None:
        for family in self.families[-4:]:
            token, end = family.access[-1]
            answer = self.ask("GetUser", AccessToken=token)
            if self.lives(family) and self.now < end:
                assert answer.content["Username"] == family.owner.name
            else:
                assert answer.error in REFUSED, answer

    @invariant()
    def the_pool_holds_who_it_should(self) -> None:
        if not hasattr(self, "pool"):
            return
        listed = self.admin("ListUsers").content["Users"]
        seen = {one["Username"]: (one["UserStatus"], one["Enabled"]) for one in listed}
        assert seen == {name: (user.status, user.enabled) for name, user in self.users.items()}
        for name in GROUPS:
            members = self.admin("ListUsersInGroup", GroupName=name).content["Users"]
            assert {one["Username"] for one in members} == {
                user.name for user in self.users.values() if name in user.groups
            }


QUICK = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=3_000, stateful_step_count=80)


def test_random_stories_of_a_pool_end_as_the_model_says():
    run_state_machine_as_test(Pool, settings=QUICK)


@pytest.mark.soak
def test_many_random_stories_of_a_pool_end_as_the_model_says():
    run_state_machine_as_test(Pool, settings=LONG)
