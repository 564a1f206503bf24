"""The words of the index on pages and in files, in Vietnamese and English."""

from __future__ import annotations

from services.stats.index.domain import State
from services.stats.index.formulas import ALL, MET, UNMET
from services.stats.index.periods import KINDS, MONTH, QUARTER, YEAR, IndexPeriod, period_of
from services.stats.index.ranking import RankedGroup
from services.stats.index.shortened import UNKNOWN
from shared.runtime.clock import VIETNAM
from shared.web.views import context

OFFERED = {MONTH: 13, QUARTER: 5, YEAR: 3}
"""How many periods of each kind a page offers; an older one is found by its address."""
STATES = {
    State.MEASURED: ("Hệ thống đo", "Measured"),
    State.ENTERED: ("Nhập từ ngoài", "Entered from outside"),
    State.EMPTY: ("Chưa phát sinh", "No case"),
    State.MISSING: ("Thiếu số liệu", "Missing"),
}
SIDES = {MET: ("Đạt", "Met"), UNMET: ("Không đạt", "Not met"), ALL: ("Tất cả", "All")}
GROUPS = {
    RankedGroup.DEPARTMENTS: ("Sở, ban, ngành và cơ quan cấp tỉnh", "Departments and agencies of the province"),
    RankedGroup.DISTRICTS: ("Ủy ban nhân dân cấp huyện", "Districts"),
    RankedGroup.COMMUNES: ("Ủy ban nhân dân cấp xã", "Communes"),
}
LEVELS = {
    "central": ("Cấp trung ương", "Central"),
    "province": ("Cấp tỉnh", "Province"),
    "district": ("Cấp huyện", "District"),
    "commune": ("Cấp xã", "Commune"),
    UNKNOWN: ("Chưa ghi cấp", "Level not stated"),
}
CERTAINTIES = {
    "law": ("theo văn bản", "read in the text"),
    "secondary": ("theo báo chí, văn bản địa phương", "from the press and provinces' papers"),
    "memory": ("chưa đối chiếu văn bản", "not checked against the text"),
}


def offered_periods(asked: IndexPeriod) -> list[IndexPeriod]:
    """The periods that a page offers, the newest of each kind first; the one that is shown is among them."""
    today = context().clock.now().astimezone(VIETNAM).date()
    found: list[IndexPeriod] = []
    for kind in KINDS:
        one = period_of(kind, today)
        for _ in range(OFFERED[kind]):
            found.append(one)
            one = one.before
    return found if asked in found else [asked, *found]
