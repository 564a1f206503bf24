"""The rules of ratings: what the form asks and what a rating may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LOWEST_SCORE, HIGHEST_SCORE = 1, 5
ON_THE_WEB, BY_SMS = "web", "sms"
"""By which channel a rating came."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A citizen's rating of a dossier.

    Attributes:
        score: 1 (very dissatisfied) to 5 (very satisfied).
        criteria: criterion → 1 to 5, for any of the form's criteria.
        comment: in the citizen's words; may be empty.
    """

    score: int
    criteria: Mapping[str, int] = field(default_factory=dict, hash=False)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the form, in Vietnamese and English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """The rating form (NĐ 118/2025, Điều 33).

    Attributes:
        invitation_days: calendar days until an invitation expires.
        comment_characters: the most characters of a comment.
        scores: score → its label, in the order of the form.
        criteria: criterion → its label, in the order of the form.
    """

    invitation_days: int
    comment_characters: int
    scores: Mapping[int, Label] = field(hash=False)
    criteria: Mapping[str, Label] = field(hash=False)
