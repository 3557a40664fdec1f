"""Terms of use and privacy policies of clients."""

from datetime import timedelta

import pytest

from cognate.domain.ids import ClientId, PoolId
from cognate.domain.terms import MAXIMUM_TERMS, Terms
from tests.inprocess import START
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
NO_ID = "00000000-0000-4000-8000-000000000000"
LINKS = {
    "cognito:default": "https://example.com/terms",
    "cognito:french": "https://example.com/fr/conditions?v=2",
}
EXISTS = ("TermsExistsException", "Terms of this name already exist for the app client.")


@pytest.fixture
def some_terms(cognito):
    def create(pool, client, name="terms-of-use", **arguments):
        arguments.setdefault("Links", LINKS)
        return cognito.create_terms(
            UserPoolId=pool,
            ClientId=client,
            TermsName=name,
            TermsSource="LINK",
            Enforcement="NONE",
            **arguments,
        )["Terms"]

    return create


@pytest.fixture
def described(cognito):
    def describe(pool, terms_id):
        return cognito.describe_terms(UserPoolId=pool, TermsId=terms_id)["Terms"]

    return describe


@pytest.fixture
def pool_and_client(a_pool, a_client):
    pool = a_pool()
    return pool, a_client(pool)["ClientId"]


def test_terms_are_linked_for_each_language(cognito, pool_and_client, some_terms, described, clock):
    pool, client = pool_and_client

    made = some_terms(pool, client)

    assert made == {
        "TermsId": made["TermsId"],
        "UserPoolId": pool,
        "ClientId": client,
        "TermsName": "terms-of-use",
        "TermsSource": "LINK",
        "Enforcement": "NONE",
        "Links": LINKS,
        "CreationDate": clock.now(),
        "LastModifiedDate": clock.now(),
    }
    assert described(pool, made["TermsId"]) == made
    by_client = cognito.describe_terms_by_client(
        UserPoolId=pool, ClientId=client, TermsName="terms-of-use"
    )
    assert by_client["Terms"] == made


def test_a_client_has_one_document_of_each_name(pool_and_client, a_client, some_terms):
    pool, client = pool_and_client
    some_terms(pool, client)
    some_terms(pool, client, "privacy-policy")

    for name in ("terms-of-use", "privacy-policy"):
        with refused(*EXISTS):
            some_terms(pool, client, name)

    some_terms(pool, a_client(pool)["ClientId"])


def test_there_are_links(cognito, pool_and_client):
    pool, client = pool_and_client

    with refused("InvalidParameterException", "Links must hold at least one language."):
        cognito.create_terms(
            UserPoolId=pool,
            ClientId=client,
            TermsName="terms-of-use",
            TermsSource="LINK",
            Enforcement="NONE",
        )


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("javascript:alert(1)", "is not a valid URL."),
        ("//example.com/terms", "is not a valid URL."),
        ("example.com/terms", "is not a valid URL."),
        ("https://user@example.com/terms", "is not a valid URL."),
        ("https://example.com\\@evil.example", "is not a valid URL."),
        ("https://[example.com/", "is not a valid URL."),
        ("https://example.com:99999/", "is not a valid URL."),
        ("http://example.com/terms", "must use HTTPS."),
        ("https://example.com/terms#top", "cannot have a fragment."),
    ],
)
def test_a_link_is_an_https_address(cognito, pool_and_client, some_terms, described, url, fault):
    pool, client = pool_and_client
    made = some_terms(pool, client, Links={"cognito:default": "http://localhost:8080/terms"})

    with refused("InvalidParameterException", f"{url} {fault}"):
        some_terms(pool, client, "privacy-policy", Links={"cognito:default": url})
    with refused("InvalidParameterException", f"{url} {fault}"):
        cognito.update_terms(UserPoolId=pool, TermsId=made["TermsId"], Links={"cognito:dutch": url})

    assert described(pool, made["TermsId"]) == made


def test_a_pool_has_forty_documents_at_most(app, loop_thread, pool_and_client, some_terms):
    pool, client = pool_and_client

    async def fill(tx):
        for number in range(MAXIMUM_TERMS - 1):
            await tx.terms.add(
                Terms(
                    pool_id=PoolId(pool),
                    terms_id=f"terms{number}",
                    client_id=ClientId(f"client{number}"),
                    name="terms-of-use",
                    links=LINKS,
                    created_at=START,
                    modified_at=START,
                )
            )

    loop_thread.run(app.store.change(fill))
    some_terms(pool, client)

    with refused("LimitExceededException", "A user pool cannot have more than 40 terms documents."):
        some_terms(pool, client, "privacy-policy")


