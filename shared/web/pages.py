"""What all pages share: their blueprint, and filters that write dates, times and money as people in Vietnam do."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from flask import Blueprint, Flask

from shared.runtime.clock import VIETNAM

SERVICE_TITLES = {
    "intake": ("Tiếp nhận và trả kết quả", "Filing, tickets, receipts, fees and results"),
    "routing": ("Luân chuyển và xử lý", "The way through the agencies and the legal deadlines"),
    "notify": ("Thông báo và bưu chính", "SMS, e-mail, chat and public post"),
    "rating": ("Đánh giá và phản ánh", "Ratings, complaints and feedback"),
    "stats": ("Thống kê và báo cáo", "Dashboards, boards, reports and the 766 index"),
}
"""The services' names for people, in Vietnamese and in English."""


def page_blueprint(service: str, import_name: str, name: str = "pages") -> Blueprint:
    """The web pages of a service, under ``/<service>``, with their templates beside them in ``templates/``.

    Args:
        service: the service's name.
        import_name: the module's ``__name__``.
        name: unique in the service; templates use it in ``url_for("pages.…")``.
    """
    return Blueprint(name, import_name, url_prefix=f"/{service}", template_folder="templates")


def vietnamese_date(day: date) -> str:
    """A day as people in Vietnam write it: 31/12/2025."""
    if isinstance(day, datetime):
        day = day.astimezone(VIETNAM).date()
    return f"{day:%d/%m/%Y}"


def vietnamese_time(moment: datetime) -> str:
    """A moment as receipts print it: 15:30 ngày 31/12/2025."""
    return f"{moment.astimezone(VIETNAM):%H:%M} ngày {moment.astimezone(VIETNAM):%d/%m/%Y}"


def vietnamese_money(dong: int) -> str:
    """An amount with dots between the thousands: 1.250.000 ₫."""
    return f"{dong:,}".replace(",", ".") + "\u00a0₫"


def prepare_pages(app: Flask) -> None:
    """Adds the filters ``date_vi``, ``time_vi`` and ``money_vi`` to an app's templates.

    Args:
        app: its templates extend ``base.html``.
    """
    app.jinja_env.filters.update(date_vi=vietnamese_date, time_vi=vietnamese_time, money_vi=vietnamese_money)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    changed = max(styles.stat().st_mtime_ns for styles in Path(app.static_folder or "").glob("*.css"))
    # the address changes with the files, so a browser never shows a new page with old styles from its cache
    app.jinja_env.globals["styles_version"] = f"{changed:x}"
