"""The queue before the threads: bounded, in turns by weight, and no kind of request costs another its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from shared.web.admission.fair_queue import FairQueue
from shared.web.admission.overload import AWAY_SECONDS, BACK_SECONDS, SHED_SECONDS, Overload
from shared.web.admission.waiting_requests import LARGE, MAX_REFUSAL_PAGES, WaitingRequests
from shared.web.admission.weights import Key

WEIGHTS: dict[str, int] = {"land": 8, "justice": 8, "labour": 4, "public": 1}
LIMIT = 12


def weight(key: Key) -> float:
    return WEIGHTS[key[1]]


fields = st.sampled_from(sorted(WEIGHTS))


@given(st.lists(st.one_of(fields.map(lambda field: ("push", field)), st.just(("pop", ""))), max_size=150))
def test_it_is_bounded_loses_nothing_and_takes_only_from_who_exceeds_its_share(acts: list[tuple[str, str]]) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue(LIMIT, weight)
    waiting: dict[str, list[int]] = {field: [] for field in WEIGHTS}
    for number, (act, field) in enumerate(acts):
        if act == "pop":
            taken = queue.pop()
            assert (taken is None) == (not any(waiting.values()))
            if taken is not None:
                (_, name), (_, first) = taken
                assert waiting[name].pop(0) == first, "first in, first out for each field"
            continue
        waiting[field].append(number)
        refused = queue.push(("filing", field), (field, number), 0.0)
        if refused is not None:
            (_, name), (_, newest) = refused
            shares = {one: len(numbers) / WEIGHTS[one] for one, numbers in waiting.items()}
            assert shares[name] == max(shares.values()), "who exceeds its share most"
            assert waiting[name].pop() == newest
        assert len(queue) == sum(map(len, waiting.values())) <= LIMIT


def test_turns_follow_the_weights_whoever_came_first_and_in_whatever_number() -> None:
    queue: FairQueue[str] = FairQueue(1000, weight)
    for field in ["public"] * 100 + ["land"] * 400 + ["justice"] * 3 + ["labour"] * 100:
        queue.push(("filing", field), field, 0.0)
    first = Counter(taken[1] for _ in range(6) if (taken := queue.pop()) is not None)
    assert first["justice"] >= 2, "a few are served before hundreds that were there earlier"
    later = Counter(taken[1] for _ in range(130) if (taken := queue.pop()) is not None)
    assert 76 <= later["land"] <= 84, later  # land 8, labour 4, public 1
    assert 37 <= later["labour"] <= 43, later
    assert 8 <= later["public"] <= 12, later


def test_those_that_waited_too_long_are_taken_out() -> None:
    queue: FairQueue[str] = FairQueue(10, weight)
    for now, name in ((1.0, "a"), (2.0, "b"), (3.0, "c")):
        queue.push(("filing", "land" if name != "b" else "justice"), name, now)
    assert sorted(item for _, item in queue.older_than(2.5)) == ["a", "b"]
    assert [len(queue), queue.pop(), queue.pop()] == [1, (("filing", "land"), "c"), None]


@dataclass(eq=False)
class Request:
    kind: Key
    key: Key | None = None
    ahead: bool = False
    size: int = 500


def request(kind: str, field: str = "", size: int = 500) -> Request:
    return Request((kind, field), size=size)


def test_a_flood_of_one_field_keeps_neither_the_threads_nor_the_places_from_others() -> None:
    requests = WaitingRequests(2, 4, 5.0, lambda _: 1, lambda one: one.kind)
    flood = [request("filing", "land") for _ in range(10)]
    answers = [requests.arrive(one, 0.0) for one in flood]
    assert [starts for starts, _ in answers] == [True] * 2 + [False] * 8
    assert [refused[0][1] for _, refused in answers if refused] == flood[6:], "beyond the places, the newest goes"
    first, second, third = (request("filing", "justice") for _ in range(3))
    assert requests.arrive(first, 0.0) == (True, []), "a field without a thread gets the reserved one"
    assert requests.arrive(second, 0.0) == (False, [(("filing", "land"), flood[5])])
    assert requests.arrive(third, 0.0) == (False, [(("filing", "land"), flood[4])])
    probes = [request("probe") for _ in range(2)]
    assert requests.arrive(probes[0], 0.0) == (True, []), "the other reserved thread is for probes alone"
    assert requests.arrive(probes[1], 0.0)[0] is False
    assert (requests.running, requests.waiting) == (4, 4)
    assert requests.leave(probes[0]) == [probes[1]]
    assert requests.leave(probes[1]) == []
    assert requests.leave(flood[0]) == [], "there are still as many as the settings say"
    order = [one for done in (flood[1], first) for one in requests.leave(done)]
    assert {one.kind[1] for one in order} == {"land", "justice"}


def test_uploads_have_half_of_the_threads_and_what_waits_is_bounded_in_bytes() -> None:
    requests = WaitingRequests(4, 100, 5.0, lambda _: 1, lambda one: one.kind)
    uploads = [request("citizen", size=20 << 20) for _ in range(8)]
    answers = [requests.arrive(one, 0.0) for one in uploads]
    assert [starts for starts, _ in answers] == [True] * 2 + [False] * 6
    assert [refused for _, refused in answers] == [[]] * 5 + [[(LARGE, one)] for one in uploads[5:]], "60 of 64 MiB"
    others = [request("citizen") for _ in range(2)]
    assert all(requests.arrive(one, 0.0) == (True, []) for one in others), "two threads are left for others"
    assert requests.leave(others[0]) == [], "and stay so"
    assert requests.leave(uploads[0]) == [uploads[2]]
    assert [one for _, one in requests.overdue(5.1)] == uploads[3:5]
    assert requests.arrive(request("citizen", size=20 << 20), 6.0) == (False, []), "there is room again"


def test_pages_that_tell_of_a_refusal_are_bounded_too() -> None:
    requests = WaitingRequests(1, 1, 5.0, lambda _: 1, lambda one: one.kind)
    assert [requests.begin_page() for _ in range(MAX_REFUSAL_PAGES + 1)] == [True] * MAX_REFUSAL_PAGES + [False]
    requests.end_page()
    assert requests.begin_page()


def test_a_process_that_sheds_is_away_for_a_while_and_back_for_longer() -> None:
    now = [100.0]
    overload = Overload(lambda: now[0], lambda low, high: high)

    def shed(seconds: int) -> list[bool]:
        found = []
        for _ in range(seconds):
            overload.refuse()
            found.append(overload.away)
            now[0] += 1
        return found

    assert shed(SHED_SECONDS - 1) == [False] * (SHED_SECONDS - 1)
    now[0] += 1  # a second in which nothing is refused
    assert shed(SHED_SECONDS) == [False] * (SHED_SECONDS - 1) + [True]
    rest = shed(int(AWAY_SECONDS[1] + BACK_SECONDS[1]) - 1)
    away = int(AWAY_SECONDS[1]) - 1
    assert rest == [True] * away + [False] * (len(rest) - away), "not away for ever, though it still sheds"
    for _ in range(100):
        overload.refuse(by_process=False)
        now[0] += 1
        assert not overload.away, "what all processes lack is no reason to send elsewhere"


def test_the_more_are_refused_the_wider_they_are_spread() -> None:
    drawn: list[tuple[float, float]] = []

    def between(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    overload = Overload(lambda: 100.0, between)
    overload.start(10)
    waits = [overload.refuse() for _ in range(1000)]
    assert (waits[0], waits[9], waits[49], waits[-1]) == (5, 7, 19, 61)
    assert all(low == 0 for low, _ in drawn), "some may come at once, the others later"
