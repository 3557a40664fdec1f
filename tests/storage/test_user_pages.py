"""
Lists of users: every user who fits, once, in order, however the list is cut into pages.

Whatever is typed into a filter is text: no character has a meaning to the database.
"""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cognate.domain.pools import Pool
from cognate.domain.user_filters import UserFilter
from cognate.domain.users import SEARCHABLE, User, UserStatus, folded, search_key
from cognate.storage.users import prefix_end
from tests.storage.records import a_pool, a_user

# Characters whose order, case, width or meaning somewhere is special.
AWKWARD = "aAbßẞsSσςΣİiıéÉ%_\\'\"?$1*.- \x00\x01\x7f\ud7ff\ue000\ufffd\uffff𝔘😀\U0010ffff"
LONGEST = 2048

texts = st.one_of(
    st.text(alphabet=AWKWARD, max_size=6),
    st.text(max_size=20),
    st.tuples(st.text(alphabet=AWKWARD, min_size=1, max_size=3), st.integers(1, 2048)).map(
        lambda drawn: (drawn[0] * 2048)[: drawn[1]]
    ),
    # Alike in all that an index holds.
    st.sampled_from(["a" * 256, "A" * 256, "a" * 257, "a" * LONGEST, "a" * (LONGEST - 1) + "b"]),
)
user_names = st.text(
    alphabet=st.sampled_from([c for c in AWKWARD if c > " "]), min_size=1, max_size=8
)
FILTERED = [
    *("name", "email", "given_name", "name", "email", "given_name"),
    *("username", "sub", "status", "cognito:user_status", None),
]
attribute_names = st.sampled_from(["name", "email", "given_name"])


@st.composite
def populations(draw: st.DrawFn) -> tuple[bool, list[dict]]:
    """Whether names are compared without case; what distinguishes the users."""
    folds = draw(st.booleans())
    fold = str.lower if folds else str
    drawn = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "username": user_names,
                    "status": st.sampled_from(UserStatus),
                    "enabled": st.booleans(),
                    "attributes": st.dictionaries(attribute_names, texts.filter(bool), max_size=3),
                }
            ),
            max_size=12,
            unique_by=lambda user: fold(user["username"]),
        )
    )
    return folds, drawn


@st.composite
def conditions(draw: st.DrawFn, users: Sequence[dict]) -> UserFilter | None:
    """Mostly what some user has, a beginning of it, or that in another case."""
    attribute = draw(st.sampled_from(FILTERED))
    if attribute is None:
        return None
    values = {
        "username": [user["username"] for user in users],
        "sub": [a_user(number).sub for number in range(len(users))],
        "status": ["Enabled", "Disabled", "enabled"],
        "cognito:user_status": [status.value for status in UserStatus],
    }.get(attribute) or [
        user["attributes"][attribute] for user in users if attribute in user["attributes"]
    ]
    value = draw(st.sampled_from(values) if values else texts)
    value = value[: draw(st.sampled_from([len(value), 0, 1, 2, 3, 255, 256, 257, 300]))]
    value = draw(st.sampled_from([value, value.upper(), value.lower(), value + draw(texts)]))
    return UserFilter(attribute=attribute, value=value, prefix=draw(st.booleans()))


def fits(pool: Pool, user: User, condition: UserFilter | None) -> bool:
    if condition is None:
        return True
    value = {
        "username": pool.name_key(user.username),
        "sub": user.sub,
        "status": "Enabled" if user.enabled else "Disabled",
        "cognito:user_status": user.status.value,
    }.get(condition.attribute, folded(user.attributes.get(condition.attribute, "")))
    wanted = {
        "username": pool.name_key(condition.value),
        "sub": condition.value,
        "status": condition.value,
        "cognito:user_status": condition.value.upper(),
    }.get(condition.attribute, folded(condition.value))
    if condition.attribute in SEARCHABLE and not value:
        return False  # who lacks the attribute is found by no value of it
    value, wanted = (text.replace("\x00", "\ufffd") for text in (value, wanted))
    return value.startswith(wanted) if condition.prefix else value == wanted


