from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.invitations.domain import (
    ALPHABET,
    TOKEN_LENGTH,
    AlreadyUsed,
    Expired,
    Invitation,
    UnknownToken,
    new_token,
    normalise_token,
    require_open,
    token_hash,
)
from services.rating.ratings.form import rating_form
from tests.support.stores import MONDAY

DAY = timedelta(days=1)
tokens = st.text(alphabet=ALPHABET, min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH)


def test_a_token_has_a_hundred_random_bits_and_needs_no_quoting() -> None:
    drawn = {new_token() for _ in range(200)}
    assert len(drawn) == 200
    assert all(re.fullmatch("[0-9a-z]{20}", token) for token in drawn)
    assert len(ALPHABET) ** TOKEN_LENGTH == 2**100


@given(tokens)
def test_a_token_survives_being_typed_by_hand(token: str) -> None:
    typed = " - ".join(re.findall("....", token)).upper().replace("0", "O").replace("1", "l")
    assert normalise_token(typed) == token
    assert token_hash(typed) == token_hash(token)


@given(tokens, tokens)
def test_different_tokens_have_different_digests_that_hold_nothing_of_them(one: str, other: str) -> None:
    assert (token_hash(one) == token_hash(other)) == (one == other)
    assert one not in token_hash(one)


def test_an_open_invitation_can_be_used() -> None:
    invitation = Invitation("D-1", MONDAY + DAY, None)
    assert require_open(invitation, MONDAY) is invitation


@pytest.mark.parametrize(
    ("invitation", "error"),
    [
        (None, UnknownToken),
        (Invitation("D-1", MONDAY, None), Expired),  # over at that very moment
        (Invitation("D-1", MONDAY - DAY, None), Expired),
        (Invitation("D-1", MONDAY + DAY, MONDAY - DAY), AlreadyUsed),
        (Invitation("D-1", MONDAY - DAY, MONDAY - 2 * DAY), AlreadyUsed),  # used and over: used
    ],
)
def test_any_other_cannot_and_the_error_says_why(invitation: Invitation | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        require_open(invitation, MONDAY)


def test_the_form_asks_what_the_decree_says() -> None:
    form = rating_form()
    assert list(form.scores) == [5, 4, 3, 2, 1]
    assert set(form.criteria) == {
        *("time", "agencies", "contacts", "information", "attitude", "legality", "explanation", "progress", "other")
    }
    for label in [*form.scores.values(), *form.criteria.values()]:
        assert label.vi
        assert label.en
