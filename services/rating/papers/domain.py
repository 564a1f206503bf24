"""The rules of paper forms: what a clerk may enter, and about whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_OID, uuid5

from services.rating.ratings.domain import Rating
from shared.runtime.clock import VIETNAM

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9./-]{0,29}")
OLDEST = timedelta(days=366)
"""An older paper is not entered any more: its year is counted."""
_NOON = time(12)


class PaperError(Exception):
    """The paper cannot be entered."""


class PaperEntered(PaperError):
    """A paper of this number was entered before."""


class OtherDesk(PaperError):
    """The dossier was received at another desk, or its result was not handed over yet."""


class PaperTooLate(PaperError):
    """On the date of the paper the dossier could not be rated any more."""


class UnknownOfficial(PaperError):
    """The official does not work at the desk."""


class UnknownPaper(PaperError):
    """No paper of this number was entered at the desk."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper form as a clerk types it in.

    Attributes:
        number: printed on it; see :func:`normalise_number`.
        day: the date that the citizen wrote.
        rating: what the citizen says.
        form: version of the form that is printed on it.
        dossier: its code; empty if the paper is about a visit.
        counter: number of the counter, for a visit; None if the paper does not say.
        official: subject of the official who is named, for a visit; empty if nobody is.
    """

    number: str
    day: date
    rating: Rating
    form: str
    dossier: str = ""
    counter: int | None = None
    official: str = ""


def normalise_number(text: str) -> str:
    """A paper's number as it is compared: without spaces, in capitals."""
    return "".join(text.split()).upper()


def rating_id(agency: str, number: str) -> str:
    """The id of the rating on a paper: the same however often it is entered."""
    return str(uuid5(NAMESPACE_OID, f"paper\n{agency}\n{number}"))


def given_at(day: date, now: datetime) -> datetime:
    """The moment that stands for the date on a paper: noon, or now if that is earlier."""
    return min(datetime.combine(day, _NOON, VIETNAM), now)
