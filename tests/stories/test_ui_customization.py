"""The looks of the classic pages: a style sheet of few classes, and a logo."""

from datetime import timedelta

import pytest

from cognate.domain.ids import PoolId
from tests.stories.pictures import GIF, JPEG, PNG, svg
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
NO_DOMAIN = (
    "InvalidParameterException",
    "There has to be an existing domain associated with this user pool",
)
CSS = """
/* our colours */
.banner-customizable { background: #d7dbe0; padding: 25px 0px 25px 0px; }
.submitButton-customizable:hover, .idpButton-customizable:hover { color: #fff }
.inputField-customizable:focus { border-color: rgba(0, 0, 0, .5); }
.passwordCheck-notValid-customizable {color: #DF3312;}
"""


@pytest.fixture
def a_pool_with_domain(cognito, a_pool):
    def create(name="one"):
        pool = a_pool()
        cognito.create_user_pool_domain(UserPoolId=pool, Domain=name)
        return pool

    return create


@pytest.fixture
def looks(cognito):
    def get(pool, **arguments):
        return cognito.get_ui_customization(UserPoolId=pool, **arguments)["UICustomization"]

    return get


def test_all_clients_get_the_same_looks(
    cognito, a_pool_with_domain, a_client, looks, app, loop_thread, clock
):
    pool = a_pool_with_domain()
    client = a_client(pool)["ClientId"]

    made = cognito.set_ui_customization(UserPoolId=pool, CSS=CSS, ImageFile=PNG)

    assert made["UICustomization"] == {
        "UserPoolId": pool,
        "ClientId": "ALL",
        "CSS": CSS,
        "CSSVersion": f"{clock.now():%Y%m%d%H%M%S}",
        "CreationDate": clock.now(),
        "LastModifiedDate": clock.now(),
    }
    assert looks(pool) == looks(pool, ClientId="ALL") == made["UICustomization"]
    assert looks(pool, ClientId=client) == made["UICustomization"]
    stored = loop_thread.run(app.store.ui_customizations.find(PoolId(pool), "ALL"))
    assert stored.image == PNG


def test_a_client_may_have_looks_of_its_own(cognito, a_pool_with_domain, a_client, looks, clock):
    pool = a_pool_with_domain()
    client, other = (a_client(pool)["ClientId"] for _ in range(2))
    cognito.set_ui_customization(UserPoolId=pool, ClientId="ALL", CSS=CSS)
    later = clock.advance(timedelta(minutes=1))

    own = cognito.set_ui_customization(UserPoolId=pool, ClientId=client, ImageFile=JPEG)

    assert looks(pool, ClientId=client) == own["UICustomization"]
    assert own["UICustomization"]["ClientId"] == client
    assert own["UICustomization"]["CreationDate"] == later
    assert "CSS" not in own["UICustomization"]
    assert looks(pool, ClientId=other)["CSS"] == CSS
    assert looks(pool)["CSS"] == CSS


def test_new_looks_replace_the_old_ones_whole(
    cognito, a_pool_with_domain, looks, app, loop_thread, clock
):
    pool = a_pool_with_domain()
    made = cognito.set_ui_customization(UserPoolId=pool, ImageFile=PNG)["UICustomization"]
    later = clock.advance(timedelta(minutes=1))

    cognito.set_ui_customization(UserPoolId=pool, CSS=CSS)

    changed = looks(pool)
    assert changed["CSS"] == CSS
    assert (changed["CreationDate"], changed["LastModifiedDate"]) == (made["CreationDate"], later)
    stored = loop_thread.run(app.store.ui_customizations.find(PoolId(pool), "ALL"))
    assert stored.image is None


def test_nothing_given_takes_the_looks_away(cognito, a_pool_with_domain, a_client, looks):
    pool = a_pool_with_domain()
    client = a_client(pool)["ClientId"]
    cognito.set_ui_customization(UserPoolId=pool, CSS=CSS)
    cognito.set_ui_customization(UserPoolId=pool, ClientId=client, ImageFile=PNG)

    cognito.set_ui_customization(UserPoolId=pool, ClientId=client)
    assert looks(pool, ClientId=client)["ClientId"] == "ALL"

    cognito.set_ui_customization(UserPoolId=pool, CSS="")
    assert looks(pool, ClientId=client) == looks(pool) == {}


def test_looks_go_with_their_client(cognito, a_pool_with_domain, a_client, app, loop_thread):
    pool = a_pool_with_domain()
    client = a_client(pool)["ClientId"]
    cognito.set_ui_customization(UserPoolId=pool, ClientId=client, CSS=CSS)

    cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)

    assert loop_thread.run(app.store.ui_customizations.find(PoolId(pool), client)) is None


def test_pages_without_a_domain_have_no_looks(cognito, a_pool):
    pool = a_pool()

    with refused(*NO_DOMAIN):
        cognito.set_ui_customization(UserPoolId=pool, CSS=CSS)
    with refused(*NO_DOMAIN):
        cognito.get_ui_customization(UserPoolId=pool)


