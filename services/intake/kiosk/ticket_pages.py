"""At a kiosk: taking a number. The number is on the screen before anything is printed, so no printer can lose it."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, jsonify, make_response, render_template, request

from services.intake.kiosk.commands import count_ticket
from services.intake.kiosk.printing.pages import printed_answer, printer_here
from services.intake.kiosk.printing.slip import Slip
from services.intake.kiosk.session import current_kiosk
from services.intake.kiosk.visits import keep_opened, opened, pages, show_again
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets import queries, store
from services.intake.tickets.commands import issue
from services.intake.tickets.domain import Ticket
from services.intake.tickets.groups import DeskServices, desk_services
from services.intake.tickets.states import Channel
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import roles
from shared.web.form_once import once_per_form
from shared.web.language import text
from shared.web.pages import agency_name, vietnamese_time
from shared.web.views import context

MOST_PRINTS = 3
"""How often one number is printed; the paper is for the others too."""


@pages.get("/<visit>/ticket")
@roles("device", agency="path")
@vital
def groups(agency: str) -> str:
    """The service groups, with how many wait and how long it will probably take."""
    here, services = context(), _services(agency)
    now = here.clock.now()
    with here.store.read() as connection:
        estimates = queries.wait_estimates(connection, services, now)
        numbers = queries.numbers_by_group(connection, services, now.date())
    return render_template("intake/kiosk/groups.html", services=services, estimates=estimates, numbers=numbers)


@pages.get("/<visit>/ticket/<group>")
@roles("device", agency="path")
@vital
@domain_errors_as_problems()
def ask_priority(agency: str, group: str) -> str:
    """Asks whether the visitor is of those who are called before others; by their own statement, which the counter may check."""
    services = _services(agency)
    return render_template(
        "intake/kiosk/priority.html",
        services=services,
        group=services.group(group),
        form_key=secrets.token_urlsafe(),
    )


@pages.post("/<visit>/ticket/<group>")
@roles("device", agency="path")
@vital
@domain_errors_as_problems()
def take_ticket(agency: str, group: str) -> Response:
    """Gives out the number."""
    kiosk, services, now = current_kiosk(), _services(agency), context().clock.now()

    def take(work: UnitOfWork) -> dict[str, Any]:
        if kiosk is not None:
            count_ticket(work, kiosk.desk, kiosk.number)
        line = [one for one in queries.waiting(work.connection, agency, now) if one.group == group]
        estimate = queries.wait_estimate(work.connection, services, services.group(group).code, now)
        priority = request.form.get("priority", "")[:50]
        ticket = issue(work, services, group=group, channel=Channel.KIOSK, priority=priority)
        wait = f"{estimate.low} {estimate.high}" if estimate and not priority else ""
        return {"ticket": ticket.id, "ahead": "" if priority else str(len(line)), "wait": wait}

    return keep_opened(show_again("issued"), **once_per_form(take), prints="0")


@pages.get("/<visit>/issued")
@roles("device", agency="path")
@vital
def issued(agency: str) -> Response:
    """The visitor's number."""
    ticket = _ticket(agency)
    if ticket is None:
        return show_again("menu")
    known = opened()
    return make_response(
        render_template(
            "intake/kiosk/issued.html",
            ticket=ticket,
            group=_services(agency).group(ticket.group),
            ahead=known.get("ahead", ""),
            wait=known.get("wait", "").split(),
            printer=printer_here(),
            prints=_prints(),
            most_prints=MOST_PRINTS,
            slip=_slip(agency, ticket),
        )
    )


@pages.post("/<visit>/issued")
@roles("device", agency="path")
@vital
def print_ticket(agency: str) -> Response:
    """Prints the visitor's number, once more too."""
    ticket = _ticket(agency)
    if ticket is None:
        return show_again("menu")
    if _prints() >= MOST_PRINTS:
        told = text(
            "Phiếu đã được in. Ông/bà có thể ghi lại số.", "It was printed already. You may write the number down."
        )
        return jsonify(printed=False, enough=True, message=told)
    answer, printed = printed_answer(_slip(agency, ticket))
    return keep_opened(answer or show_again("issued", printed=int(printed)), prints=str(_prints() + 1))


def _services(desk: str) -> DeskServices:
    return desk_services(desk, context().clock.now().date())


def _ticket(desk: str) -> Ticket | None:
    """The ticket that the visitor has taken; None if they have taken none."""
    taken = opened().get("ticket", "")
    if not taken:
        return None
    with context().store.read() as connection:
        return store.get(connection, taken, desk)


def _prints() -> int:
    text = opened().get("prints", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else MOST_PRINTS


def _slip(desk: str, ticket: Ticket) -> Slip:
    group, known = _services(desk).group(ticket.group), opened()
    ahead, wait = known.get("ahead", ""), known.get("wait", "").split()
    lines = [f"Trước ông/bà còn {ahead} người chờ cùng nhóm."] if ahead else []
    lines += [f"Dự kiến chờ {wait[0]}–{wait[1]} phút."] if len(wait) == 2 else []
    return Slip(
        office=agency_name(desk),
        title="SỐ THỨ TỰ",
        number=ticket.shown,
        lead=(group.name, *(("Ưu tiên",) if ticket.prioritised else ())),
        lines=lines,
        foot=("Vui lòng chờ đến khi số được gọi.", "Số chỉ có giá trị trong ngày."),
        printed=f"Lấy số lúc {vietnamese_time(ticket.issued_at)}",
    )
