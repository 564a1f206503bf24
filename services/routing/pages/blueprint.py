"""The blueprint of routing's pages, and what their templates need."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint

from services.routing.dossier.jurisdiction import day_of
from services.routing.pages.labels import KINDS, OUTCOMES, RESULTS, STATES, STOPS
from shared.web.views import context

HERE = Path(__file__).parent.parent
STATIC = HERE / "static"
STYLES_VERSION = sha256((STATIC / "routing.css").read_bytes()).hexdigest()[:12]

pages = Blueprint(
    "pages",
    __name__,
    url_prefix="/routing",
    template_folder=HERE / "templates",
    static_folder=STATIC,
    static_url_path="/assets",
)


@pages.app_template_filter()
def agency_name(code: str) -> str:
    """An agency's name today, its last one if it has ended, or the code itself if it is unknown."""
    here = context()
    return here.reference.agencies.name_of(code, day_of(here.clock.now()))


@pages.app_template_filter()
def worded(word: str, among: str) -> str:
    """The label of a state, an outcome and the like.

    Args:
        word: as programs have it.
        among: which list of labels: states, outcomes, kinds, results or stops.
    """
    lists = {"states": STATES, "outcomes": OUTCOMES, "kinds": KINDS, "results": RESULTS, "stops": STOPS}
    return lists[among].get(word, word)


@pages.context_processor
def _around() -> dict[str, Any]:
    return {"page_styles_version": STYLES_VERSION}