@pytest.mark.parametrize(
    "selector",
    [
        ".myOwn",
        ".myOwn-customizable",
        "body",
        "*",
        "#logo-customizable",
        ".logo-customizable .label-customizable",
        ".logo-customizable:hover",
        ".submitButton-customizable:focus",
        ".submitButton-customizable::before",
        ".submitButton-customizable[a]",
        ".Logo-customizable",
        "",
    ],
)
def test_a_selector_is_one_of_the_pages_classes(cognito, a_pool_with_domain, selector):
    with refused("InvalidParameterException", f"The CSS selector {selector} is not allowed."):
        cognito.set_ui_customization(
            UserPoolId=a_pool_with_domain(),
            CSS=f".label-customizable, {selector} {{ color: red }}",
        )


@pytest.mark.parametrize(
    "css",
    [
        "@import 'https://evil.example/x.css';",
        "@supports (display: grid) { .label-customizable { color: red } }",
        "@page { margin: 0 }",
        "@media screen { .label-customizable { color: red } }",
        "@charset 'utf-8';",
    ],
)
def test_there_are_no_at_rules(cognito, a_pool_with_domain, css):
    with refused("InvalidParameterException", "The CSS cannot have at-rules."):
        cognito.set_ui_customization(UserPoolId=a_pool_with_domain(), CSS=css)


@pytest.mark.parametrize(
    ("value", "forbidden"),
    [
        ("</style><script>alert(1)</script>", "<"),
        ("url(https://evil.example)", "url("),
        ("URL (javascript:alert(1))", "javascript:"),
        ("u\\72l(x)", "\\"),
        ("u/**/rl(x)", "url("),
        ("expression(alert(1))", "expression("),
        ("java/* */script:alert(1)", "javascript:"),
        ("image-set('https://evil.example' 1x)", "image-set("),
    ],
)
def test_a_style_sheet_runs_and_loads_nothing(cognito, a_pool_with_domain, value, forbidden):
    pool = a_pool_with_domain()
    css = f".label-customizable {{ background: {value} }}"

    with refused("InvalidParameterException", f"The CSS cannot contain {forbidden}"):
        cognito.set_ui_customization(UserPoolId=pool, CSS=css)


@pytest.mark.parametrize(
    "css",
    [
        ".label-customizable",
        ".label-customizable { color: red",
        ".label-customizable { color }",
        ".label-customizable { color: red; .x { } }",
        ".label-customizable { color: red } /* never ends",
        ".label-customizable { color: red } }",
    ],
)
def test_half_a_style_sheet_is_none(cognito, a_pool_with_domain, css):
    with refused("InvalidParameterException", "The CSS is not valid."):
        cognito.set_ui_customization(UserPoolId=a_pool_with_domain(), CSS=css)


def test_a_style_sheet_is_small(cognito, a_pool_with_domain):
    css = ".label-customizable { color: red }".ljust(3073)

    with refused("InvalidParameterException", "The CSS cannot be larger than 3 KB."):
        cognito.set_ui_customization(UserPoolId=a_pool_with_domain(), CSS=css)


@pytest.mark.parametrize("image", [GIF, b"no image", svg()])
def test_a_logo_is_a_png_or_jpeg(cognito, a_pool_with_domain, image):
    with refused("InvalidParameterException", "The image file must be a PNG or JPEG image."):
        cognito.set_ui_customization(UserPoolId=a_pool_with_domain(), ImageFile=image)


def test_a_logo_is_small_and_so_is_all_together(cognito, a_pool_with_domain):
    pool = a_pool_with_domain()
    logo = PNG.ljust(102_400)
    too_large = ("InvalidParameterException", "request parameters too large")

    cognito.set_ui_customization(UserPoolId=pool, ImageFile=logo)

    with refused("InvalidParameterException", "The image file cannot be larger than 100 KB."):
        cognito.set_ui_customization(UserPoolId=pool, ImageFile=PNG.ljust(102_401))
    with refused(*too_large):
        cognito.set_ui_customization(
            UserPoolId=pool, ImageFile=logo, CSS=".label-customizable{color:red}".ljust(3072)
        )
    with refused(*too_large):
        cognito.set_ui_customization(UserPoolId=pool, ImageFile=PNG.ljust(104_000))


def test_another_pool_s_client_is_as_good_as_none(cognito, a_pool_with_domain, a_client, looks):
    pool, other = a_pool_with_domain("one"), a_pool_with_domain("two")
    client = a_client(pool)["ClientId"]

    with refused("ResourceNotFoundException", f"User pool client {client} does not exist."):
        cognito.set_ui_customization(UserPoolId=other, ClientId=client, CSS=CSS)
    with refused("ResourceNotFoundException", f"User pool client {client} does not exist."):
        looks(other, ClientId=client)


def test_a_pool_that_is_not_there_has_no_looks(cognito, app):
    gone = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")

    with refused(*gone):
        cognito.set_ui_customization(UserPoolId=NO_POOL, CSS=CSS)
    with refused(*gone):
        cognito.get_ui_customization(UserPoolId=NO_POOL)
