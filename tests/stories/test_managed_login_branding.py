"""Styles of the managed login pages: settings and images, one style for each client."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cognate.domain.ids import ClientId, PoolId
from cognate.domain.managed_login_branding import DEFAULT_SETTINGS, MAXIMUM_STYLES, Style
from tests.inprocess import START
from tests.stories.pictures import GIF, ICO, JPEG, PNG, WEBP, svg
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
NO_ID = "00000000-0000-4000-8000-000000000000"
NO_STYLE = ("ResourceNotFoundException", f"Managed login branding {NO_ID} does not exist.")
RED = {"components": {"pageBackground": {"lightMode": {"color": "ff0000ff"}}}}


def asset(category="FORM_LOGO", mode="LIGHT", extension="PNG", content=PNG, **arguments):
    return {
        "Category": category,
        "ColorMode": mode,
        "Extension": extension,
        "Bytes": content,
        **arguments,
    }


@pytest.fixture
def a_style(cognito):
    def create(pool, client, **arguments):
        if not arguments:
            arguments["UseCognitoProvidedValues"] = True
        answer = cognito.create_managed_login_branding(
            UserPoolId=pool, ClientId=client, **arguments
        )
        return answer["ManagedLoginBranding"]

    return create


@pytest.fixture
def described(cognito):
    def describe(pool, style, **arguments):
        return cognito.describe_managed_login_branding(
            UserPoolId=pool, ManagedLoginBrandingId=style, **arguments
        )["ManagedLoginBranding"]

    return describe


@pytest.fixture
def pool_and_client(a_pool, a_client):
    pool = a_pool()
    return pool, a_client(pool)["ClientId"]


def test_a_client_takes_the_pages_as_they_are(cognito, pool_and_client, a_style, described, clock):
    pool, client = pool_and_client

    made = a_style(pool, client)

    style = made["ManagedLoginBrandingId"]
    assert made == {
        "ManagedLoginBrandingId": style,
        "UserPoolId": pool,
        "UseCognitoProvidedValues": True,
        "CreationDate": clock.now(),
        "LastModifiedDate": clock.now(),
    }
    assert described(pool, style) == made
    found = cognito.describe_managed_login_branding_by_client(UserPoolId=pool, ClientId=client)
    assert found["ManagedLoginBranding"] == made


def test_merged_resources_are_all_that_the_pages_look_by(
    cognito, pool_and_client, a_style, described
):
    pool, client = pool_and_client
    style = a_style(pool, client, Settings=RED)["ManagedLoginBrandingId"]

    assert described(pool, style)["Settings"] == RED
    assert described(pool, style, ReturnMergedResources=False)["Settings"] == RED
    whole = described(pool, style, ReturnMergedResources=True)["Settings"]
    background = whole["components"]["pageBackground"]
    defaults = DEFAULT_SETTINGS["components"]["pageBackground"]
    assert background["lightMode"] == {"color": "ff0000ff"}
    assert background["darkMode"] == defaults["darkMode"]
    assert set(whole) == {"categories", "componentClasses", "components"}
    by_client = cognito.describe_managed_login_branding_by_client(
        UserPoolId=pool, ClientId=client, ReturnMergedResources=True
    )
    assert by_client["ManagedLoginBranding"]["Settings"] == whole


def test_what_was_merged_can_be_sent_back(cognito, pool_and_client, a_style, described):
    pool, client = pool_and_client
    style = a_style(pool, client)["ManagedLoginBrandingId"]
    whole = described(pool, style, ReturnMergedResources=True)["Settings"]

    changed = cognito.update_managed_login_branding(
        UserPoolId=pool, ManagedLoginBrandingId=style, Settings=whole
    )["ManagedLoginBranding"]

    assert changed["Settings"] == json.loads(json.dumps(DEFAULT_SETTINGS))
    assert changed["UseCognitoProvidedValues"] is False


def test_images_are_kept(pool_and_client, a_style, described):
    pool, client = pool_and_client
    assets = [
        asset("FAVICON_ICO", "DYNAMIC", "ICO", ICO),
        asset("FAVICON_SVG", "DYNAMIC", "SVG", svg()),
        asset("FORM_LOGO", "DARK", "WEBP", WEBP),
        asset("FORM_LOGO", "LIGHT", "PNG", PNG),
        asset("IDP_BUTTON_ICON", "LIGHT", "JPEG", JPEG, ResourceId="Google"),
        asset("IDP_BUTTON_ICON", "LIGHT", "PNG", PNG, ResourceId="Okta"),
    ]

    made = a_style(pool, client, Assets=assets)

    assert made["UseCognitoProvidedValues"] is False
    assert described(pool, made["ManagedLoginBrandingId"])["Assets"] == assets


def test_a_client_has_one_style(pool_and_client, a_client, a_style):
    pool, client = pool_and_client
    a_style(pool, client)

    with refused(
        "ManagedLoginBrandingExistsException",
        "A managed login branding style already exists for the app client.",
    ):
        a_style(pool, client, Settings=RED)

    a_style(pool, a_client(pool)["ClientId"])


def test_a_pool_has_twenty_styles_at_most(app, loop_thread, pool_and_client, a_client, a_style):
    pool, client = pool_and_client

    async def fill(tx):
        for number in range(MAXIMUM_STYLES - 1):
            await tx.managed_login_styles.add(
                Style(
                    pool_id=PoolId(pool),
                    style_id=f"style{number}",
                    client_id=ClientId(f"client{number}"),
                    settings=None,
                    created_at=START,
                    modified_at=START,
                )
            )

    loop_thread.run(app.store.change(fill))
    a_style(pool, client)

    with refused(
        "LimitExceededException",
        "A user pool cannot have more than 20 managed login branding styles.",
    ):
        a_style(pool, a_client(pool)["ClientId"])


def test_values_of_cognito_s_and_one_s_own_exclude_each_other(cognito, pool_and_client, a_style):
    pool, client = pool_and_client
    both = (
        "InvalidParameterException",
        "Settings and Assets cannot be given when UseCognitoProvidedValues is true.",
    )

    with refused(*both):
        a_style(pool, client, UseCognitoProvidedValues=True, Settings=RED)
    with refused(*both):
        a_style(pool, client, UseCognitoProvidedValues=True, Assets=[asset()])
    nothings: tuple[dict[str, Any], ...] = (
        {"UseCognitoProvidedValues": False},
        {"Settings": {}},
        {"Assets": []},
    )
    for nothing in nothings:
        with refused(
            "InvalidParameterException",
            "Either UseCognitoProvidedValues or Settings or Assets must be given.",
        ):
            a_style(pool, client, **nothing)
    style = a_style(pool, client)["ManagedLoginBrandingId"]
    with refused(*both):
        cognito.update_managed_login_branding(
            UserPoolId=pool,
            ManagedLoginBrandingId=style,
            UseCognitoProvidedValues=True,
            Settings=RED,
        )


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"styles": {}},
            "Settings can have the objects categories, componentClasses and components.",
        ),
        (
            {"components": "red"},
            "Settings can have the objects categories, componentClasses and components.",
        ),
        (
            {"components": {"a": "red;} body {display:none"}},
            "Settings have a value that no style has.",
        ),
        ({"components": {"a": ["</style>"]}}, "Settings have a value that no style has."),
        ({"components": {"a": {"b": 'x"y'}}}, "Settings have a value that no style has."),
        ({"components": {"a b": 1}}, "Settings have a name that no style has."),
        ({"components": {"__proto__": {}}}, "Settings have a name that no style has."),
        ({"components": {"a": list(range(5000))}}, "Settings are too large."),
    ],
)
def test_settings_are_those_of_a_style(pool_and_client, a_style, given, text):
    pool, client = pool_and_client

    with refused("InvalidParameterException", text):
        a_style(pool, client, Settings=given)


def test_settings_are_not_nested_without_end(pool_and_client, a_style):
    pool, client = pool_and_client
    settings: dict[str, Any] = {}
    for _ in range(20):
        settings = {"a": settings}

    with refused("InvalidParameterException", "Settings are too large."):
        a_style(pool, client, Settings={"components": settings})


def test_reserved_settings_are_kept_without_effect(pool_and_client, a_style, described):
    pool, client = pool_and_client
    reserved = {
        "categories": {
            "form": {
                "instructions": {"enabled": True},
                "languageSelector": {"enabled": True},
                "sessionTimerDisplay": "NONE",
            },
            "signUp": {"acceptanceElements": [{"enforcement": "NONE", "textKey": "en"}]},
        }
    }

    style = a_style(pool, client, Settings=reserved)["ManagedLoginBrandingId"]

    assert described(pool, style)["Settings"] == reserved


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([asset(), asset(content=PNG + b"2")], "An asset is given more than once."),
        (
            [asset(extension="JPEG")],
            "The content of an asset of category FORM_LOGO is not a valid JPEG image.",
        ),
        (
            [asset(content=GIF)],
            "The content of an asset of category FORM_LOGO is not a valid PNG image.",
        ),
        (
            [asset(extension="SVG", content=svg("<script>alert(1)</script>"))],
            "The content of an asset of category FORM_LOGO is not a valid SVG image.",
        ),
        ([asset("FAVICON_ICO")], "An asset of category FAVICON_ICO cannot be of type PNG."),
        (
            [asset("FAVICON_SVG", extension="ICO", content=ICO)],
            "An asset of category FAVICON_SVG cannot be of type ICO.",
        ),
        (
            [asset("PAGE_BACKGROUND", extension="ICO", content=ICO)],
            "An asset of category PAGE_BACKGROUND cannot be of type ICO.",
        ),
        ([asset(content=b"")], "An asset needs Bytes."),
    ],
)
def test_an_image_is_what_it_says(pool_and_client, a_style, given, text):
    pool, client = pool_and_client

    with refused("InvalidParameterException", text):
        a_style(pool, client, Assets=given)


def test_a_change_adds_to_what_is_there(cognito, pool_and_client, a_style, described, clock):
    pool, client = pool_and_client
    first = [asset(), asset(mode="DARK")]
    style = a_style(pool, client, Settings=RED, Assets=first)["ManagedLoginBrandingId"]
    later = clock.advance(timedelta(minutes=1))
    rounder = {"components": {"form": {"borderRadius": 20.0}}}

    cognito.update_managed_login_branding(
        UserPoolId=pool,
        ManagedLoginBrandingId=style,
        Settings=rounder,
        Assets=[asset(extension="JPEG", content=JPEG), asset("PAGE_BACKGROUND")],
    )

    stored = described(pool, style)
    assert stored["Settings"] == {"components": {**RED["components"], **rounder["components"]}}
    assert stored["Assets"] == [
        asset(mode="DARK"),
        asset(extension="JPEG", content=JPEG),
        asset("PAGE_BACKGROUND"),
    ]
    assert stored["LastModifiedDate"] == later


def test_a_style_can_go_back_to_the_pages_as_they_are(cognito, pool_and_client, a_style, described):
    pool, client = pool_and_client
    style = a_style(pool, client, Settings=RED, Assets=[asset()])["ManagedLoginBrandingId"]

    cognito.update_managed_login_branding(
        UserPoolId=pool, ManagedLoginBrandingId=style, UseCognitoProvidedValues=True
    )

    stored = described(pool, style)
    assert stored["UseCognitoProvidedValues"] is True
    assert "Settings" not in stored
    assert "Assets" not in stored


def test_a_style_has_forty_images_at_most(cognito, pool_and_client, a_style):
    pool, client = pool_and_client
    forty = [asset("IDP_BUTTON_ICON", ResourceId=f"r{number}") for number in range(40)]
    style = a_style(pool, client, Assets=forty)["ManagedLoginBrandingId"]

    with refused("InvalidParameterException", "A style cannot have more than 40 assets."):
        cognito.update_managed_login_branding(
            UserPoolId=pool, ManagedLoginBrandingId=style, Assets=[asset()]
        )

    cognito.update_managed_login_branding(
        UserPoolId=pool, ManagedLoginBrandingId=style, Assets=forty[:1]
    )


def test_a_change_names_its_style(cognito, app):
    for arguments in ({}, {"UserPoolId": NO_POOL}, {"ManagedLoginBrandingId": NO_ID}):
        with refused(
            "InvalidParameterException", "UserPoolId and ManagedLoginBrandingId are required."
        ):
            cognito.update_managed_login_branding(**arguments)


def test_a_deleted_style_is_gone(cognito, pool_and_client, a_style):
    pool, client = pool_and_client
    style = a_style(pool, client, Assets=[asset()])["ManagedLoginBrandingId"]

    cognito.delete_managed_login_branding(UserPoolId=pool, ManagedLoginBrandingId=style)

    with refused(
        "ResourceNotFoundException", f"User pool client {client} has no managed login branding."
    ):
        cognito.describe_managed_login_branding_by_client(UserPoolId=pool, ClientId=client)
    with refused("ResourceNotFoundException", f"Managed login branding {style} does not exist."):
        cognito.delete_managed_login_branding(UserPoolId=pool, ManagedLoginBrandingId=style)
    assert "Assets" not in a_style(pool, client)


def test_a_style_goes_with_its_client(cognito, pool_and_client, a_style, described):
    pool, client = pool_and_client
    style = a_style(pool, client, Assets=[asset()])["ManagedLoginBrandingId"]

    cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)

    with refused("ResourceNotFoundException", f"Managed login branding {style} does not exist."):
        described(pool, style)


def test_another_pool_s_styles_and_clients_are_as_good_as_none(
    cognito, pool_and_client, a_pool, a_client, a_style, described
):
    pool, client = pool_and_client
    other = a_pool()
    style = a_style(pool, client, Settings=RED)["ManagedLoginBrandingId"]
    none = ("ResourceNotFoundException", f"Managed login branding {style} does not exist.")

    with refused(*none):
        described(other, style)
    with refused(*none):
        cognito.update_managed_login_branding(
            UserPoolId=other, ManagedLoginBrandingId=style, UseCognitoProvidedValues=True
        )
    with refused(*none):
        cognito.delete_managed_login_branding(UserPoolId=other, ManagedLoginBrandingId=style)
    with refused("ResourceNotFoundException", f"User pool client {client} does not exist."):
        cognito.describe_managed_login_branding_by_client(UserPoolId=other, ClientId=client)
    with refused("ResourceNotFoundException", f"User pool client {client} does not exist."):
        a_style(other, client)

    assert described(pool, style)["Settings"] == RED


def test_what_is_not_there_is_not_found(cognito, a_pool, described):
    pool = a_pool()
    gone = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")

    with refused(*NO_STYLE):
        described(pool, NO_ID)
    for call, arguments in (
        (
            cognito.create_managed_login_branding,
            {"ClientId": "abc", "UseCognitoProvidedValues": True},
        ),
        (cognito.describe_managed_login_branding, {"ManagedLoginBrandingId": NO_ID}),
        (cognito.describe_managed_login_branding_by_client, {"ClientId": "abc"}),
        (cognito.update_managed_login_branding, {"ManagedLoginBrandingId": NO_ID}),
        (cognito.delete_managed_login_branding, {"ManagedLoginBrandingId": NO_ID}),
    ):
        with refused(*gone):
            call(UserPoolId=NO_POOL, **arguments)
