"""The menu of officials' pages, by role: what is used all day in the row, everything else under "more".

A service adds a page by one line here; the page itself decides again who may open it.
"""

from __future__ import annotations

from dataclasses import dataclass

STAFF = frozenset({"clerk", "officer", "leader", "operator", "auditor", "agency"})
CLERK, OFFICER, LEADER = frozenset({"clerk"}), frozenset({"officer"}), frozenset({"leader"})
DESK = CLERK | LEADER
AUDITOR = frozenset({"auditor"})


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A page of the menu.

    Attributes:
        path: of the page.
        vi: its name in Vietnamese.
        en: its name in English.
        roles: who sees it in the menu.
        daily: the roles that use it all day and find it in the row; others find it under "more".
        whole: whether the pages below its path belong to it, so that it is marked there too.
    """

    path: str
    vi: str
    en: str
    roles: frozenset[str] = STAFF
    daily: frozenset[str] = frozenset()
    whole: bool = False

    def is_current(self, path: str) -> bool:
        """Whether a path is this page or one of those that belong to it."""
        return path == self.path or (self.whole and path.startswith(self.path))


ITEMS = (
    MenuItem("/routing/", "Công việc", "Work", daily=STAFF),
    MenuItem("/intake/desk", "Tiếp nhận", "Receive", CLERK, CLERK, whole=True),
    MenuItem("/intake/counter", "Gọi số", "Counter", CLERK, CLERK, whole=True),
    MenuItem("/intake/reception", "Phát số", "Numbers", CLERK, CLERK, whole=True),
    MenuItem("/intake/dossiers", "Hồ sơ", "Dossiers", daily=STAFF),
    MenuItem("/intake/conversations", "Chờ trả lời", "Questions", daily=STAFF),
    MenuItem("/intake/applications", "Hồ sơ đăng ký", "Applications", STAFF - OFFICER, DESK),
    MenuItem("/rating/complaint-handling", "Phản ánh", "Complaints", CLERK | OFFICER | LEADER, whole=True),
    MenuItem("/rating/complaint-handling/register", "Sổ phản ánh", "Register of complaints", frozenset({"auditor"})),
    MenuItem("/routing/apologies", "Xin lỗi", "Apologies", LEADER, LEADER, whole=True),
    MenuItem("/intake/payments", "Thu phí", "Payments", DESK, whole=True),
    MenuItem("/notify/", "Tin nhắn", "Messages", DESK, whole=True),
    MenuItem("/rating/hotline", "Đường dây nóng", "Hotline", DESK, whole=True),
    MenuItem("/rating/mailbox", "Hòm thư góp ý", "Suggestion box", DESK, whole=True),
    MenuItem("/intake/register", "Sổ theo dõi", "Register", DESK),
    MenuItem("/intake/appointments/today", "Lịch hẹn", "Appointments", DESK),
    MenuItem("/rating/unit", "Kết quả đánh giá", "Scores", LEADER),
    MenuItem("/rating/papers", "Phiếu đánh giá giấy", "Paper ratings", CLERK),
    MenuItem("/rating/mine", "Đánh giá về tôi", "Ratings of me", CLERK | OFFICER | LEADER),
    MenuItem("/rating/flags", "Đánh giá bất thường", "Unusual ratings", LEADER | frozenset({"auditor"}), whole=True),
    MenuItem("/routing/people", "Cán bộ", "People", LEADER),
    MenuItem("/routing/agencies", "Phần mềm cơ quan", "Agencies' software", LEADER | frozenset({"operator"})),
    MenuItem("/rating/officials", "Danh sách công chức", "Register of officials", LEADER),
    MenuItem("/intake/foreign-access", "Xem hồ sơ nơi khác", "Opened by others", LEADER),
    MenuItem("/intake/legal-holds", "Hồ sơ được giữ", "Legal holds", LEADER),
    MenuItem("/rating/rankings/papers", "Xếp hạng", "Rankings", LEADER | frozenset({"auditor"}), whole=True),
    MenuItem("/rating/assessments", "Đánh giá cán bộ", "Assessments", LEADER | frozenset({"auditor"})),
    MenuItem("/rating/rankings/mine", "Xếp hạng của tôi", "My places", CLERK | OFFICER | LEADER),
    MenuItem("/rating/devices", "Máy đánh giá", "Rating devices", DESK | {"operator"}, whole=True),
    MenuItem("/rating/surveys", "Khảo sát", "Surveys", DESK | AUDITOR, whole=True),
    MenuItem("/stats/reports", "Báo cáo", "Reports", LEADER | OFFICER | frozenset({"operator"}), whole=True),
    MenuItem(
        "/notify/report-recipients",
        "Người nhận báo cáo",
        "Recipients of reports",
        LEADER | frozenset({"operator"}),
        whole=True,
    ),
    MenuItem("/intake/procedures", "Thủ tục", "Procedures"),
    MenuItem("/stats/leader", "Số liệu điều hành", "Dashboard", LEADER | frozenset({"operator"}), whole=True),
    MenuItem("/stats/me", "Số liệu của tôi", "My numbers", CLERK | OFFICER | LEADER),
    MenuItem("/stats/", "Thống kê", "Statistics"),
    MenuItem("/stats/index", "Bộ chỉ số", "Index", LEADER | {"operator"}, whole=True),
)


@dataclass(frozen=True, slots=True)
class Menu:
    """What one role sees.

    Attributes:
        row: the pages of its working day.
        more: all others.
    """

    row: tuple[MenuItem, ...]
    more: tuple[MenuItem, ...]


def menu_of(role: str) -> Menu:
    """The menu of a role."""
    seen = [item for item in ITEMS if role in item.roles]
    row = tuple(item for item in seen if role in item.daily)
    return Menu(row, tuple(item for item in seen if role not in item.daily))
