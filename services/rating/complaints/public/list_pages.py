"""The public list of published answers, with a search, and one of them in full."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template, request, url_for

from services.rating.complaints.domain import CODE
from services.rating.complaints.public import store
from services.rating.complaints.public.pages import frame, keep_kiosk_visit
from services.rating.complaints.public.store import Wanted
from services.rating.complaints.rules import complaint_rules
from services.rating.complaints.store import Publication
from shared.catalogue import FIELDS
from shared.web.authorization import public
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

PAGE_SIZE = 20
MAX_TEXT = 200

pages = page_blueprint("rating", __name__, "feedback_list_pages")
pages.after_request(keep_kiosk_visit)
pages.context_processor(frame)


@pages.get("/feedback")
@public
def published_list() -> str:
    """Answers that were published, the newest first: all, or those of an agency or a field, or with some words."""
    here = context()
    today = here.clock.now().date()
    wanted = Wanted(*(request.args.get(name, "").strip()[:MAX_TEXT] for name in ("q", "agency", "field")))
    place = _place(request.args.get("after", "")[:MAX_TEXT])
    with here.store.read() as connection:
        found = store.published(connection, wanted, place, PAGE_SIZE + 1)
        agencies, fields = store.agencies_published(connection), store.fields_published(connection)
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    given: dict[str, Any] = {"q": wanted.text or None, "agency": wanted.agency or None, "field": wanted.field or None}
    names = {code: here.reference.agencies.name_of(code, today) for code in agencies | {wanted.agency} - {""}}
    return render_template(
        "rating/feedback/list.html",
        found=found[:PAGE_SIZE],
        wanted=wanted,
        agencies=[(code, name, "vi") for code, name in sorted(names.items(), key=lambda one: one[1])],
        fields=[(code, FIELDS.get(code, code), "vi") for code in sorted(fields | {wanted.field} - {""})],
        topics={one.id: one for one in complaint_rules(today).topics},
        beginning=url_for("feedback_list_pages.published_list", **given) if place else "",
        following=_address(last, given) if last else "",
    )


@pages.get("/feedback/answers/<code>")
@public
def published_answer(code: str) -> str:
    """What was published of one complaint."""
    here = context()
    with here.store.read() as connection:
        found = store.published_one(connection, code) if CODE.fullmatch(code) else None
    if found is None:
        raise Problem(404, "not-found")
    topic = complaint_rules(here.clock.now().date()).topic(found.topic)
    return render_template(
        "rating/feedback/answer.html", one=found, topic=topic, field=FIELDS.get(found.field or "", "")
    )


def _address(last: Publication, given: dict[str, Any]) -> str:
    after = f"{last.published_at.isoformat()} {last.complaint}"
    return url_for("feedback_list_pages.published_list", after=after, **given)


def _place(after: str) -> tuple[datetime, str] | None:
    """Moment and complaint after which a page begins; None for the beginning, and for what is no place."""
    at, _, id_ = after.partition(" ")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, id_) if id_ and moment.tzinfo else None
