"""Signing in by SRP, with a client of the test's own: plain arithmetic from the specification."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

import pytest

from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import INCORRECT, hash_of, named, sign_in

# RFC 3526 section 4, as text from the specification, apart from the server's constants.
N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2
WRONG = "Wrong-horse1!"
INVALID_SESSION = "Invalid session for the user."
EXPIRED_SESSION = "Invalid session for the user, session is expired."
USED_SESSION = "Invalid session for the user, session can only be used once."


def pad(number: int) -> bytes:
    digits = f"{number:x}"
    if len(digits) % 2:
        digits = "0" + digits
    elif digits[0] in "89abcdef":
        digits = "00" + digits
    return bytes.fromhex(digits)


def digest(data: bytes) -> int:
    return int(hashlib.sha256(data).hexdigest(), 16)


class SrpClient:
    """The client's half of one exchange."""

    def __init__(self, pool_id: str, password: str, *, secret: int = 0) -> None:
        self._pool_name = pool_id.split("_", 1)[1]
        self._password = password
        self._a = secret or int.from_bytes(bytes(range(128)), "big")
        self.a_public = pow(G, self._a, N)

    def first(self, username: str) -> dict[str, str]:
        return {"USERNAME": username, "SRP_A": f"{self.a_public:x}"}

    def proof(self, parameters: dict[str, str], *, signed_at: datetime) -> dict[str, str]:
        """What answers the PASSWORD_VERIFIER challenge with these parameters."""
        timestamp = f"{signed_at:%a %b} {signed_at.day} {signed_at:%H:%M:%S} UTC {signed_at:%Y}"
        user_id = parameters["USER_ID_FOR_SRP"]
        key = self._key(user_id, int(parameters["SRP_B"], 16), int(parameters["SALT"], 16))
        message = (
            self._pool_name.encode()
            + user_id.encode()
            + base64.b64decode(parameters["SECRET_BLOCK"])
            + timestamp.encode()
        )
        signature = hmac.new(key, message, hashlib.sha256).digest()
        return {
            "USERNAME": user_id,
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
            "TIMESTAMP": timestamp,
        }

    def _key(self, user_id: str, b_public: int, salt: int) -> bytes:
        k = digest(pad(N) + pad(G))
        u = digest(pad(self.a_public) + pad(b_public))
        identity = hashlib.sha256(f"{self._pool_name}{user_id}:{self._password}".encode()).digest()
        x = digest(pad(salt) + identity)
        shared = pow(b_public - k * pow(G, x, N), self._a + u * x, N)
        pseudo_random = hmac.new(pad(u), pad(shared), hashlib.sha256).digest()
        return hmac.new(pseudo_random, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]


@pytest.fixture
def begin(cognito):
    """`begin(user, client)` → the answer of InitiateAuth, USER_SRP_AUTH."""

    def initiate(user, srp, *, username=None, **more):
        return cognito.initiate_auth(
            ClientId=user.client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={**srp.first(username or user.username), **more},
        )

    return initiate


@pytest.fixture
def prove(cognito):
    """`prove(user, proof)` → the answer of RespondToAuthChallenge; the session is optional."""

    def respond(user, proof, **more):
        return cognito.respond_to_auth_challenge(
            ClientId=user.client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=proof,
            **more,
        )

    return respond


@pytest.fixture
def signed_at(clock):
    """Now, by the clients' clocks."""
    return clock.real_now()


# --- signing in ----------------------------------------------------------------------------------


def test_the_password_is_proven_without_being_sent(cognito, a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)

    begun = begin(ada, client)
    done = prove(
        ada,
        client.proof(begun["ChallengeParameters"], signed_at=signed_at),
        Session=begun["Session"],
    )

    assert begun["ChallengeName"] == "PASSWORD_VERIFIER"
    parameters = begun["ChallengeParameters"]
    assert set(parameters) == {"SRP_B", "SALT", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"}
    assert parameters["USERNAME"] == parameters["USER_ID_FOR_SRP"] == "ada"
    assert len(bytes.fromhex(parameters["SALT"])) == 16
    assert int(parameters["SALT"][0], 16) > 0
    assert 0 < int(parameters["SRP_B"], 16) < N
    assert "AuthenticationResult" not in begun
    token = done["AuthenticationResult"]["AccessToken"]
    assert cognito.get_user(AccessToken=token)["Username"] == "ada"


def test_the_secret_block_is_session_enough(a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)

    begun = begin(ada, client)

    proof = client.proof(begun["ChallengeParameters"], signed_at=signed_at)
    assert "AuthenticationResult" in prove(ada, proof)


@pytest.mark.parametrize("secret", range(1, 12))
def test_it_works_whatever_the_lengths_of_the_numbers(
    cognito, a_user, begin, prove, signed_at, secret
):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD, secret=2**200 + secret)

    begun = begin(ada, client)

    proof = client.proof(begun["ChallengeParameters"], signed_at=signed_at)
    assert "AuthenticationResult" in prove(ada, proof)


