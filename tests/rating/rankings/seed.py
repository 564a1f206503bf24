"""Officials and ratings for tests of rankings: a quarter with all that makes counting hard."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from services.rating.officials.domain import HANDLING, RECEPTION, Part
from services.rating.officials.store import officials
from services.rating.ratings.commands import keep_rating
from services.rating.ratings.corrections import correct_rating
from services.rating.ratings.domain import OF_DOSSIER, OF_VISIT, NewRating, Rating
from services.rating.ratings.store import add_rating_officials
from shared.messaging.event import new_id
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.support.service import ServiceUnderTest

CENTRE, OTHER_DESK, ABOVE, PROVINCE = "H12.31.01", "H12.32.01", "H12.31", "H12"
HOME = "H12.14"
"""The department that sent the officials."""
FIRST = date(2025, 7, 1)
"""Of the quarter before the tests' clock."""


def register(
    service: ServiceUnderTest,
    subject: str,
    since: date = date(2025, 1, 1),
    *,
    name: str = "",
    agency: str = CENTRE,
    active: bool = True,
    home: str | None = HOME,
) -> None:
    """Adds an entry to an agency's register of officials."""

    def run(work: UnitOfWork) -> None:
        row = {
            "id": new_id(),
            "subject": subject,
            "agency": agency,
            "valid_from": since,
            "name": name or f"Nguyễn Thị {subject}",
            "position": "Chuyên viên",
            "home_agency": home,
            "counter": None,
            "active": active,
            "recorded_by": "leader-1",
            "recorded_at": work.now,
        }
        work.connection.execute(officials.insert(), personal_values(officials, row))

    service.store.run(run)


def rate(
    work: UnitOfWork,
    score: int,
    at: datetime,
    official: str | None = None,
    counter: int | None = None,
    agency: str = CENTRE,
) -> str:
    """Keeps the rating of a visit; returns its id."""
    id_ = new_id()
    new = NewRating(id_, OF_VISIT, agency, Rating(score), "device", at, counter=counter, official=official)
    assert keep_rating(work, new)
    return id_


def rate_often(
    service: ServiceUnderTest,
    scores: dict[int, int],
    official: str | None = None,
    counter: int | None = None,
    agency: str = CENTRE,
    at: datetime = datetime(2025, 8, 5, 9, 0, tzinfo=VIETNAM),
) -> list[str]:
    """Keeps so many ratings of each score, a minute apart; returns their ids."""
    given = [score for score, number in scores.items() for _ in range(number)]

    def run(work: UnitOfWork) -> list[str]:
        return [
            rate(work, score, at + timedelta(minutes=place), official, counter, agency)
            for place, score in enumerate(given)
        ]

    return service.store.run(run)


def correct(service: ServiceUnderTest, rating: str, score: int | None) -> None:
    """Corrects a rating."""
    service.store.run(lambda work: correct_rating(work, rating, score, "nhập nhầm", "leader-1"))


def seed_quarter(service: ServiceUnderTest, number: int = 300) -> None:
    """Ratings from June to October 2025: at the edges of the quarter to the second, of officials who come and go, of dossiers with several
    officials or one in two parts, corrected once and twice, and taken out."""
    chance = random.Random(20250930)
    staff = ["an", "binh", "chi", "dung", "em"]
    for subject in staff:
        register(service, subject)
    register(service, "binh", date(2025, 8, 20), active=False)  # has left
    register(service, "chi", date(2025, 7, 15), active=False)  # was away for a month
    register(service, "chi", date(2025, 8, 15))
    register(service, "giang", date(2025, 9, 1))  # came late
    register(service, "hoa", agency=OTHER_DESK)
    edges = [
        datetime(2025, 7, 1, tzinfo=VIETNAM),
        datetime(2025, 6, 30, 23, 59, 59, tzinfo=VIETNAM),
        datetime(2025, 9, 30, 23, 59, 59, tzinfo=VIETNAM),
        datetime(2025, 10, 1, tzinfo=VIETNAM),
        datetime(2025, 8, 19, 23, 59, 59, tzinfo=VIETNAM),  # the last moment of one who leaves
        datetime(2025, 8, 20, tzinfo=VIETNAM),
    ]
    begin = datetime(2025, 6, 20, 8, 0, tzinfo=VIETNAM)
    moments = edges * 3 + [begin + timedelta(minutes=chance.randrange(115 * 1440)) for _ in range(number)]

    def run(work: UnitOfWork) -> list[str]:
        kept = []
        for place, at in enumerate(moments):
            who = chance.choice([*staff, "giang", "hoa", "hoa"])
            desk = OTHER_DESK if who == "hoa" else CENTRE
            score = chance.choices([5, 4, 3, 2, 1], [50 - len(who) * 4, 25, 10, 8, 7])[0]
            if place % 4:
                kept.append(rate(work, score, at, who, chance.choice([1, 2, 3, None]), desk))
            else:
                kept.append(_rate_dossier(work, score, at, who, desk, chance.choice(staff), place))
        return kept

    kept = service.store.run(run)
    for place, rating in enumerate(kept):
        if place % 17 == 0:
            correct(service, rating, None if place % 2 else 1)
        if place % 34 == 0:
            service.hand.pass_(1)
            correct(service, rating, 5)


def _rate_dossier(
    work: UnitOfWork, score: int, at: datetime, received: str, desk: str, handled: str, place: int
) -> str:
    """Keeps the rating of a dossier; every third official has both received and handled it."""
    id_ = new_id()
    new = NewRating(
        id_, OF_DOSSIER, desk, Rating(score), "web", at, dossier=f"D-{place}", procedure="1.1", field="land"
    )
    assert keep_rating(work, new)
    parts = [Part(received, RECEPTION), Part(handled, HANDLING)]
    add_rating_officials(work, id_, [*parts, Part(received, HANDLING)] if place % 3 == 0 else parts)
    return id_