def test_a_change_leaves_what_it_does_not_name(
    cognito, pool_and_client, some_terms, described, clock
):
    pool, client = pool_and_client
    made = some_terms(pool, client)
    later = clock.advance(timedelta(minutes=1))

    renamed = cognito.update_terms(
        UserPoolId=pool, TermsId=made["TermsId"], TermsName="privacy-policy"
    )["Terms"]
    assert renamed == {**made, "TermsName": "privacy-policy", "LastModifiedDate": later}

    links = {"cognito:default": "https://example.com/privacy"}
    cognito.update_terms(UserPoolId=pool, TermsId=made["TermsId"], Links=links)
    assert described(pool, made["TermsId"]) == {**renamed, "Links": links}


def test_a_document_cannot_take_another_s_name(cognito, pool_and_client, some_terms):
    pool, client = pool_and_client
    some_terms(pool, client)
    policy = some_terms(pool, client, "privacy-policy")

    with refused(*EXISTS):
        cognito.update_terms(UserPoolId=pool, TermsId=policy["TermsId"], TermsName="terms-of-use")

    cognito.update_terms(UserPoolId=pool, TermsId=policy["TermsId"], TermsName="privacy-policy")


def test_documents_are_listed_page_by_page(
    cognito, pool_and_client, a_pool, a_client, some_terms, clock
):
    pool, client = pool_and_client
    other = a_pool()
    made = [
        some_terms(pool, client),
        some_terms(pool, client, "privacy-policy"),
        some_terms(pool, a_client(pool)["ClientId"]),
    ]
    some_terms(other, a_client(other)["ClientId"])

    first = cognito.list_terms(UserPoolId=pool, MaxResults=2)
    rest = cognito.list_terms(UserPoolId=pool, MaxResults=2, NextToken=first["NextToken"])

    shown = ("TermsId", "TermsName", "Enforcement", "CreationDate", "LastModifiedDate")
    assert first["Terms"] + rest["Terms"] == [
        {key: terms[key] for key in shown}
        for terms in sorted(made, key=lambda terms: terms["TermsId"])
    ]
    assert len(first["Terms"]) == 2
    assert "NextToken" not in rest
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_terms(UserPoolId=other, NextToken=first["NextToken"])


def test_a_deleted_document_is_gone(cognito, pool_and_client, some_terms, described):
    pool, client = pool_and_client
    terms_id = some_terms(pool, client)["TermsId"]
    gone = ("ResourceNotFoundException", f"Terms {terms_id} do not exist.")

    cognito.delete_terms(UserPoolId=pool, TermsId=terms_id)

    with refused(*gone):
        described(pool, terms_id)
    with refused(*gone):
        cognito.delete_terms(UserPoolId=pool, TermsId=terms_id)
    with refused(
        "ResourceNotFoundException", f"User pool client {client} has no terms-of-use terms."
    ):
        cognito.describe_terms_by_client(UserPoolId=pool, ClientId=client, TermsName="terms-of-use")
    some_terms(pool, client)


def test_documents_go_with_their_client(cognito, pool_and_client, some_terms):
    pool, client = pool_and_client
    some_terms(pool, client)

    cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)

    assert cognito.list_terms(UserPoolId=pool)["Terms"] == []


def test_another_pool_s_documents_and_clients_are_as_good_as_none(
    cognito, pool_and_client, a_pool, some_terms, described
):
    pool, client = pool_and_client
    other = a_pool()
    made = some_terms(pool, client)
    gone = ("ResourceNotFoundException", f"Terms {made['TermsId']} do not exist.")
    no_client = ("ResourceNotFoundException", f"User pool client {client} does not exist.")

    with refused(*gone):
        described(other, made["TermsId"])
    with refused(*gone):
        cognito.update_terms(UserPoolId=other, TermsId=made["TermsId"], Links=LINKS)
    with refused(*gone):
        cognito.delete_terms(UserPoolId=other, TermsId=made["TermsId"])
    with refused(*no_client):
        some_terms(other, client)
    with refused(*no_client):
        cognito.describe_terms_by_client(
            UserPoolId=other, ClientId=client, TermsName="terms-of-use"
        )

    assert described(pool, made["TermsId"]) == made


def test_a_pool_that_is_not_there_has_no_terms(cognito, some_terms, app):
    gone = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")

    with refused(*gone):
        some_terms(NO_POOL, "abc")
    for call, arguments in (
        (cognito.describe_terms, {"TermsId": NO_ID}),
        (cognito.describe_terms_by_client, {"ClientId": "abc", "TermsName": "terms-of-use"}),
        (cognito.update_terms, {"TermsId": NO_ID}),
        (cognito.delete_terms, {"TermsId": NO_ID}),
        (cognito.list_terms, {}),
    ):
        with refused(*gone):
            call(UserPoolId=NO_POOL, **arguments)
