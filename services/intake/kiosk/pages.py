"""The pages of a kiosk: all of them, and the first one."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, render_template, request

from services.intake.kiosk import check_in_pages, lookup_pages, procedure_pages, ticket_pages
from services.intake.kiosk.session import COOKIE, current_kiosk, keep_paired
from services.intake.kiosk.visits import forget_opened, pages, visit
from shared.web.authorization import roles
from shared.web.kiosk_visit import new_visit
from shared.web.session_cookie import local_path

__all__ = ["check_in_pages", "lookup_pages", "pages", "procedure_pages", "ticket_pages"]
IDLE_AT_HOME = 45


@pages.get("")
@roles("device", agency="path")
def home(agency: str) -> Response:
    """The first page. It ends the visit before it, and forgets what that person has opened and chosen."""
    g.motcua_visit = new_visit(agency)
    response = make_response(render_template("intake/kiosk/home.html", at_home=True, idle_seconds=IDLE_AT_HOME))
    forget_opened(response)
    if current_kiosk() is not None:
        keep_paired(response, request.cookies[COOKIE])
    return response


@pages.get("/<visit>")
@roles("device", agency="path")
def menu(agency: str) -> str:
    """The same choices within the visit."""
    return render_template("intake/kiosk/home.html")


@pages.post("/<visit>/view")
@roles("device", agency="path")
def change_view(agency: str) -> Response:
    """Shows the pages in another way, until the visit ends."""
    here = visit()
    g.motcua_visit = here.toggled(request.form.get("view", ""))
    menu_path = f"{here.home}/{here.id}"
    back = local_path(request.form.get("back", "")[:2000], menu_path)
    back = back if back.startswith((menu_path, "/rating/")) else menu_path
    return make_response(redirect(back, 303))
