"""Complaints for tests: an agency with a leader and officials, and short ways to act."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from services.rating.complaints import commands, handling, publishing, store
from services.rating.complaints.access import Access, Actor
from services.rating.complaints.commands import lodge_complaint
from services.rating.complaints.domain import Channel, Complainant, Kind, Lodged, NewComplaint
from services.rating.complaints.store import Complaint
from services.rating.officials.domain import HANDLING, Part
from services.rating.officials.store import add_dossier_official, officials
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.service import ServiceUnderTest

DESK, COMMITTEE, PROVINCE = "H12.31.01", "H12.31", "H12"
LEADER, HANDLER, OTHER, CLERK = "leader-1", "official-1", "official-2", "clerk-1"
NAMES = {LEADER: "Lê Văn Ổi", HANDLER: "Trần Văn Mít", OTHER: "Đỗ Thị Xoài"}
WHO = Complainant("Nguyễn Thị Bưởi", "Ấp 3, xã Phước Long", "0912345678", "buoi@example.vn")
TEXT = "Tôi chờ ở quầy số 3 đã hai giờ mà chưa được gọi."
ANSWER = "Quầy số 3 đã được bố trí thêm người từ hôm nay."


def new(**changed: Any) -> NewComplaint:
    """A complaint to the desk."""
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "kind": Kind.FEEDBACK,
        "channel": Channel.WEB,
        "agency": DESK,
        "text": TEXT,
        "topic": "delay",
        "by": WHO,
    }
    return NewComplaint(**values | changed)


def employ(rating: ServiceUnderTest, subject: str, agency: str = DESK, name: str = "", **changed: Any) -> None:
    """Enters an official in the register."""
    row = {
        "id": str(uuid.uuid4()),
        "subject": subject,
        "agency": agency,
        "valid_from": date(2025, 1, 1),
        "name": name or NAMES.get(subject, "Phạm Văn Cam"),
        "position": "Chuyên viên",
        "home_agency": None,
        "counter": None,
        "active": True,
        "recorded_by": "leader-0",
        "recorded_at": rating.store.clock.now(),
    }
    values = personal_values(officials, row | changed)
    rating.store.run(lambda work: work.execute(officials.insert(), values) and None)


def worked_on(rating: ServiceUnderTest, dossier: str, subject: str) -> None:
    """Enters that an official has worked on a dossier."""
    part = Part(subject, HANDLING)
    at = rating.store.clock.now()
    rating.store.run(lambda work: add_dossier_official(work, dossier, part, DESK, at))


def access_of(work: UnitOfWork, subject: str, agency: str = DESK, role: str = "leader") -> Access:
    """What an official may do, in a transaction."""
    actor = Actor(subject, agency, frozenset({role}))
    return Access(work.connection, work.reference.agencies, actor, work.now.date())


class Office:
    """A desk with its people, and what they do with one complaint after the other."""

    def __init__(self, rating: ServiceUnderTest) -> None:
        self.rating = rating
        employ(rating, LEADER, position="Giám đốc")
        employ(rating, HANDLER)
        employ(rating, OTHER)

    def lodge(self, **changed: Any) -> Lodged:
        """Somebody complains."""
        one = new(**changed)
        return self.rating.store.run(lambda work: lodge_complaint(work, one))

    def act(
        self, name: str, code: str, *values: Any, by: str = LEADER, agency: str = DESK, role: str = ""
    ) -> Complaint:
        """An official does something, with the complaint as it is."""
        command = publishing.publish if name == "publish" else getattr(handling, name)
        role = role or ("leader" if by.startswith("leader") else "officer")

        def run(work: UnitOfWork) -> Complaint:
            done: Complaint = command(work, access_of(work, by, agency, role), code, None, *values)
            return done

        return self.rating.store.run(run)

    def own(self, name: str, lodged: Lodged, *values: Any) -> Complaint:
        """The complainant does something."""
        command = getattr(commands, name)
        done: Complaint = self.rating.store.run(lambda work: command(work, lodged.code, lodged.secret, *values))
        return done

    def answered(self, **changed: Any) -> Lodged:
        """A complaint that was answered."""
        lodged = self.lodge(**changed)
        self.act("assign", lodged.code, HANDLER)
        self.act("draft_answer", lodged.code, ANSWER, by=HANDLER)
        self.act("approve", lodged.code)
        return lodged

    def now(self, code: str) -> Complaint:
        """A complaint as it is."""
        with self.rating.store.read() as connection:
            found = store.find(connection, code)
        assert found is not None
        return found

    def names(self) -> list[str]:
        """The events that say how complaints stand, in order."""
        return [one.name for one in self.rating.emitted() if one.name.startswith("complaint.")]
