"""The one-time tokens of surveys: made and typed as those of ratings, and hashed apart from them."""

from __future__ import annotations

from services.rating.invitations.domain import normalise_token
from shared.runtime.keyed_hash import keyed_hash


def token_hash(token: str, key: str) -> str:
    """The keyed hash that is stored instead of a token.

    Args:
        token: as typed; it is normalised first.
        key: of the platform; in no database.
    """
    return keyed_hash(key, "survey token", normalise_token(token))
