"""The rules of ratings: what the form asks and what a rating may say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

LOWEST_SCORE, HIGHEST_SCORE = 1, 5
ON_THE_WEB, BY_SMS, BY_DEVICE, AT_A_KIOSK, ON_PAPER = "web", "sms", "device", "kiosk", "paper"
"""By which channel a rating came."""
OF_DOSSIER, OF_VISIT = "dossier", "visit"
"""What a rating is about: how a dossier was handled, or a visit to a counter."""
COURTESIES = ("greeting", "apology", "thanks")
"""The 3X courtesy: xin chào, xin lỗi, xin cảm ơn."""


class OtherRating(Exception):
    """The id of a rating was used before for another rating."""


class DossierRated(Exception):
    """The dossier was rated before; each is rated once."""


class OwnWork(Exception):
    """The rating is about the person who would give, enter or correct it."""


class InvalidAnswer(ValueError):
    """The form has no such contents, or no such answers.

    Attributes:
        names: the contents.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


@dataclass(frozen=True, slots=True)
class Rating:
    """What a citizen says.

    Attributes:
        score: 1 (very dissatisfied) to 5 (very satisfied).
        criteria: content → one of the form's answers, for any of the form's contents; one that was not answered is not in it.
        comment: in the citizen's words; may be empty.
        courtesy: any of :data:`COURTESIES` → whether the official was so.
    """

    score: int
    criteria: Mapping[str, int] = field(default_factory=dict, hash=False)
    comment: str = ""
    courtesy: Mapping[str, bool] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class NewRating:
    """A rating on its way in, by whichever channel. Nothing of it tells who rates.

    Attributes:
        id: a UUID; made by the client where the rating may be sent twice.
        kind: :data:`OF_DOSSIER` or :data:`OF_VISIT`.
        agency: the desk that is rated; for a dossier the one that received it.
        rating: what the citizen says.
        channel: by which it came.
        given_at: business time.
        dossier: its code; None for a visit.
        procedure, field: of the dossier; None for a visit.
        counter: number of the counter, for a visit.
        official: subject of the official who served the visitor; those of a dossier are known by its code.
        entered_by: subject of the clerk who entered a paper form.
        form: version of the form by which it was given; None for the newest.
    """

    id: str
    kind: str
    agency: str
    rating: Rating
    channel: str
    given_at: datetime
    dossier: str | None = None
    procedure: str | None = None
    field: str | None = None
    counter: int | None = None
    official: str | None = None
    entered_by: str | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the form, in Vietnamese and English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """A version of the rating form: the contents that a decree asks about (NĐ 118/2025, Điều 33).

    Attributes:
        version: a rating names the version by which it was given.
        regulations: under which the dossiers were received that are rated by it.
        invitation_days: calendar days until an invitation expires.
        comment_characters: the most characters of a comment.
        scores: score → its label, in the order of the form; the same in all versions.
        answers: points of a content → their label, in the order of the form.
        criteria: content → its label, in the order of the form.
    """

    version: str
    regulations: tuple[str, ...]
    invitation_days: int
    comment_characters: int
    scores: Mapping[int, Label] = field(hash=False)
    answers: Mapping[int, Label] = field(hash=False)
    criteria: Mapping[str, Label] = field(hash=False)


def check_answers(rating: Rating, form: Form) -> None:
    """Checks what was answered about single contents.

    Raises:
        InvalidAnswer: the form has no such content, or no such answer.
    """
    wrong = [
        name for name, points in rating.criteria.items() if name not in form.criteria or points not in form.answers
    ]
    if wrong:
        raise InvalidAnswer(wrong)
