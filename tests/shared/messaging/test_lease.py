"""Leases: one holder, takeover by the contender's own clock, no waiting after a restart."""

from __future__ import annotations

from shared.messaging.lease import Lease
from shared.persistence.store import Store
from tests.support.stores import bus_store


class Ticks:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _lease(store: Store, holder: str, ticks: Ticks) -> Lease:
    return Lease(store, "relay", holder, 3.0, ticks)


def test_one_holds_and_another_takes_over_when_it_stops_renewing(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    ticks_a, ticks_b = Ticks(), Ticks()
    ticks_b.now += 3600.0  # the clocks of two machines differ
    a, b = _lease(store, "a", ticks_a), _lease(store, "b", ticks_b)
    assert a.hold()
    assert not b.hold()
    for _ in range(5):  # while a renews, b must not take over, however long it takes
        ticks_a.now += 2.0
        ticks_b.now += 2.0
        assert a.hold()
        assert not b.hold()
    ticks_b.now += 3.0  # a does not renew
    assert b.hold()
    ticks_a.now += 3.0
    assert not a.hold(), "a holder that resumes late sees that it has lost the lease"


def test_a_restarted_holder_gets_its_lease_back_at_once(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    assert _lease(store, "pod-1", Ticks()).hold()
    assert _lease(store, "pod-1", Ticks()).hold()


def test_a_released_lease_is_free_at_once(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    ticks = Ticks()
    a, b = _lease(store, "a", ticks), _lease(store, "b", ticks)
    assert a.hold()
    assert not b.hold()
    a.release()
    assert b.hold()
    assert not a.hold()


def test_of_several_that_take_it_at_the_same_time_one_wins(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    ticks = Ticks()
    contenders = [_lease(store, name, ticks) for name in "abcd"]
    for contender in contenders:
        contender._may_take()  # all have seen the same free lease
    assert [contender._renew() for contender in contenders].count(True) == 1
