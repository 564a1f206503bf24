"""Pages of parcels: the list with its worries first, the form for a new one, and one parcel with its tracking."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from flask import Response, render_template, request

from services.notify import access
from services.notify.post.fees import postal_fees
from services.notify.post.parcels import store
from services.notify.post.parcels.commands import cancel_parcel, mark_handled, request_parcel
from services.notify.post.parcels.domain import CANCELLABLE, WORRYING, Contents, ParcelState, UnknownParcel
from services.notify.post.parcels.form import FIELDS, MAX_ADDRESS, MAX_CODE, read_form
from services.notify.post.providers.configured import new_parcels_by
from services.notify.post.providers.port import TrackingStatus
from services.notify.post.shown import PDF, act, caller, download, handled_agencies, readable_agencies
from services.notify.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.text import clean_code
from shared.web.authorization import principal, roles
from shared.web.one_time_notice import one_time_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MOST = 200
LABELS = {
    "dossier": ("Mã hồ sơ", "Dossier"),
    "contents": ("Nội dung bưu gửi", "What it carries"),
    "grams": ("Khối lượng (gam)", "Weight (grams)"),
    "address": ("Địa chỉ của người nộp", "The applicant's address"),
}
STATUSES = {
    TrackingStatus.ACCEPTED: ("Bưu điện đã nhận", "Taken by the post"),
    TrackingStatus.IN_TRANSIT: ("Đang chuyển", "On its way"),
    TrackingStatus.OUT_FOR_DELIVERY: ("Đang đi phát", "Out for delivery"),
    TrackingStatus.FAILED_ATTEMPT: ("Phát chưa được", "Delivery was tried"),
    TrackingStatus.DELIVERED: ("Đã phát", "Delivered"),
    TrackingStatus.RETURNED: ("Đã chuyển hoàn", "Returned"),
    TrackingStatus.LOST: ("Bị thất lạc", "Lost"),
}
"""What people call the post's reports, in Vietnamese and in English."""
BADGES = {
    ParcelState.DELIVERED: "good",
    ParcelState.RETURNED: "late",
    ParcelState.LOST: "late",
    ParcelState.REFUSED: "late",
    ParcelState.ATTEMPTED: "waiting",
    ParcelState.CANCELLED: "plain",
}

pages = page_blueprint("notify", __name__, "parcel_pages")


@pages.get("/post/parcels")
@roles(*access.POST_READERS, agency="record")
@audited
@domain_errors_as_problems()
def parcels() -> str:
    """Parcels of the caller's agencies: those with which the desk has to deal, then all, or those of one dossier."""
    return _list()


@pages.post("/post/parcels")
@roles(*access.POST_CLERKS, agency="record")
@domain_errors_as_problems()
def register() -> Response:
    """Asks for a parcel to be registered with the post, which is done at once in the background."""
    mine, by = handled_agencies(), principal().subject
    typed = {name: request.form.get(name, "") for name in FIELDS}
    fees = postal_fees(context().clock.now().astimezone(VIETNAM).date())

    def effect(work: UnitOfWork) -> dict[str, Any]:
        form = read_form(work.connection, typed, mine, fees)
        return {"id": request_parcel(work, **form.arguments(), provider=new_parcels_by(), by=by)}

    return act(effect, _list, "parcel_pages.parcel")


@pages.get("/post/parcels/<id>")
@roles(*access.POST_READERS, agency="record")
@audited
@domain_errors_as_problems()
def parcel(id: str) -> str:
    """A parcel with its tracking."""
    return _parcel(id)


@pages.post("/post/parcels/<id>")
@roles(*access.POST_CLERKS, agency="record")
@domain_errors_as_problems()
def change_parcel(id: str) -> Response:
    """Cancels a parcel, or records that the desk has dealt with its loss or return."""
    mine, by, action = handled_agencies(), principal().subject, request.form.get("action", "")

    def effect(work: UnitOfWork) -> dict[str, Any]:
        if action == "cancel":
            cancel_parcel(work, id, mine)
        elif action == "handled":
            mark_handled(work, id, mine, by)
        else:
            raise Problem(422, "invalid")
        return {"id": id}

    return act(effect, lambda problem: _parcel(id, problem), "parcel_pages.parcel")


@pages.get("/post/parcels/<id>/label.pdf")
@roles(*access.POST_READERS, agency="record")
@audited
@domain_errors_as_problems()
def label(id: str) -> Response:
    """The label that the post has sent, to print and stick on the parcel."""
    agencies = readable_agencies()
    with context().store.read() as connection:
        found = _of(store.find(connection, id), id, agencies)
        content = base64.b64decode(store.label_of(connection, id))
    if not content:
        raise Problem(404, "not-found")
    record_reading("parcel-label", found.dossier)
    return download(content, PDF, f"nhan-{found.number}.pdf")


def _of(found: store.Parcel | None, id: str, agencies: frozenset[str]) -> store.Parcel:
    if found is None:
        raise UnknownParcel(id)
    if found.agency not in agencies:
        raise access.WrongAgency
    return found


def _list(problem: Problem | None = None) -> str:
    agencies, dossier = readable_agencies(), clean_code(request.args.get("dossier", ""))[:MAX_CODE]
    record_reading("parcels", dossier or principal().agency)
    with context().store.read() as connection:
        worrying = store.listed(connection, agencies, "", True, MOST) if not dossier else []
        found = store.listed(connection, agencies, dossier, False, MOST)
    return render_template(
        "notify/parcels.html",
        caller=caller(),
        worrying=worrying,
        parcels=found,
        dossier=dossier,
        registers=principal().has("clerk"),
        contents={str(one): one.label for one in Contents},
        states={str(one): (one.label, BADGES.get(one, "busy")) for one in ParcelState},
        labels=LABELS,
        max_address=MAX_ADDRESS,
        max_code=MAX_CODE,
        most=MOST,
        form_key=secrets.token_urlsafe(),
        problem=problem,
    )


def _parcel(id: str, problem: Problem | None = None) -> str:
    here, agencies = context(), readable_agencies()
    with here.store.read() as connection:
        found = _of(store.find(connection, id), id, agencies)
        events = store.tracking_of(connection, found.provider, found.number) if found.number else []
        has_label = bool(store.label_of(connection, id))
    record_reading("parcel", found.dossier)
    state, day = ParcelState(found.state), here.clock.now().astimezone(VIETNAM).date()
    clerk = principal().has("clerk") and found.agency in here.reference.agencies.handled_by(principal().agency, day)
    return render_template(
        "notify/parcel.html",
        caller=caller(),
        parcel=found,
        state=state,
        badge_kind=BADGES.get(state, "busy"),
        contents=Contents(found.contents).label,
        events=events,
        statuses=STATUSES,
        has_label=has_label,
        cancels=clerk and bool(found.created_by) and state in CANCELLABLE,
        settles=clerk and state in WORRYING and found.handled_at is None,
        keys=[secrets.token_urlsafe() for _ in range(2)],
        problem=problem,
        notice=one_time_notice(),
    )
