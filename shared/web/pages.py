"""What all pages share: their blueprint, and filters that write dates, times and money as people in Vietnam do."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from flask import Blueprint, Flask, has_request_context, request

from shared.runtime.clock import VIETNAM
from shared.web.current_context import context
from shared.web.kiosk_visit import current_visit
from shared.web.language import language
from shared.web.staff_menu import menu_of

MAX_SHOWN_AGAIN = 2000
"""Characters of a typed text that a form shows again; longer than any field takes."""


def page_blueprint(service: str, import_name: str, name: str = "pages") -> Blueprint:
    """The web pages of a service, under ``/<service>``, with their templates beside them in ``templates/``.

    Args:
        service: the service's name.
        import_name: the module's ``__name__``.
        name: unique in the service; templates use it in ``url_for("pages.…")``.
    """
    return Blueprint(name, import_name, url_prefix=f"/{service}", template_folder="templates")


def written_date(day: date) -> str:
    """A day as people in Vietnam write it: 31/12/2025."""
    if isinstance(day, datetime):
        day = day.astimezone(VIETNAM).date()
    return f"{day:%d/%m/%Y}"


def written_birth_date(text: str) -> str:
    """A stored date of birth, ``1990-01-31`` or the year alone, as people in Vietnam write it."""
    return "/".join(reversed(text.split("-")))


def vietnamese_time(moment: datetime) -> str:
    """A moment as receipts print it: 15:30 ngày 31/12/2025."""
    return f"{moment.astimezone(VIETNAM):%H:%M} ngày {moment.astimezone(VIETNAM):%d/%m/%Y}"


def written_time(moment: datetime) -> str:
    """A moment in the language of the page: 15:30 ngày 31/12/2025, or 15:30 on 31/12/2025."""
    local = moment.astimezone(VIETNAM)
    return vietnamese_time(moment) if language() == "vi" else f"{local:%H:%M} on {local:%d/%m/%Y}"


def written_clock(moment: datetime) -> str:
    """The time of day in Vietnam: 15:30."""
    return f"{moment.astimezone(VIETNAM):%H:%M}"


def vietnamese_money(dong: int) -> str:
    """An amount with dots between the thousands: 1.250.000 ₫."""
    return f"{dong:,}".replace(",", ".") + "\u00a0₫"


def written_money(dong: int) -> str:
    """An amount in the language of the page: 1.250.000 ₫, or 1,250,000 ₫."""
    return f"{written_number(dong)}\u00a0₫"


def written_number(value: int) -> str:
    """A whole number in the language of the page: 1.234.567, or 1,234,567."""
    return f"{value:,}".replace(",", ".") if language() == "vi" else f"{value:,}"


def written_decimal(value: float, places: int | None = None) -> str:
    """A number in the language of the page, 7,5 or 7.5: with so many decimals, or as many as it needs."""
    plain = f"{value:g}" if places is None else f"{value:.{places}f}"
    return plain.replace(".", ",") if language() == "vi" else plain


def submitted_scope() -> str:
    """Which of the page's forms was sent and is now shown again: its hidden field ``action``; empty on a page with one form."""
    return request.form.get("action", "") if has_request_context() and request.method == "POST" else ""


def submitted(scope: str) -> bool:
    """Whether a form was sent and is now shown again; true also for the only form of a page, and for one that is sent by GET.

    Args:
        scope: the form's ``action``; empty for the only form of a page.
    """
    return scope == submitted_scope()


def typed(scope: str, name: str, otherwise: object) -> object:
    """The value of a field: what was typed if its form was sent and is now shown again, so that nobody has to type it twice.

    Args:
        scope: as for :func:`submitted`.
        name: of the field.
        otherwise: the value in a form that is shown for the first time.
    """
    if not has_request_context() or request.method != "POST" or not submitted(scope):
        return otherwise
    value = request.form.get(name)
    return otherwise if value is None else value[:MAX_SHOWN_AGAIN]


def _shown(value: object) -> object:
    """What a page shows for a value: nothing for None, so that no sentence holds the word."""
    return "" if value is None else value


def agency_name(code: str) -> str:
    """An agency's name today, its last one if it has ended, or the code itself if it is unknown."""
    here = context()
    return here.reference.agencies.name_of(code, here.clock.now().astimezone(VIETNAM).date())


def prepare_pages(app: Flask) -> None:
    """Adds to an app's templates the filters that write dates, times, money and numbers, and what fields of forms need.

    Args:
        app: its templates extend ``base.html``.
    """
    app.jinja_env.globals["kiosk_visit"] = current_visit
    app.jinja_env.globals["menu_of"] = menu_of
    app.jinja_env.globals.update(submitted=submitted, submitted_scope=submitted_scope, typed=typed)
    app.jinja_env.filters.update(
        date=written_date,
        birth_date=written_birth_date,
        moment=written_time,
        clock=written_clock,
        money=written_money,
        number=written_number,
        decimal=written_decimal,
        agency_name=agency_name,
        time_vi=vietnamese_time,
        money_vi=vietnamese_money,
    )
    app.jinja_env.finalize = _shown
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    changed = max(styles.stat().st_mtime_ns for styles in Path(app.static_folder or "").glob("*.[cj]s*"))
    # the address changes with the files, so a browser never shows a new page with old styles from its cache
    app.jinja_env.globals["styles_version"] = f"{changed:x}"