def test_a_signed_caller_uses_it_too(cognito, a_user, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    names = {"UserPoolId": ada.pool_id, "ClientId": ada.client_id}

    begun = cognito.admin_initiate_auth(
        **names, AuthFlow="USER_SRP_AUTH", AuthParameters=client.first("ada")
    )
    done = cognito.admin_respond_to_auth_challenge(
        **names,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=client.proof(begun["ChallengeParameters"], signed_at=signed_at),
        Session=begun["Session"],
    )

    assert "AuthenticationResult" in done


def test_an_alias_begins_and_may_answer(a_pool, a_user, begin, prove, signed_at):
    ada = a_user(
        pool_id=a_pool(AliasAttributes=["email"]),
        attributes={"email": "ada@example.com", "email_verified": "true"},
    )
    client = SrpClient(ada.pool_id, PASSWORD)

    begun = begin(ada, client, username="ada@example.com")
    proof = client.proof(begun["ChallengeParameters"], signed_at=signed_at)

    assert begun["ChallengeParameters"]["USER_ID_FOR_SRP"] == "ada"
    assert "AuthenticationResult" in prove(ada, {**proof, "USERNAME": "ada@example.com"})


def test_an_address_as_user_name_stands_for_the_sub(a_pool, a_user, begin, prove, signed_at):
    ada = a_user(username="ada@example.com", pool_id=a_pool(UsernameAttributes=["email"]))
    client = SrpClient(ada.pool_id, PASSWORD)

    begun = begin(ada, client, username="ada@example.com")
    proof = client.proof(begun["ChallengeParameters"], signed_at=signed_at)

    assert begun["ChallengeParameters"]["USER_ID_FOR_SRP"] == ada.sub
    assert "AuthenticationResult" in prove(ada, proof)


def test_a_temporary_password_is_proven_and_replaced(
    cognito, a_pool, a_client, begin, prove, signed_at, a_user
):
    ada = a_user(username="witness")
    cognito.admin_create_user(
        UserPoolId=ada.pool_id,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
    )
    client = SrpClient(ada.pool_id, "Temp0rary!")

    begun = begin(ada, client, username="ada")
    asked = prove(ada, client.proof(begun["ChallengeParameters"], signed_at=signed_at))
    done = cognito.respond_to_auth_challenge(
        ClientId=ada.client_id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": "Fresh-horse2!"},
    )

    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AuthenticationResult" in done
    fresh = SrpClient(ada.pool_id, "Fresh-horse2!")
    begun = begin(ada, fresh, username="ada")
    assert "AuthenticationResult" in prove(
        ada, fresh.proof(begun["ChallengeParameters"], signed_at=signed_at)
    )


def test_a_client_with_a_secret_proves_it_in_both_steps(
    a_pool, a_client, a_user, begin, prove, signed_at
):
    pool = a_pool()
    client = a_client(pool, GenerateSecret=True)
    client_id = client["ClientId"]
    ada = a_user(pool_id=pool, client_id=client_id)
    srp = SrpClient(pool, PASSWORD)
    missing = f"Client {client_id} is configured with secret but SECRET_HASH was not received"
    wrong = f"Unable to verify secret hash for client {client_id}"

    with refused("NotAuthorizedException", missing):
        begin(ada, srp)
    with refused("NotAuthorizedException", wrong):
        begin(ada, srp, SECRET_HASH=hash_of(client, "bob"))
    begun = begin(ada, srp, SECRET_HASH=hash_of(client, "ada"))
    proof = srp.proof(begun["ChallengeParameters"], signed_at=signed_at)
    with refused("NotAuthorizedException", missing):
        prove(ada, proof)
    with refused("NotAuthorizedException", wrong):
        prove(ada, {**proof, "SECRET_HASH": hash_of(client, "bob")})
    assert prove(ada, {**proof, "SECRET_HASH": hash_of(client, "ada")})["AuthenticationResult"]


# --- what is refused -----------------------------------------------------------------------------


def test_a_wrong_password_proves_nothing_and_uses_nothing_up(a_user, begin, prove, signed_at):
    ada = a_user()
    wrong, right = SrpClient(ada.pool_id, WRONG), SrpClient(ada.pool_id, PASSWORD)
    begun = begin(ada, wrong)

    with refused("NotAuthorizedException", INCORRECT):
        prove(ada, wrong.proof(begun["ChallengeParameters"], signed_at=signed_at))

    proof = right.proof(begun["ChallengeParameters"], signed_at=signed_at)
    assert "AuthenticationResult" in prove(ada, proof)


def test_a_proof_is_good_once(a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    begun = begin(ada, client)
    proof = client.proof(begun["ChallengeParameters"], signed_at=signed_at)
    prove(ada, proof)

    with refused("NotAuthorizedException", USED_SESSION):
        prove(ada, proof)


def test_each_exchange_has_a_b_of_its_own(a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    first, second = begin(ada, client), begin(ada, client)

    assert first["ChallengeParameters"]["SRP_B"] != second["ChallengeParameters"]["SRP_B"]
    assert first["ChallengeParameters"]["SALT"] == second["ChallengeParameters"]["SALT"]
    mixed = {
        **first["ChallengeParameters"],
        "SECRET_BLOCK": second["ChallengeParameters"]["SECRET_BLOCK"],
    }
    with refused("NotAuthorizedException", INCORRECT):
        prove(ada, client.proof(mixed, signed_at=signed_at))


@pytest.mark.parametrize("multiple", [0, 1, 2])
def test_a_multiple_of_n_is_refused(cognito, a_user, multiple):
    ada = a_user()

    with refused("NotAuthorizedException", INCORRECT):
        cognito.initiate_auth(
            ClientId=ada.client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": "ada", "SRP_A": f"{multiple * N:x}"},
        )


@pytest.mark.parametrize("text", ["no number", "0x12", "-1", "1" * 1025])
def test_what_is_no_number_is_refused(cognito, a_user, text):
    ada = a_user()

    with refused("InvalidParameterException", "Invalid SRP_A"):
        cognito.initiate_auth(
            ClientId=ada.client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": "ada", "SRP_A": text},
        )


@pytest.mark.parametrize("off", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_a_timestamp_must_be_of_now(a_user, begin, prove, signed_at, off):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    begun = begin(ada, client)

    with refused("NotAuthorizedException", INCORRECT):
        prove(ada, client.proof(begun["ChallengeParameters"], signed_at=signed_at + off))


def test_the_timestamp_is_signed(a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    begun = begin(ada, client)
    parameters = begun["ChallengeParameters"]
    old = client.proof(parameters, signed_at=signed_at - timedelta(minutes=6))
    new = client.proof(parameters, signed_at=signed_at)

    with refused("NotAuthorizedException", INCORRECT):
        prove(ada, {**old, "TIMESTAMP": new["TIMESTAMP"]})


def test_a_timestamp_has_one_form(a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    proof = client.proof(begin(ada, client)["ChallengeParameters"], signed_at=signed_at)

    with refused("InvalidParameterException", "Invalid TIMESTAMP format"):
        prove(ada, {**proof, "TIMESTAMP": "2026-01-02T03:04:05Z"})


@pytest.mark.parametrize(
    "name", ["USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"]
)
def test_a_missing_part_is_named(a_user, begin, prove, signed_at, name):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    proof = client.proof(begin(ada, client)["ChallengeParameters"], signed_at=signed_at)
    del proof[name]

    with refused("InvalidParameterException", f"Missing required parameter {name}"):
        prove(ada, proof)


def test_an_altered_secret_block_is_none(a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    proof = client.proof(begin(ada, client)["ChallengeParameters"], signed_at=signed_at)
    block = bytearray(base64.b64decode(proof["PASSWORD_CLAIM_SECRET_BLOCK"]))

    for place in (0, 14, 20, 30, len(block) // 2, len(block) - 1):
        altered = bytearray(block)
        altered[place] ^= 1
        with refused("NotAuthorizedException", INVALID_SESSION):
            prove(
                ada,
                {
                    **proof,
                    "PASSWORD_CLAIM_SECRET_BLOCK": base64.b64encode(altered).decode(),
                },
            )
    for text in ("no Base64", proof["PASSWORD_CLAIM_SECRET_BLOCK"].rstrip("=") + "-_"):
        with refused("NotAuthorizedException", INVALID_SESSION):
            prove(ada, {**proof, "PASSWORD_CLAIM_SECRET_BLOCK": text})
    assert "AuthenticationResult" in prove(ada, proof)


def test_an_exchange_is_one_users(a_user, begin, prove, signed_at):
    ada = a_user()
    eve = a_user(
        username="eve", pool_id=ada.pool_id, client_id=ada.client_id, password="Eves-horse1!"
    )
    client = SrpClient(ada.pool_id, eve.password)
    proof = client.proof(begin(eve, client)["ChallengeParameters"], signed_at=signed_at)

    for name in ("ada", "nobody"):
        with refused("NotAuthorizedException", INVALID_SESSION):
            prove(ada, {**proof, "USERNAME": name})


def test_a_session_of_another_exchange_is_refused(a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    first, second = begin(ada, client), begin(ada, client)
    proof = client.proof(first["ChallengeParameters"], signed_at=signed_at)

    for session in (second["Session"], "x" * 40):
        with refused("NotAuthorizedException", INVALID_SESSION):
            prove(ada, proof, Session=session)


def test_an_exchange_is_one_clients(cognito, a_client, a_user, begin, signed_at):
    ada = a_user()
    other = a_client(ada.pool_id)["ClientId"]
    client = SrpClient(ada.pool_id, PASSWORD)
    proof = client.proof(begin(ada, client)["ChallengeParameters"], signed_at=signed_at)

    with refused("NotAuthorizedException", INVALID_SESSION):
        cognito.respond_to_auth_challenge(
            ClientId=other, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=proof
        )


def test_an_exchange_ends_after_the_sessions_time(a_user, begin, prove, signed_at, clock):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    proof = client.proof(begin(ada, client)["ChallengeParameters"], signed_at=signed_at)

    clock.advance(timedelta(minutes=3))

    with refused("NotAuthorizedException", EXPIRED_SESSION):
        prove(ada, proof)


def test_a_password_changed_meanwhile_is_the_one_to_prove(cognito, a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    proof = client.proof(begin(ada, client)["ChallengeParameters"], signed_at=signed_at)
    cognito.admin_set_user_password(
        UserPoolId=ada.pool_id, Username="ada", Password="Fresh-horse2!", Permanent=True
    )

    with refused("NotAuthorizedException", INCORRECT):
        prove(ada, proof)


def test_wrong_proofs_lock_as_wrong_passwords_do(cognito, a_user, begin, prove, signed_at):
    ada = a_user()
    wrong = SrpClient(ada.pool_id, WRONG)
    begun = begin(ada, wrong)
    for _ in range(5):
        with refused("NotAuthorizedException", INCORRECT):
            prove(ada, wrong.proof(begun["ChallengeParameters"], signed_at=signed_at))

    with refused("NotAuthorizedException", "Password attempts exceeded"):
        prove(ada, wrong.proof(begun["ChallengeParameters"], signed_at=signed_at))
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)


# --- states of the user --------------------------------------------------------------------------


def test_an_unconfirmed_user_learns_so_with_the_right_proof_only(
    cognito, a_user, begin, prove, signed_at
):
    ada = a_user(username="witness")
    cognito.sign_up(ClientId=ada.client_id, Username="ada", Password=PASSWORD)
    right, wrong = SrpClient(ada.pool_id, PASSWORD), SrpClient(ada.pool_id, WRONG)

    begun = begin(ada, wrong, username="ada")
    with refused("NotAuthorizedException", INCORRECT):
        prove(ada, wrong.proof(begun["ChallengeParameters"], signed_at=signed_at))
    with refused("UserNotConfirmedException", "User is not confirmed."):
        prove(ada, right.proof(begun["ChallengeParameters"], signed_at=signed_at))


def test_disabled_reset_and_unknown_users_are_told_so_at_once(cognito, a_user, begin):
    ada = a_user(attributes={"email": "ada@example.com", "email_verified": "true"})
    client = SrpClient(ada.pool_id, PASSWORD)

    with refused("UserNotFoundException", "User does not exist."):
        begin(ada, client, username="nobody")
    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        begin(ada, client)
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        begin(ada, client)


def test_a_user_disabled_in_between_does_not_get_in(cognito, a_user, begin, prove, signed_at):
    ada = a_user()
    client = SrpClient(ada.pool_id, PASSWORD)
    proof = client.proof(begin(ada, client)["ChallengeParameters"], signed_at=signed_at)
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        prove(ada, proof)


# --- who exists ----------------------------------------------------------------------------------


@pytest.fixture
def discreet(cognito, a_pool, a_client, a_user):
    """`discreet(**CreateUserPool arguments)` → ada, of a client that hides who exists."""

    def create(**pool):
        pool_id = a_pool(**pool)
        client = a_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
        by_address = bool(pool.get("UsernameAttributes"))
        return a_user(
            username="ada@example.com" if by_address else "ada",
            pool_id=pool_id,
            client_id=client,
        )

    return create


def test_an_unknown_user_is_simulated_to_the_end(discreet, begin, prove, signed_at):
    ada = discreet()
    client = SrpClient(ada.pool_id, WRONG)

    begun = begin(ada, client, username="bob")
    known = begin(ada, client)

    parameters = begun["ChallengeParameters"]
    assert begun["ChallengeName"] == "PASSWORD_VERIFIER"
    assert set(parameters) == set(known["ChallengeParameters"])
    assert len(parameters["SALT"]) == len(known["ChallengeParameters"]["SALT"])
    assert parameters["USER_ID_FOR_SRP"] == "bob"
    assert len(begun["Session"]) == len(known["Session"])
    assert len(parameters["SECRET_BLOCK"]) == len(known["ChallengeParameters"]["SECRET_BLOCK"])
    for answer in (begun, known):
        with refused("NotAuthorizedException", INCORRECT):
            prove(
                ada,
                client.proof(answer["ChallengeParameters"], signed_at=signed_at),
                Session=answer["Session"],
            )


def test_a_simulated_user_has_the_same_salt_each_time(discreet, begin):
    ada = discreet()
    client = SrpClient(ada.pool_id, WRONG)

    first = begin(ada, client, username="nobody")["ChallengeParameters"]
    second = begin(ada, client, username="nobody")["ChallengeParameters"]
    other = begin(ada, client, username="noone")["ChallengeParameters"]

    assert first["SALT"] == second["SALT"] != other["SALT"]
    assert first["SRP_B"] != second["SRP_B"]
    assert int(first["SALT"][0], 16) > 0


@pytest.mark.parametrize("setting", ["UsernameAttributes", "AliasAttributes"])
def test_a_simulated_user_with_an_address_has_an_id(discreet, begin, prove, signed_at, setting):
    ada = discreet(**{setting: ["email"]})
    client = SrpClient(ada.pool_id, WRONG)

    first = begin(ada, client, username="ghost@example.com")["ChallengeParameters"]
    second = begin(ada, client, username="Ghost@example.com")["ChallengeParameters"]

    assert first["USER_ID_FOR_SRP"] == second["USER_ID_FOR_SRP"]
    assert len(first["USER_ID_FOR_SRP"]) == len(ada.sub)
    assert first["USER_ID_FOR_SRP"].count("-") == 4
    proof = client.proof(first, signed_at=signed_at)
    for name in (proof["USERNAME"], "ghost@example.com"):
        with refused("NotAuthorizedException", INCORRECT):
            prove(ada, {**proof, "USERNAME": name})


def test_another_name_in_the_answer_is_refused_alike(discreet, begin, prove, signed_at):
    ada = discreet()
    client = SrpClient(ada.pool_id, WRONG)

    for name in ("ada", "nobody"):
        begun = begin(ada, client, username=name)
        proof = client.proof(begun["ChallengeParameters"], signed_at=signed_at)
        for other in ("somebody", "ada" if name == "nobody" else "nobody"):
            with refused("NotAuthorizedException", INVALID_SESSION):
                prove(ada, {**proof, "USERNAME": other})


def test_wrong_proofs_lock_whoever_does_not_exist(discreet, begin, prove, signed_at):
    ada = discreet()
    client = SrpClient(ada.pool_id, WRONG)

    for name in ("ada", "nobody"):
        begun = begin(ada, client, username=name)
        proof = client.proof(begun["ChallengeParameters"], signed_at=signed_at)
        for _ in range(5):
            with refused("NotAuthorizedException", INCORRECT):
                prove(ada, proof)
        with refused("NotAuthorizedException", "Password attempts exceeded"):
            prove(ada, proof)


def test_disabled_and_reset_users_look_like_unknown_ones(
    cognito, discreet, begin, prove, signed_at
):
    ada = discreet()
    cognito.admin_update_user_attributes(
        UserPoolId=ada.pool_id,
        Username="ada",
        UserAttributes=named(email="ada@example.com", email_verified="true"),
    )
    wrong, right = SrpClient(ada.pool_id, WRONG), SrpClient(ada.pool_id, PASSWORD)
    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")

    begun = begin(ada, wrong)["ChallengeParameters"]
    for client in (wrong, right):
        with refused("NotAuthorizedException", INCORRECT):
            prove(ada, client.proof(begun, signed_at=signed_at))
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")
    begun = begin(ada, wrong)["ChallengeParameters"]
    with refused("NotAuthorizedException", INCORRECT):
        prove(ada, wrong.proof(begun, signed_at=signed_at))
    with refused("NotAuthorizedException", "User is disabled."):
        prove(ada, right.proof(begun, signed_at=signed_at))
