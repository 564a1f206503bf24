"""Complaints for the pages of officials: one in each state that shows something else, and the people of a desk."""

from __future__ import annotations

import uuid
from datetime import date

from services.rating.complaints import handling
from services.rating.complaints.access import Access, Actor
from services.rating.complaints.commands import lodge_complaint
from services.rating.complaints.domain import Channel, Complainant, Kind, Lodged, NewComplaint
from services.rating.officials.store import officials
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

TEXT = "Tôi chờ ở quầy số 3 đã hai giờ mà chưa được gọi.\nXin gọi lại số 0912345678."
ANSWER = "Quầy số 3 đã được bố trí thêm người từ hôm nay."


def complain_about_something(rating: Context, desk: str) -> dict[str, str]:
    """Lodges complaints at a desk, and lets its officials act on them.

    Args:
        rating: the service's context.
        desk: its code.

    Returns:
        state → code of the complaint that is in it.
    """
    leader, handler = f"leader@{desk}", f"clerk@{desk}"
    for subject, name, position in (
        (handler, "Trần Thị Mận", "Chuyên viên"),
        ("leader-7", "Lê Văn Ổi", "Phó Giám đốc"),
    ):
        rating.store.run(lambda work, row=(subject, name, position): _employ(work, desk, *row))  # type: ignore[misc]
    codes = {
        state: rating.store.run(lambda work: _lodge(work, desk)).code
        for state in ("lodged", "waiting", "drafted", "answered")
    }

    def act(work: UnitOfWork) -> None:
        led, own = _access(work, "leader-7", "leader", desk), _access(work, handler, "clerk", desk)
        handling.request_more(work, led, codes["waiting"], None, "Xin cho biết ngày và số quầy.")
        for state in ("drafted", "answered"):
            handling.assign(work, led, codes[state], None, handler)
            handling.draft_answer(work, own, codes[state], None, ANSWER)
        handling.approve(work, _access(work, leader, "leader", desk), codes["answered"], None)

    rating.store.run(act)
    return codes


def _lodge(work: UnitOfWork, desk: str) -> Lodged:
    who = Complainant("Nguyễn Thị Bưởi", "Ấp 3, xã Phước Long", "0912345678", "buoi@example.vn")
    new = NewComplaint(str(uuid.uuid4()), Kind.FEEDBACK, Channel.WEB, desk, TEXT, "delay", who, about="Cán bộ quầy 3")
    return lodge_complaint(work, new)


def _access(work: UnitOfWork, subject: str, role: str, desk: str) -> Access:
    return Access(work.connection, work.reference.agencies, Actor(subject, desk, frozenset({role})), work.now.date())


def _employ(work: UnitOfWork, desk: str, subject: str, name: str, position: str) -> None:
    row = {
        "id": str(uuid.uuid4()),
        "subject": subject,
        "agency": desk,
        "valid_from": date(2025, 1, 1),
        "name": name,
        "position": position,
        "home_agency": None,
        "counter": None,
        "active": True,
        "recorded_by": f"leader@{desk}",
        "recorded_at": work.now,
    }
    work.execute(officials.insert(), personal_values(officials, row))
