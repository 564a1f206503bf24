"""The rules of ratings: what the form asks and what a rating may say."""

from __future__ import annotations

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Rating:
    """What a citizen says.

    Attributes:
        score: 1 (very dissatisfied) to 5 (very satisfied).
        criteria: criterion → 1 to 5, for any of the form's criteria.
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


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the form, in Vietnamese and English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """The rating form (NĐ 118/2025, Điều 33).

    Attributes:
        version: of the form; a rating names the version by which it was given.
        invitation_days: calendar days until an invitation expires.
        comment_characters: the most characters of a comment.
        scores: score → its label, in the order of the form.
        criteria: criterion → its label, in the order of the form.
    """

    version: str
    invitation_days: int
    comment_characters: int
    scores: Mapping[int, Label] = field(hash=False)
    criteria: Mapping[str, Label] = field(hash=False)
