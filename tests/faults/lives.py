"""
What a user goes through, and a ledger of what the server acknowledged on the way.

A step that was not answered is in doubt: it may have been done or not, but not twice, and not by
halves.
"""

from dataclasses import dataclass, field

from tests.faults.killable import Answer, Caller, Unanswered

CODE = "123456"
FIRST_PASSWORD = "First-passw0rd!"


@dataclass(slots=True, kw_only=True)
class Ledger:
    """
    `password`: the one in force. `asked_password`: one that was asked for, until it is answered.
    `doubt`: the step under way. `live`: a refresh token that is good; `spent` and `revoked`: ones
    that are not. `session`: of a challenge that sets a password; `used`: it was answered.
    """

    username: str
    exists: bool = False
    confirmed: bool = False
    password: str = FIRST_PASSWORD
    earlier_password: str | None = None
    asked_password: str | None = None
    live: str | None = None
    spent: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    reset_sent: bool = False
    reset_used: bool = False
    session: str | None = None
    session_used: bool = False
    doubt: str | None = None

    def has_password(self, password: str) -> None:
        if password != self.password:
            self.earlier_password, self.password = self.password, password
        self.asked_password = None


@dataclass(slots=True, kw_only=True)
class Life:
    """One user's way through the API: `live` until it ends or the server does."""

    call: Caller
    pool_id: str
    client_id: str
    ledger: Ledger

    async def live(self) -> None:
        """
        Raises:
            Unanswered: the server went away; the ledger's `doubt` says at which step.
        """
        steps = [
            ("sign_up", self.sign_up),
            ("confirm", self.confirm),
            ("sign_in", self.sign_in),
            ("change_password", self.change_password),
            ("rotate", self.rotate),
            ("rotate", self.rotate),
            ("revoke", self.revoke),
            ("set_password", self.set_password),
            ("ask_for_reset", self.ask_for_reset),
            ("reset", self.reset),
            ("sign_in", self.sign_in),
            ("rotate", self.rotate),
            ("temporary", self.give_temporary_password),
            ("answer", self.answer_challenge),
        ]
        for name, step in steps:
            self.ledger.doubt = name
            await step()
            self.ledger.doubt = None

    async def granted(self, operation: str, **request: object) -> Answer:
        answer = await self.call(operation, **request)
        assert answer.granted, (operation, answer, self.ledger)
        return answer

    async def granted_once(self, operation: str, **request: object) -> Answer | None:
        """
        Of two at the same time exactly one is granted; None where nobody answered for one.

        Raises:
            Unanswered: the server went away, and it is not known whether one was granted.
        """
        answers = await self.call.twins(operation, **request)
        granted = [a for a in answers if isinstance(a, Answer) and a.granted]
        unanswered = [a for a in answers if isinstance(a, Unanswered)]
        assert len(granted) <= 1, (operation, answers, self.ledger)
        if granted:
            return granted[0]
        if unanswered:
            raise unanswered[0]
        raise AssertionError((operation, answers, self.ledger))

    async def sign_up(self) -> None:
        name = self.ledger.username
        await self.granted(
            "SignUp",
            ClientId=self.client_id,
            Username=name,
            Password=FIRST_PASSWORD,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
        )
        self.ledger.exists = True

    async def confirm(self) -> None:
        await self.granted_once(
            "ConfirmSignUp",
            ClientId=self.client_id,
            Username=self.ledger.username,
            ConfirmationCode=CODE,
        )
        self.ledger.confirmed = True

    async def try_password(self, password: str) -> Answer:
        return await self.call(
            "InitiateAuth",
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.ledger.username, "PASSWORD": password},
        )

    async def sign_in(self) -> None:
        answer = await self.try_password(self.ledger.password)
        assert answer.granted, (answer, self.ledger)
        self.ledger.live = answer.body["AuthenticationResult"]["RefreshToken"]

    async def change_password(self) -> None:
        signed_in = await self.try_password(self.ledger.password)
        assert signed_in.granted, (signed_in, self.ledger)
        self.ledger.asked_password = "Changed-passw0rd!"
        await self.granted(
            "ChangePassword",
            AccessToken=signed_in.body["AuthenticationResult"]["AccessToken"],
            PreviousPassword=self.ledger.password,
            ProposedPassword=self.ledger.asked_password,
        )
        self.ledger.has_password(self.ledger.asked_password)

    async def rotate(self) -> None:
        assert self.ledger.live is not None
        answer = await self.granted(
            "GetTokensFromRefreshToken", ClientId=self.client_id, RefreshToken=self.ledger.live
        )
        self.ledger.spent.append(self.ledger.live)
        self.ledger.live = answer.body["AuthenticationResult"]["RefreshToken"]

    async def revoke(self) -> None:
        assert self.ledger.live is not None
        await self.granted("RevokeToken", ClientId=self.client_id, Token=self.ledger.live)
        self.ledger.revoked += [self.ledger.live, *self.ledger.spent]
        self.ledger.spent = []
        self.ledger.live = None

    async def set_password(self) -> None:
        self.ledger.asked_password = "Set-passw0rd!"
        await self.granted(
            "AdminSetUserPassword",
            UserPoolId=self.pool_id,
            Username=self.ledger.username,
            Password=self.ledger.asked_password,
            Permanent=True,
        )
        self.ledger.has_password(self.ledger.asked_password)

    async def ask_for_reset(self) -> None:
        await self.granted("ForgotPassword", ClientId=self.client_id, Username=self.ledger.username)
        self.ledger.reset_sent = True

    def reset_request(self) -> dict[str, str]:
        return {
            "ClientId": self.client_id,
            "Username": self.ledger.username,
            "ConfirmationCode": CODE,
            "Password": "Reset-passw0rd!",
        }

    async def reset(self) -> None:
        self.ledger.asked_password = self.reset_request()["Password"]
        await self.granted_once("ConfirmForgotPassword", **self.reset_request())
        self.ledger.reset_used = True
        self.ledger.has_password(self.ledger.asked_password)

    async def give_temporary_password(self) -> None:
        """Sets a password that must be changed at once, and begins to do so."""
        self.ledger.asked_password = "Temporary-passw0rd!"
        await self.granted(
            "AdminSetUserPassword",
            UserPoolId=self.pool_id,
            Username=self.ledger.username,
            Password=self.ledger.asked_password,
            Permanent=False,
        )
        self.ledger.has_password(self.ledger.asked_password)
        challenged = await self.try_password(self.ledger.password)
        assert challenged.body.get("ChallengeName") == "NEW_PASSWORD_REQUIRED", challenged
        self.ledger.session = challenged.body["Session"]

    def answer_request(self) -> dict[str, object]:
        return {
            "ClientId": self.client_id,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": self.ledger.session,
            "ChallengeResponses": {
                "USERNAME": self.ledger.username,
                "NEW_PASSWORD": "Final-passw0rd!",
            },
        }

    async def answer_challenge(self) -> None:
        self.ledger.asked_password = "Final-passw0rd!"
        await self.granted_once("RespondToAuthChallenge", **self.answer_request())
        self.ledger.session_used = True
        self.ledger.has_password(self.ledger.asked_password)

    # --- afterwards -------------------------------------------------------------------------------

    async def check(self) -> None:
        """Everything that was acknowledged is there, and what can be used once was not twice."""
        ledger = self.ledger
        found = await self.call("AdminGetUser", UserPoolId=self.pool_id, Username=ledger.username)
        if not ledger.exists and ledger.doubt == "sign_up":
            assert found.granted or found.error == "UserNotFoundException", (found, ledger)
            return
        assert found.granted, (found, ledger)
        await self.check_confirmation(found.body["UserStatus"])
        if ledger.confirmed:
            await self.check_session(found.body["UserStatus"])
            await self.check_password()
            await self.check_reset()
        await self.check_tokens()

    async def check_confirmation(self, status: str) -> None:
        """Either the code was used and the user is confirmed, or both may still happen, once."""
        assert status != "UNCONFIRMED" or not self.ledger.confirmed, self.ledger
        first, second = [
            await self.call(
                "ConfirmSignUp",
                ClientId=self.client_id,
                Username=self.ledger.username,
                ConfirmationCode=CODE,
            )
            for _ in range(2)
        ]
        assert first.granted is (status == "UNCONFIRMED"), (status, first, self.ledger)
        assert not second.granted, (second, self.ledger)
        self.ledger.confirmed = True

    async def check_password(self) -> None:
        """The last one acknowledged, or the one that was asked for since: one of them, not both."""
        ledger = self.ledger
        works = [
            password
            for password in (ledger.password, ledger.asked_password)
            if password is not None and (await self.try_password(password)).granted
        ]
        if ledger.asked_password is None:
            assert works == [ledger.password], ledger
        else:
            assert len(works) == 1, (works, ledger)
            if works == [ledger.asked_password]:
                ledger.has_password(ledger.asked_password)
        if ledger.earlier_password is not None:
            refused = await self.try_password(ledger.earlier_password)
            assert refused.error == "NotAuthorizedException", (refused, ledger)

    async def check_reset(self) -> None:
        """A code that set a password sets no second one."""
        ledger = self.ledger
        if not ledger.reset_sent:
            return
        was_used = ledger.reset_used or ledger.password == self.reset_request()["Password"]
        answers = [
            await self.call("ConfirmForgotPassword", **self.reset_request()) for _ in range(2)
        ]
        assert [answer.granted for answer in answers] == [not was_used, False], (answers, ledger)
        if not was_used:
            ledger.reset_used = True
            ledger.asked_password = None
            ledger.has_password(self.reset_request()["Password"])

    async def check_session(self, status: str) -> None:
        """A session that set a password sets no second one."""
        ledger = self.ledger
        if ledger.session is None:
            return
        was_used = ledger.session_used or status == "CONFIRMED"
        answers = [
            await self.call("RespondToAuthChallenge", **self.answer_request()) for _ in range(2)
        ]
        assert [answer.granted for answer in answers] == [not was_used, False], (answers, ledger)
        ledger.session_used = True
        ledger.asked_password = None
        ledger.has_password("Final-passw0rd!")

    async def check_tokens(self) -> None:
        ledger = self.ledger
        for token in ledger.revoked:
            assert not (await self.refresh(token)).granted, ledger
        if ledger.live is not None:
            answer = await self.refresh(ledger.live)
            in_doubt = ledger.doubt in ("rotate", "revoke") or ledger.reset_sent
            assert answer.granted or in_doubt, (answer, ledger)
            assert not (await self.refresh(ledger.live)).granted, ledger
        for token in ledger.spent:
            assert not (await self.refresh(token)).granted, ledger

    async def refresh(self, token: str) -> Answer:
        return await self.call(
            "GetTokensFromRefreshToken", ClientId=self.client_id, RefreshToken=token
        )
