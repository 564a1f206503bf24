"""The blueprint of routing's pages, and what their templates need."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

from services.routing.pages.labels import INTERVALS, KINDS, OUTCOMES, RESULTS, STATES, STOPS
from shared.web.language import text

LISTS = {
    "states": STATES,
    "outcomes": OUTCOMES,
    "kinds": KINDS,
    "intervals": INTERVALS,
    "results": RESULTS,
    "stops": STOPS,
}
HERE = Path(__file__).parent.parent

pages = Blueprint(
    "pages",
    __name__,
    url_prefix="/routing",
    template_folder=HERE / "templates",
)


@pages.app_template_filter()
def worded(word: str, among: str) -> str:
    """The label of a state, an outcome and the like, in the language of the page; the word itself where it has none.

    Args:
        word: as programs have it.
        among: which list of labels: states, outcomes, kinds, intervals, results or stops.
    """
    return text(*LISTS[among].get(word, (word, word)))
