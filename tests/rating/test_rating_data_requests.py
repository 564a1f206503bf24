"""Rating says how a dossier was rated, to intake alone; what a citizen wrote is erased with the dossier."""

from __future__ import annotations

from sqlalchemy import text

from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import Rating
from services.rating.ratings.store import ratings
from tests.rating.support import invite
from tests.support.events import event
from tests.support.service import ServiceUnderTest

COMMENT = "Cán bộ Nguyễn Zqxương tận tình"
REQUESTED = event("personal_data.requested", 2, dossier="D-1")


def test_a_rating_is_provided_sealed_and_kept_sealed(both: ServiceUnderTest) -> None:
    token = invite(both)
    both.apply(REQUESTED)
    both.store.run(lambda work: submit_rating(work, token, Rating(4, {"attitude": 5}, COMMENT)))
    assert both.apply(REQUESTED).duplicates == 1
    both.apply(event("personal_data.requested", 3, dossier="D-1"), event("personal_data.requested", 1, dossier="D-2"))
    before, after, nothing = [one.data["rating"] for one in both.emitted("personal_data.rating_provided")]
    assert (before["given_at"], before["score"], before["criteria"]) == (None, None, [])
    assert (after["score"], after["comment"]) == (4, COMMENT)
    assert [(one["name"], one["score"]) for one in after["criteria"]] == [("attitude", 5)]
    assert after["criteria"][0]["label"] == "Thái độ của cán bộ, công chức"
    assert nothing is None, "nobody was invited to rate it"
    with both.store.read() as connection:
        stored = [str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in ("rating", "outbox")]
    assert "Zqxương" not in " ".join(stored)


def test_what_a_citizen_wrote_is_erased_and_the_score_stays(both: ServiceUnderTest) -> None:
    token = invite(both)
    both.store.run(lambda work: submit_rating(work, token, Rating(2, {}, COMMENT)))
    erased = event("dossier.erased", 2, dossier="D-1")
    both.apply(erased)
    assert both.apply(erased).duplicates == 1
    (row,) = both.rows(ratings)
    assert (row["score"], row["comment"]) == (2, "")
    both.apply(event("personal_data.requested", 3, dossier="D-1"))
    assert both.emitted("personal_data.rating_provided")[0].data["rating"]["comment"] == ""
