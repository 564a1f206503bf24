from __future__ import annotations

from services.rating.ratings.form import rating_form


def test_the_form_has_the_contents_of_the_decree() -> None:
    form = rating_form()
    assert list(form.scores) == [5, 4, 3, 2, 1]
    assert set(form.criteria) == {
        *("time", "agencies", "contacts", "information", "attitude", "legality", "explanation", "progress", "other")
    }
    for label in [*form.scores.values(), *form.criteria.values()]:
        assert label.vi
        assert label.en
