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
from tests.support.stores import MONDAY

DAY = timedelta(days=1)
tokens = st.text(alphabet=ALPHABET, min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH)
KEY = "k" * 32


def test_a_token_has_a_hundred_random_bits_and_needs_no_quoting_in_a_url() -> None:
    drawn = {new_token() for _ in range(200)}
    assert len(drawn) == 200
    assert all(re.fullmatch("[0-9a-z]{20}", token) for token in drawn)
    assert len(ALPHABET) ** TOKEN_LENGTH == 2**100


@given(tokens)
def test_a_token_typed_by_hand_is_normalised(token: str) -> None:
    typed = " - ".join(re.findall("....", token)).upper().replace("0", "O").replace("1", "l")
    assert normalise_token(typed) == token
    assert token_hash(typed, KEY) == token_hash(token, KEY)


@given(tokens, tokens)
def test_different_tokens_have_different_digests_that_do_not_contain_them(one: str, other: str) -> None:
    assert (token_hash(one, KEY) == token_hash(other, KEY)) == (one == other)
    assert one not in token_hash(one, KEY)
    assert token_hash(one, KEY) != token_hash(one, "l" * 32)


def test_an_open_invitation_can_be_used() -> None:
    invitation = Invitation("D-1", "nd118-2025", MONDAY + DAY, None)
    assert require_open(invitation, MONDAY) is invitation


@pytest.mark.parametrize(
    ("invitation", "error"),
    [
        (None, UnknownToken),
        (Invitation("D-1", "nd118-2025", MONDAY, None), Expired),  # expires at that very moment
        (Invitation("D-1", "nd118-2025", MONDAY - DAY, None), Expired),
        (Invitation("D-1", "nd118-2025", MONDAY + DAY, MONDAY - DAY), AlreadyUsed),
        (
            Invitation("D-1", "nd118-2025", MONDAY - DAY, MONDAY - 2 * DAY),
            AlreadyUsed,
        ),  # used and expired counts as used
    ],
)
def test_any_other_invitation_is_refused_with_the_reason(invitation: Invitation | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        require_open(invitation, MONDAY)