def place(pool: Pool, user: User, condition: UserFilter | None) -> tuple[str, str]:
    """In order of what was filtered by where beginnings are compared, else of the subs."""
    if condition is None or not condition.prefix or condition.attribute == "status":
        return ("", user.sub)
    by = {
        "username": pool.name_key(user.username),
        "sub": user.sub,
        "cognito:user_status": user.status.value,
    }.get(condition.attribute, search_key(user.attributes.get(condition.attribute, "")))
    return (by.replace("\x00", "\ufffd"), user.sub)


numbers = count()


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data(), population=populations(), limit=st.integers(1, 13))
async def test_pages_hold_every_user_who_fits_once_and_in_order(store, data, population, limit):
    folds, drawn = population
    pool = a_pool(f"{next(numbers):09}", case_sensitive=False if folds else None)
    neighbour = a_pool(f"{next(numbers):09}")
    users = [a_user(number, pool, **values) for number, values in enumerate(drawn)]

    async def add(tx):
        for number, user in enumerate(users):
            await tx.users.add(pool, user)
            await tx.users.add(neighbour, a_user(number, neighbour, **drawn[number]))

    await store.change(add)
    condition = data.draw(conditions(drawn))

    seen: list[User] = []
    after = None
    for _ in range(len(users) + 2):
        page = await store.users.page(pool, condition=condition, after=after, limit=limit)
        assert len(page.users) <= limit
        seen += page.users
        after = page.after
        if after is None:
            break
    assert after is None

    expected = [user for user in users if fits(pool, user, condition)]
    assert seen == sorted(expected, key=lambda user: place(pool, user, condition))


@pytest.mark.parametrize(
    "pattern", ["%", "_", "a%", "a_", "\\", "'", "''; DROP TABLE users; --", "?"]
)
@pytest.mark.parametrize("prefix", [True, False])
async def test_signs_of_sql_stand_for_themselves(store, pattern, prefix):
    pool = a_pool()

    async def add(tx):
        await tx.users.add(pool, a_user(1, pool, attributes={"name": "abc"}))
        await tx.users.add(pool, a_user(2, pool, attributes={"name": pattern + "c"}))
        await tx.users.add(pool, a_user(3, pool, attributes={"name": pattern}))

    await store.change(add)

    page = await store.users.page(
        pool,
        condition=UserFilter(attribute="name", value=pattern, prefix=prefix),
        after=None,
        limit=10,
    )

    assert [user.username for user in page.users] == (["user3", "user2"] if prefix else ["user3"])


async def test_a_word_that_ends_in_a_final_sigma_is_found_by_its_beginning(store):
    pool = a_pool()
    await store.change(
        lambda tx: tx.users.add(pool, a_user(1, pool, attributes={"name": "ΟΔΥΣΣΕΑΣ"}))
    )

    for typed in ("ΟΔΥΣ", "οδυς", "ΟΔΥΣΣΕΑΣ", "οδυσσεας"):
        page = await store.users.page(
            pool,
            condition=UserFilter(attribute="name", value=typed, prefix=True),
            after=None,
            limit=10,
        )
        assert len(page.users) == 1, typed


@given(prefix=texts, rest=texts, other=texts)
@example(prefix="\ud7ff", rest="", other="\ue000")
@example(prefix="a\U0010ffff", rest="\U0010ffff", other="b")
@example(prefix="\U0010ffff", rest="x", other="")
def test_the_end_of_a_prefix_lies_behind_all_that_begin_with_it_and_before_the_rest(
    prefix, rest, other
):
    end = prefix_end(prefix)

    if end is None:
        assert not prefix.rstrip("\U0010ffff")
        return
    assert prefix <= prefix + rest < end
    assert not end.startswith(prefix)
    end.encode()  # a text that a database can take
    if not other.startswith(prefix):
        assert not prefix <= other < end
