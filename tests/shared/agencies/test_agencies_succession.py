"""Succession and hierarchy of agencies: by table, and by properties against their definitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agencies import Agencies, Agency, UnknownAgency

DAY_1 = date(2025, 1, 1)
LAST_DAY = 40


def day(number: int) -> date:
    return DAY_1 + timedelta(days=number - 1)


def agency(
    code: str,
    first: int,
    last: int | None = None,
    successor: str | None = None,
    parent: str | None = None,
    name: str = "",
) -> Agency:
    ends = None if last is None else day(last)
    return Agency(code, name or code, "province", "p", (), day(first), ends, parent=parent, successor=successor)


# A centre C above the offices; A ended on day 10 in B, B on day 20 in D, which was founded on day 21. E ended without a
# successor. F gets a new name on day 11. G is founded on day 30. X and Y name each other as parent.
AGENCIES = Agencies(
    [],
    [
        agency("C", 1),
        agency("A", 1, 10, "B", parent="C"),
        agency("B", 1, 20, "D", parent="A"),
        agency("D", 21, parent="F"),
        agency("E", 1, 10, parent="C"),
        agency("F", 1, 10, parent="C", name="F before"),
        agency("F", 11, parent="C", name="F after"),
        agency("G", 30, parent="D"),
        agency("X", 1, parent="Y"),
        agency("Y", 1, parent="X"),
    ],
)

ACTING = [
    ("while it exists", "A", 10, "A"),
    ("after a merger", "A", 11, "A B"),
    ("after two mergers", "A", 21, "A D"),
    ("ended without successor", "E", 11, "E"),
    ("renamed", "F", 11, "F"),
    ("not yet founded", "G", 29, "G"),
    ("founded", "G", 30, "G"),
    ("unknown", "Z", 11, "Z"),
]
HANDLED = [
    ("before the merger", "B", 10, "B"),
    ("after it", "B", 11, "A B"),
    ("merged itself", "B", 21, "B"),
    ("merged twice", "D", 21, "A B D"),
    ("not yet founded", "D", 20, "D"),
    ("nobody merged into it", "C", 21, "C"),
    ("ended without successor", "E", 21, "E"),
    ("unknown", "Z", 21, "Z"),
    ("no agency at all", "", 21, ""),
]
ANCESTORS = [
    ("one above", "A", 10, "C"),
    ("two above", "B", 10, "A C"),
    ("a parent that has ended is the last", "B", 11, "A"),
    ("those of the successor", "A", 21, "C F"),
    ("the top", "C", 10, ""),
    ("ended without successor", "E", 11, ""),
    ("not yet founded", "G", 29, ""),
    ("never itself, though its parents go in a circle", "X", 10, "Y"),
    ("unknown", "Z", 10, ""),
]
DESCENDANTS = [
    ("before the merger", "C", 10, "A B C E F"),
    ("those merged into one below too", "C", 21, "A B C D F"),
    ("a new one below", "C", 30, "A B C D F G"),
    ("by a parent that has ended", "A", 11, "A B"),
    ("none", "G", 30, "G"),
    ("parents in a circle", "X", 10, "X Y"),
    ("unknown", "Z", 10, "Z"),
    ("no agency at all", "", 10, ""),
]
TABLE = [
    (f"{method.__name__}: {name}", method, code, number, expected)
    for method, rows in (
        (Agencies.acting_for, ACTING),
        (Agencies.handled_by, HANDLED),
        (Agencies.ancestors, ANCESTORS),
        (Agencies.descendants, DESCENDANTS),
    )
    for name, code, number, expected in rows
]


@pytest.mark.parametrize(("method", "code", "number", "expected"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE])
def test_relations(
    method: Callable[[Agencies, str, date], frozenset[str]], code: str, number: int, expected: str
) -> None:
    assert method(AGENCIES, code, day(number)) == set(expected.split())


@pytest.mark.parametrize(
    ("code", "number", "name"),
    [("F", 10, "F before"), ("F", 11, "F after"), ("E", 11, "E"), ("Z", 11, "Z")],
    ids=["the name of the day", "the new name", "the last name of one that has ended", "the code of an unknown one"],
)
def test_name_of(code: str, number: int, name: str) -> None:
    assert AGENCIES.name_of(code, day(number)) == name


def test_a_renamed_agency_not_yet_founded_has_its_last_name() -> None:
    renamed = Agencies([], [agency("N", 10, 19, name="first"), agency("N", 20, name="second")])
    assert renamed.name_of("N", day(1)) == "second"


@st.composite
def histories(draw: st.DrawFn) -> Agencies:
    """Agencies that begin, end, come back and merge; every successor exists on the day after, parents are arbitrary."""
    codes = "ABCDEF"
    spans: list[tuple[str, int, int | None]] = []
    for code in codes:
        cuts = sorted(draw(st.sets(st.integers(1, LAST_DAY), min_size=1, max_size=4)))
        for begins, ends in zip(cuts[::2], [*cuts[1::2], None], strict=False):
            spans.append((code, begins, ends))
    found = []
    for code, first, last in spans:
        heirs = [other for other, since, until in spans if last and since <= last + 1 <= (until or LAST_DAY + 1)]
        successor = draw(st.sampled_from([None, *heirs])) if heirs else None
        found.append(agency(code, first, last, successor, draw(st.sampled_from([None, *codes]))))
    return Agencies([], found)


def successor_of(agencies: Agencies, code: str, on: date) -> str | None:
    """The end of the line of successors, followed version by version; None when it ends before the day."""
    versions = [version for version in agencies.all() if version.code == code]
    if any(version.valid_on(on) for version in versions):
        return code
    ended = [version for version in versions if version.valid_to is not None and version.valid_to < on]
    successor = ended[-1].successor if ended else None
    return None if successor is None else successor_of(agencies, successor, on)


def is_below(agencies: Agencies, code: str, above: str, on: date) -> bool:
    """Whether `above` is met on the way up from `code`; each way has at most as many steps as there are agencies."""
    for _ in agencies.all():
        try:
            parent = agencies.get(code, on).parent
        except UnknownAgency:
            return False
        if parent is None or parent == above:
            return parent == above
        code = parent
    return False


@given(agencies=histories(), number=st.integers(0, LAST_DAY + 1))
def test_relations_follow_their_definitions(agencies: Agencies, number: int) -> None:
    on, codes = day(number), "ABCDEFZ"
    heirs = {code: successor_of(agencies, code, on) for code in codes}
    handled = {code: {code} | {other for other in codes if heirs[other] == code} for code in codes}
    for code in codes:
        heir = heirs[code]
        assert agencies.acting_for(code, on) == {code} | ({heir} if heir else set())
        assert agencies.handled_by(code, on) == handled[code]
        assert agencies.ancestors(code, on) == {
            above for above in codes if heir and above != heir and is_below(agencies, heir, above, on)
        }
        below = {code} | {other.code for other in agencies.all(on) if is_below(agencies, other.code, code, on)}
        assert agencies.descendants(code, on) == set().union(*(handled[one] for one in below))
        if heir is None:
            with pytest.raises(UnknownAgency):
                agencies.successor(code, on)
        else:
            assert agencies.successor(code, on).code == heir


@given(agencies=histories(), number=st.integers(0, LAST_DAY + 1))
def test_an_agency_acting_for_another_handles_its_work(agencies: Agencies, number: int) -> None:
    on = day(number)
    for code in "ABCDEFZ":
        assert all(code in agencies.handled_by(acting, on) for acting in agencies.acting_for(code, on))
