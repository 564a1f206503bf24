"""What devices have delivered and does not count: a leader looks at it and decides. Nothing is deleted.

The page names neither the visit nor the time of day, so that nobody finds out who rated (NĐ 118/2025, Điều 29.3).
"""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from services.rating.devices import store
from services.rating.devices.delivery import decide
from services.rating.devices.domain import COUNTABLE, Outcome
from services.rating.devices.rules import device_rules
from services.rating.problems import domain_errors_as_problems
from services.rating.ratings.form import rating_form
from shared.web.authorization import principal, roles, scope_checked
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.views import context

SHOWN = 100
REASONS = {
    Outcome.TOO_SOON: (
        "Quá gần đánh giá trước, có thể một người bấm nhiều lần",
        "Too soon after another one: perhaps one person",
    ),
    Outcome.RATED_BEFORE: ("Lượt này đã được đánh giá", "The visit was rated before"),
    Outcome.UNKNOWN_VISIT: ("Không thấy lượt phục vụ tại quầy này", "No such visit at this counter"),
    Outcome.UNKNOWN_PLACE: ("Không rõ máy đặt tại quầy nào", "It is not known where the machine stood"),
    Outcome.TIME_UNKNOWN: (
        "Không rõ thời điểm: giờ trên máy sai",
        "The time is not known: the machine's clock was wrong",
    ),
    Outcome.INVALID: ("Không đúng mẫu đánh giá", "Not what the form asks"),
    Outcome.CONFLICT: ("Trùng mã với một đánh giá khác", "Another rating has its id"),
}
"""Why a rating does not count, in both languages."""

pages = page_blueprint("rating", __name__, "device_review_pages")


@pages.get("/devices/review")
@roles("leader", agency="record")
def review() -> str:
    """The ratings that lie aside at the leader's desk, by day, without number and time."""
    scope_checked()  # of the leader's own desk alone
    caller = principal()
    with context().store.read() as connection:
        found = store.undecided(connection, caller.agency, SHOWN)
    return render_template(
        "rating/device/review.html",
        caller={"subject": caller.subject, "agency": caller.agency, "role": "leader"},
        found=found,
        reasons=REASONS,
        countable=COUNTABLE,
        form=rating_form(),
        courtesies=device_rules().courtesies,
        shown=SHOWN,
        notice=one_time_notice(),
    )


@pages.post("/devices/review")
@roles("leader", agency="record")
def decide_about() -> Response:
    """Lets a rating count that lies aside, or leaves it out. Decided once; the same decision sent again changes nothing."""
    scope_checked()  # of the leader's own desk alone
    caller, form = principal(), request.form
    id_, fingerprint, counts = (
        form.get("id", "")[:36],
        form.get("fingerprint", "")[:64],
        form.get("decision") == "count",
    )
    with domain_errors_as_problems():
        context().store.run(lambda work: decide(work, caller.agency, id_, fingerprint, caller.subject, counts))
    return redirect_with_notice(url_for("device_review_pages.review"), "counted" if counts else "left_out")
