"""The blueprint of officials' pages of complaints, and what their templates need."""

from __future__ import annotations

from services.rating.complaints.labels import ACTS, CHANNELS, DEADLINES, FINDINGS, STATES
from services.rating.complaints.rules import complaint_rules
from shared.runtime.clock import VIETNAM
from shared.web.language import text
from shared.web.pages import page_blueprint
from shared.web.views import context

LISTS = {"states": STATES, "acts": ACTS, "channels": CHANNELS, "deadlines": DEADLINES, "findings": FINDINGS}

pages = page_blueprint("rating", __name__, "complaint_pages")


@pages.app_template_filter()
def complaint_word(word: str, among: str) -> str:
    """The label of a state, an act and the like, in the language of the page.

    Args:
        word: as programs have it.
        among: states, acts, channels, deadlines, findings, kinds, topics or grounds.
    """
    if among in LISTS:
        return text(*LISTS[among].get(word, (word, word)))
    rules = complaint_rules(context().clock.now().astimezone(VIETNAM).date())
    if among == "kinds":
        return next((text(one.vi, one.en) for one in rules.kinds if one.kind == word), word)
    found = rules.topic(word) if among == "topics" else rules.ground(word)
    return text(found.vi, found.en) if found else word
