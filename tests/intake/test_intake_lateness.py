"""An overdue dossier is shown as overdue: to its citizen on the page and in the API, and to staff."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import IN_PROGRESS, Dossier, State
from services.intake.dossiers.lateness import lateness
from tests.intake.service_fixture import PROMISED, REGISTRY, IntakeService, at

NOTICE = "Hồ sơ đã quá hạn trả kết quả"


class Weekdays:
    """A calendar without holidays."""

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5


def set_to(intake: IntakeService, moment: datetime) -> None:
    intake.advance(moment - intake.store.clock.now())


def seen(intake: IntakeService, receipt: dict[str, Any]) -> tuple[Any, str]:
    """What the API and the page show the citizen."""
    given = {"code": receipt["code"], "secret": receipt["secret"]}
    answer = intake.client.get("/intake/api/lookup", query_string=given)
    page = intake.client.post("/intake/", data=given, headers={"Origin": "http://localhost"}, follow_redirects=True)
    return answer.json, " ".join(page.text.split())


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2025-12-02 17:30", None),
        ("2025-12-02 17:31", 0),
        ("2025-12-03 08:00", 1),
        ("2025-12-07 10:00", 3),  # a Sunday
        ("2025-12-09 10:00", 5),
    ],
)
def test_the_citizen_is_told_by_how_much(sqlite_intake: IntakeService, now: str, days: int | None) -> None:
    receipt = sqlite_intake.file()
    sqlite_intake.receive_event("step.assigned", receipt["code"], agency=REGISTRY)
    set_to(sqlite_intake, at(now))
    view, page = seen(sqlite_intake, receipt)
    staff = sqlite_intake.get(f"/dossiers/{receipt['code']}").json
    if days is None:
        assert view["overdue"] is staff["overdue"] is None
        assert NOTICE not in page
        return
    assert view["overdue"] == staff["overdue"] == {"since": PROMISED.isoformat(), "working_days": days}
    assert NOTICE in page
    assert "17:30 ngày 02/12/2025" in page
    assert "xin lỗi ông/bà vì sự chậm trễ" in page
    assert (f"đã quá hạn {days} ngày làm việc" in page) is bool(days)
    assert "không tính vào thời hạn" not in page


def test_after_an_apology_the_new_date_counts(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    sqlite_intake.receive_event(
        "dossier.extended",
        receipt["code"],
        extended_at="2025-11-28T10:00:00+07:00",
        was_due_at=PROMISED.isoformat(),
        due_at="2025-12-09T17:30:00+07:00",
        agency=REGISTRY,
        reason="Cần đo đạc lại ranh giới.",
    )
    set_to(sqlite_intake, at("2025-12-04 09:00"))
    view, page = seen(sqlite_intake, receipt)
    assert view["overdue"] is None
    assert NOTICE not in page
    set_to(sqlite_intake, at("2025-12-11 09:00"))
    view, page = seen(sqlite_intake, receipt)
    assert view["overdue"]["working_days"] == 2
    assert NOTICE in page
    assert "Cần đo đạc lại ranh giới." in page
    assert "chưa hẹn lại ngày" not in page


def test_a_dossier_with_its_result_is_not_overdue(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    sqlite_intake.receive_event("dossier.resolved", receipt["code"], resolved_at="2025-12-05T09:00:00+07:00")
    set_to(sqlite_intake, at("2025-12-08 09:00"))
    view, page = seen(sqlite_intake, receipt)
    assert view["overdue"] is None
    assert NOTICE not in page


def test_a_wait_tells_why_the_due_time_is_later(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    code = receipt["code"]
    sqlite_intake.receive_event("dossier.paused", code, paused_at="2025-11-21T09:00:00+07:00")
    assert "Thời gian chờ hiện nay không tính" in seen(sqlite_intake, receipt)[1]
    sqlite_intake.receive_event(
        "dossier.resumed", code, resumed_at="2025-11-24T09:00:00+07:00", due_at="2025-12-03T17:30:00+07:00"
    )
    page = seen(sqlite_intake, receipt)[1]
    assert "17:30 ngày 03/12/2025 (đã cộng thời gian không tính vào thời hạn giải quyết)" in page
    assert "Thời gian chờ hiện nay không tính" not in page


DAYS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(due_at=DAYS, now=DAYS, state=st.sampled_from(State), paused_at=st.none() | DAYS)
def test_lateness_as_a_property(due_at: datetime, now: datetime, state: State, paused_at: datetime | None) -> None:
    dossier = sample(due_at=due_at, state=state, paused=paused_at is not None, clock_changed_at=paused_at)
    found = lateness(dossier, Weekdays(), now)
    counted_until = paused_at or now
    assert (found is not None) is (state in IN_PROGRESS and counted_until > due_at)
    if found is not None:
        assert found.since == due_at
        assert 0 <= found.working_days <= (counted_until - due_at) / timedelta(days=1) + 1
        later = lateness(dossier, Weekdays(), now + timedelta(days=7))
        assert later is not None
        assert later.working_days - found.working_days == (5 if paused_at is None else 0)


def sample(**fields: Any) -> Dossier:
    nothing: dict[str, Any] = dict.fromkeys(Dossier.__slots__)
    return Dossier(**{**nothing, **fields})


def test_the_sample_is_like_a_stored_dossier(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    with sqlite_intake.store.read() as connection:
        stored = dossiers.get(connection, receipt["code"])
    assert lateness(stored, Weekdays(), PROMISED) is None
