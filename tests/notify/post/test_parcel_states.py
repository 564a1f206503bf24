"""How a parcel stands follows from the post's reports, in whatever order they come."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify.post.parcels.domain import (
    MAX_ATTEMPTS,
    TRACKED,
    TRANSITIONS,
    ParcelState,
    pause_after,
    progress_of,
)
from services.notify.post.providers.port import TrackingEvent, TrackingStatus
from services.notify.post.providers.spool import item_number
from shared.calendar import TIMEZONE

START = datetime(2025, 11, 24, 9, tzinfo=TIMEZONE)
events = st.builds(
    lambda status, hours, by: TrackingEvent("EP1", status, START + timedelta(hours=hours), received_by=by),
    st.sampled_from(list(TrackingStatus)),
    st.integers(0, 30),
    st.sampled_from(["", "Tám"]),
)


def event(status: TrackingStatus, hours: int, **more: str) -> TrackingEvent:
    return TrackingEvent("EP1", status, START + timedelta(hours=hours), **more)


def test_the_way_of_a_parcel() -> None:
    way = [
        event(TrackingStatus.ACCEPTED, 0),
        event(TrackingStatus.OUT_FOR_DELIVERY, 20),
        event(TrackingStatus.FAILED_ATTEMPT, 22, reason="vắng nhà"),
        event(TrackingStatus.OUT_FOR_DELIVERY, 44),
        event(TrackingStatus.DELIVERED, 45, received_by="Lê Văn Tám"),
    ]
    expected = ["in_transit", "out_for_delivery", "attempted", "out_for_delivery", "delivered"]
    assert [progress_of(way[: n + 1]).state for n in range(5)] == expected
    last = progress_of(way)
    assert (last.at, last.received_by) == (START + timedelta(hours=45), "Lê Văn Tám")
    assert "Tám" not in repr(last)


def test_what_cannot_follow_is_left_out() -> None:
    delivered = event(TrackingStatus.DELIVERED, 5)
    assert progress_of([delivered, event(TrackingStatus.IN_TRANSIT, 6)]).state == "delivered"
    assert progress_of([delivered, event(TrackingStatus.LOST, 6)]).state == "delivered"
    assert progress_of([delivered, event(TrackingStatus.RETURNED, 6)]).state == "returned"
    assert progress_of([event(TrackingStatus.LOST, 1), event(TrackingStatus.DELIVERED, 9)]).state == "delivered"
    assert progress_of([]).state == "registered"


@given(st.lists(events, max_size=8), st.randoms(use_true_random=False))
def test_order_and_repetition_of_reports_change_nothing(reports: list[TrackingEvent], random: object) -> None:
    shuffled = [*reports, *reports[:3]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = progress_of(reports), progress_of(shuffled)
    assert (first.state, first.at) == (second.state, second.at)


@given(st.lists(events, min_size=1, max_size=10))
def test_each_report_that_comes_moves_the_parcel_as_the_table_allows(reports: list[TrackingEvent]) -> None:
    state = ParcelState.REGISTERED
    for n in range(1, len(reports) + 1):
        following = progress_of(reports[:n]).state
        assert following == state or following in TRANSITIONS[state]
        state = following


def test_the_table_of_states_is_closed() -> None:
    assert set(TRANSITIONS) == set(ParcelState)
    assert {one for following in TRANSITIONS.values() for one in following} <= set(ParcelState)
    assert all(one in TRANSITIONS[ParcelState.REGISTERED] for one in TRACKED)


def test_a_parcel_is_given_up_after_about_half_a_day() -> None:
    pauses = [pause_after(n) for n in range(1, MAX_ATTEMPTS + 1)]
    assert pauses[-1] is None
    assert timedelta(hours=6) < sum(filter(None, pauses), timedelta()) < timedelta(days=1)


@given(st.text(max_size=40))
def test_numbers_of_the_folder_have_their_check_digit(id: str) -> None:
    number = item_number(id)
    weights, serial = (8, 6, 4, 2, 3, 5, 9, 7), number[2:10]
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(weights, serial, strict=True)) % 11
    assert number[:2] == "EP"
    assert number[11:] == "VN"
    assert int(number[10]) == {10: 0, 11: 5}.get(rest, rest)
