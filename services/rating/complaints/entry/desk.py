"""What the clerks' pages of entering complaints share: whose agency's it is, the common fields, and what is told when one is lodged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from flask import Response, make_response, redirect, request

from services.rating.complaints.domain import Channel, Fault, Lodged, NewComplaint
from services.rating.complaints.entry_rules import addressable, entry_rules
from services.rating.complaints.public.faults import LABELS
from services.rating.complaints.public.forms import typed_complaint
from services.rating.complaints.rules import complaint_rules
from shared.auth import Principal
from shared.catalogue import FIELDS
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, scope_checked
from shared.web.carried_form import carried, carry
from shared.web.views import context

CLERKS = ("clerk", "leader")
"""Who reads the logs; only clerks enter."""
TOLD = "motcua_entered"
"""The cookie that shows a clerk for some minutes the codes to be told."""


def caller(actor: Principal) -> dict[str, str]:
    """Who looks at a page, for its frame."""
    return {"subject": actor.subject, "agency": actor.agency, "role": "clerk" if actor.has("clerk") else "leader"}


def own_agencies() -> frozenset[str]:
    """The agencies whose hotline and box the caller's agency keeps."""
    here, actor = context(), principal()
    scope_checked()
    return here.reference.agencies.handled_by(actor.agency, here.clock.now().date()) | {actor.agency}


def entered_complaint(form: Mapping[str, str], id: str, channel: Channel, received_at: datetime | None) -> NewComplaint:
    """What the common fields of a clerk's form say, for the clerk's agency unless another is chosen.

    Raises:
        services.rating.complaints.domain.Unacceptable: no kind was chosen.
    """
    actor = principal()
    language = "en" if form.get("language") == "en" else "vi"
    new = typed_complaint({**form, "id": id}, channel, language, actor.agency)
    return replace(new, entered_by=actor.subject, received_at=received_at)


def form_parts(typed: Mapping[str, str], id: str) -> dict[str, Any]:
    """What the template of the common fields needs."""
    here = context()
    today = here.clock.now().date()
    return {
        "caller": caller(principal()),
        "id": id,
        "given": typed,
        "labels": LABELS,
        "rules": complaint_rules(today),
        "limits": entry_rules(today),
        "agencies": [(one.code, one.name, "vi") for one in addressable(here.reference.agencies, today)],
        "fields": [(code, name, "vi") for code, name in FIELDS.items()],
        "now": here.clock.now().astimezone(VIETNAM),
    }


def tell(place: str, lodged: Lodged | None) -> Response:
    """The redirect to the page that shows code and secret of what was entered, to be told or handed over."""
    response = make_response(redirect(place, 303))
    if lodged is not None:
        secure = context().settings.public_url.startswith("https:")
        told = {"code": lodged.code, "secret": lodged.secret, "due": lodged.answer_by.isoformat()}
        carry(response, TOLD, place, told, secure)
    return response


def told() -> dict[str, Any] | None:
    """Code, secret and due moment of what was just entered; None when there is nothing to tell (any more)."""
    found = carried(request, TOLD)
    if not {"code", "secret", "due"} <= found.keys():
        return None
    try:
        return {**found, "due": datetime.fromisoformat(found["due"])}
    except ValueError:
        return None


def moment(typed: str) -> datetime | None:
    """A local time as the browser's field gives it; None where it is missing or not one."""
    try:
        return datetime.fromisoformat(typed.strip()).replace(tzinfo=VIETNAM)
    except ValueError:
        return None


def day(typed: str) -> date | None:
    """A day as the browser's field gives it; None where it is missing or not one."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def received(on: date, now: datetime) -> datetime:
    """When something is taken to have come that came on a day: at its beginning, so that no time is lost for who wrote it."""
    return min(datetime.combine(on, time.min, VIETNAM), now)


def missing(field: str) -> Fault:
    """A day or time that is missing or not one."""
    return Fault(field, "Nhập ngày, giờ hợp lệ.", "Enter a valid day or time.")


def place_after(text: str) -> tuple[datetime, str] | None:
    """Moment and id after which a page of a list begins; None for the beginning, and for what is no place."""
    at, _, id_ = text[:200].partition(" ")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (found, id_) if id_ and found.tzinfo else None
