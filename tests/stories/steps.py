"""Steps that many stories take, and the short forms in which they are written."""

from typing import Any

from cognate.protocol.secret_hash import secret_hash

INCORRECT = "Incorrect username or password."
TOO_OFTEN = "Attempt limit exceeded, please try after some time."
WRONG_CODE = "Invalid verification code provided, please try again."
NO_CODE = "Invalid code provided, please request a code again."
NOT_FOUND = "Username/client id combination not found."


def named(**values: str) -> list[dict[str, str]]:
    """`named(email="ada@example.com")` → the SDK's list of attributes."""
    return [{"Name": name, "Value": value} for name, value in values.items()]


def attributes(user: Any) -> dict[str, str]:
    """Name to value, of any answer that tells of a user."""
    return {a["Name"]: a["Value"] for a in user.get("UserAttributes") or user["Attributes"]}


def sign_in(cognito: Any, client_id: str, username: str, password: str, **more: str) -> Any:
    """The answer of USER_PASSWORD_AUTH; `more` are other AuthParameters."""
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password, **more},
    )


def tokens_of(cognito: Any, user: Any) -> Any:
    """The tokens of a fresh sign-in of `a_user`."""
    return sign_in(cognito, user.client_id, user.username, user.password)["AuthenticationResult"]


def hash_of(client: Any, username: str) -> str:
    """The SECRET_HASH that a client with a secret sends for `username`."""
    return secret_hash(client["ClientSecret"], username, client["ClientId"])


def another(code: str) -> str:
    """A code of the same length that is not this one."""
    return ("1" if code[0] == "0" else "0") + code[1:]
