"""Supplements: once, in time, through the desk; and the closing of a dossier that waits too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given

from services.routing.domain.supplement import (
    Request,
    SupplementNotAllowed,
    check_request,
    closes_at,
    request_until,
)
from shared.calendar import WorkingCalendar
from shared.regulations import Regulation
from tests.routing.domain.rule_fixtures import (
    BOTH,
    MOMENTS,
    ND61,
    ND118,
    OFFICE,
    QD09,
    at,
    calendars,
    patient,
)

DESK = "H12.31.01"
REQUEST = Request(0, at("2025-11-20 08:15"), at("2025-11-21 09:00"), DESK, DESK)


def refusal_of(regulation: Regulation, request: Request) -> SupplementNotAllowed:
    with pytest.raises(SupplementNotAllowed) as refused:
        check_request(regulation, request, OFFICE)
    return refused.value


@pytest.mark.parametrize("regulation", [*BOTH, QD09], ids=lambda regulation: regulation.id)
def test_a_first_request_in_time_through_the_desk_is_allowed(regulation: Regulation) -> None:
    check_request(regulation, REQUEST, OFFICE)


@pytest.mark.parametrize(
    ("regulation", "article"),
    [(ND118, "11.2c, 16.3"), (ND61, "17"), (QD09, "6")],
    ids=["nd118_16_3", "nd61_17", "qd09_6"],
)
@pytest.mark.parametrize("before", [1, 2])
def test_nd118_19_5_supplement_once_only(regulation: Regulation, article: str, before: int) -> None:
    refused = refusal_of(regulation, replace(REQUEST, requests_before=before))
    assert (refused.code, refused.regulation, refused.article) == (
        "supplement_already_requested",
        regulation.id,
        article,
    )
    assert refused.vi == (
        f"Hồ sơ đã được yêu cầu bổ sung {before} lần, tối đa 1 lần ({regulation.title_vi}, Điều {article})."
    )
    assert refused.en.endswith(f"at most 1 allowed ({regulation.title_en}, article {article}).")


UNTIL = [
    # received, the last moment for a request: the end of the third working day after it
    ("2025-11-20 08:15", "2025-11-25 17:30"),
    ("2025-11-20 16:45", "2025-11-25 17:30"),
    ("2025-11-22 09:00", "2025-11-26 17:30"),  # a Saturday
    ("2025-08-29 09:00", "2025-09-05 17:30"),  # over the National Day
]


@pytest.mark.parametrize(("regulation", "article"), [(ND118, "19.5"), (ND61, "19")], ids=["nd118_19_5", "nd61_19"])
@pytest.mark.parametrize(("received", "until"), UNTIL)
def test_nd118_19_5_the_request_within_3_working_days_of_receiving(
    regulation: Regulation, article: str, received: str, until: str
) -> None:
    assert request_until(regulation, at(received), OFFICE) == at(until)
    in_time = replace(REQUEST, received_at=at(received), requested_at=at(until))
    check_request(regulation, in_time, OFFICE)
    refused = refusal_of(regulation, replace(in_time, requested_at=at(until) + timedelta(minutes=1)))
    assert (refused.code, refused.article) == ("supplement_request_too_late", article)
    assert f"{at(until):%H:%M %d/%m/%Y}" in refused.vi


@pytest.mark.parametrize(
    ("regulation", "article"), [(ND118, "5.1e, 19.5"), (ND61, "19")], ids=["nd118_19_5", "nd61_19"]
)
def test_nd118_19_5_the_request_goes_through_the_one_stop_desk(regulation: Regulation, article: str) -> None:
    refused = refusal_of(regulation, replace(REQUEST, via="H12.14.02"))
    assert (refused.code, refused.article) == ("supplement_past_the_desk", article)
    assert "Bộ phận Một cửa" in refused.vi


def test_qd09_a_version_that_sets_no_time_and_no_way_refuses_neither() -> None:
    assert request_until(QD09, REQUEST.received_at, OFFICE) is None
    check_request(QD09, replace(REQUEST, requested_at=at("2026-03-02 09:00"), via="H12.14.02"), OFFICE)


CLOSING = [
    # requested, closed after: 24:00 of the fifteenth day (Civil Code 148.6), or of the next working day
    ("2025-11-20 08:15", "2025-12-05 23:59"),
    ("2025-11-20 17:29", "2025-12-05 23:59"),
    ("2025-11-21 10:00", "2025-12-08 23:59"),  # 6 December is a Saturday
    ("2025-08-18 10:00", "2025-09-03 23:59"),  # 2 September is the National Day
]


@pytest.mark.parametrize(("requested", "closing"), CLOSING)
def test_nd118_19_5_closed_after_15_days_without_supplement(requested: str, closing: str) -> None:
    assert closes_at(ND118, at(requested), OFFICE) == at(closing)


@pytest.mark.parametrize("regulation", [ND61, QD09], ids=lambda regulation: regulation.id)
def test_nd61_the_wait_has_no_end(regulation: Regulation) -> None:
    assert closes_at(regulation, at("2019-03-04 08:00"), OFFICE) is None


@patient
@given(calendars(), MOMENTS)
def test_both_periods_end_on_a_working_day_and_never_before_they_begin(
    calendar: WorkingCalendar, moment: datetime
) -> None:
    for end in (request_until(ND118, moment, calendar), closes_at(ND118, moment, calendar)):
        assert end is not None
        assert end > moment
        assert calendar.is_working_day(end.date())
