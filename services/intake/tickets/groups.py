"""Reads ``data/tickets.json``: the service groups and counters of each desk, and the rules by which numbers are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from services.intake.filing.domain.desk import open_desk
from shared.agencies import Agencies
from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "tickets.json"
EVERYWHERE = "*"
"""Stands for every desk without groups of its own, and for every field that no other group takes."""
FILING, RESULTS = "filing", "results"
PURPOSES = (FILING, RESULTS)
BASES = ("law", "local", "sample")
MOST_COUNTERS = 99


class UnknownGroup(LookupError):
    """The desk has no service group of this code."""


class UnknownCounter(LookupError):
    """The desk has no counter of this number."""


class UnknownPriority(LookupError):
    """No priority is given to people of this class."""


@dataclass(frozen=True, slots=True)
class Group:
    """A service group of a desk (nhóm thủ tục): visitors of one group wait in one line.

    Attributes:
        code: unique at the desk.
        letter: with which its numbers begin.
        name, name_en: in words.
        fields: codes of the fields of procedures that it takes; ``*`` for all that no other group takes.
        purpose: of :data:`PURPOSES`.
    """

    code: str
    letter: str
    name: str
    name_en: str
    fields: frozenset[str]
    purpose: str


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of a desk (quầy): its number, and the codes of the groups that it serves."""

    number: int
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Priority:
    """People who are called before others.

    Attributes:
        code: of the class.
        name, name_en: in words.
        evidence, evidence_en: what proves it.
        rank: from 1; a smaller one is called first.
        basis: of :data:`BASES`.
        source: the law, or who decides.
    """

    code: str
    name: str
    name_en: str
    evidence: str
    evidence_en: str
    rank: int
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class EstimateRules:
    """How a wait is estimated: from the service times of the last `hours`, if there are `least` of them; `percent` of waits fall within."""

    hours: int
    least: int
    percent: int


@dataclass(frozen=True, slots=True)
class DeskServices:
    """The groups, counters and rules of one desk on a day.

    Attributes:
        desk: its code.
        groups: in order of their letters.
        counters: by number.
        priorities: the classes of people who are called before others.
        priority_calls: so many visitors may be called before others at one counter, one after the other, while others wait.
        requeue_minutes: so long after a missed call a visitor may wait again with the old number.
        appointment_rank: rank of a visitor whose time slot has begun.
        late_minutes: so long after its slot an appointment still counts.
        estimate: how waits are estimated.
    """

    desk: str
    groups: tuple[Group, ...]
    counters: tuple[Counter, ...]
    priorities: tuple[Priority, ...]
    priority_calls: int
    requeue_minutes: int
    appointment_rank: int
    late_minutes: int
    estimate: EstimateRules

    def group(self, code: str) -> Group:
        """A group by its code.

        Raises:
            UnknownGroup: there is none.
        """
        for one in self.groups:
            if one.code == code:
                return one
        raise UnknownGroup(code)

    def counter(self, number: int) -> Counter:
        """A counter by its number.

        Raises:
            UnknownCounter: there is none.
        """
        for one in self.counters:
            if one.number == number:
                return one
        raise UnknownCounter(number)

    def priority(self, code: str) -> Priority:
        """A class of people by its code.

        Raises:
            UnknownPriority: there is none.
        """
        for one in self.priorities:
            if one.code == code:
                return one
        raise UnknownPriority(code)

    def group_for_field(self, field: str) -> Group:
        """The group that takes the filings of a field of procedures."""
        taking = (one for one in self.groups if field in one.fields)
        rest = next(one for one in self.groups if EVERYWHERE in one.fields)
        return next(taking, rest)

    def counters_serving(self, group: str) -> tuple[Counter, ...]:
        """The counters that serve a group."""
        return tuple(one for one in self.counters if group in one.groups)


@dataclass(frozen=True, slots=True)
class TicketRules:
    """All rules since a day: those of each desk by its code, and those of all others under :data:`EVERYWHERE`."""

    valid_from: date
    desks: dict[str, DeskServices]


def desk_services(desk: str, day: date) -> DeskServices:
    """The groups, counters and rules of a desk on a day; the default ones for a desk without its own.

    Args:
        desk: its code.
        day: in Vietnam.
    """
    return _of_desk(in_force(_all(), day), desk)


def services_at(agencies: Agencies, code: str, day: date) -> DeskServices:
    """The same, of an agency that must be a one-stop desk on the day.

    Raises:
        services.intake.filing.domain.desk.NotADesk: it is none.
    """
    return desk_services(open_desk(agencies, code, day).code, day)


def _of_desk(rules: TicketRules, desk: str) -> DeskServices:
    found = rules.desks.get(desk)
    if found is None:
        default = rules.desks[EVERYWHERE]
        values = {name: getattr(default, name) for name in DeskServices.__slots__}
        found = DeskServices(**values | {"desk": desk})
    return found


@cache
def _all() -> tuple[TicketRules, ...]:
    return read_rules(FILE, _rules)


def _rules(record: Record) -> TicketRules:
    begins = record.day("valid_from")
    calls, requeue = record.integer("priority_calls", 1), record.integer("requeue_minutes", 1)
    rank, late = record.integer("appointment_rank", 1), record.integer("late_minutes")
    of_estimate = record.record("estimate")
    estimate = EstimateRules(
        of_estimate.integer("hours", 1, 24), of_estimate.integer("least", 2), of_estimate.integer("percent", 50, 99)
    )
    of_estimate.done()
    priorities = tuple(_priority(one) for one in record.records("priorities", named_by="code"))
    desks: dict[str, DeskServices] = {}
    for one in record.records("desks", named_by="desk", at_least=1):
        groups, counters = _groups(one), _counters(one)
        _check(one, groups, counters)
        code = one.text("desk")
        one.done()
        desks[code] = DeskServices(code, groups, counters, priorities, calls, requeue, rank, late, estimate)
    if EVERYWHERE not in desks:
        record.fault("desks", f"lacks the desk {EVERYWHERE}")
    return TicketRules(begins, desks)


def _priority(record: Record) -> Priority:
    found = Priority(
        code=record.text("code", pattern="[a-z_]{1,30}", like="a code of at most 30 small letters"),
        name=record.text("name"),
        name_en=record.text("name_en"),
        evidence=record.text("evidence"),
        evidence_en=record.text("evidence_en"),
        rank=record.integer("rank", 1, 99),
        basis=record.text("basis", BASES),
        source=record.text("source"),
    )
    record.done()
    return found


def _groups(record: Record) -> tuple[Group, ...]:
    found = []
    for one in record.records("groups", named_by="code", at_least=1):
        found.append(
            Group(
                code=one.text("code", pattern="[a-z_]{1,30}", like="a code of at most 30 small letters"),
                letter=one.text("letter", pattern="[A-Z]", like="one capital letter"),
                name=one.text("name"),
                name_en=one.text("name_en"),
                fields=frozenset(one.texts("fields")),
                purpose=one.optional_text("purpose", PURPOSES) or FILING,
            )
        )
        one.done()
    return tuple(sorted(found, key=lambda group: group.letter))


def _counters(record: Record) -> tuple[Counter, ...]:
    found = []
    for one in record.records("counters", named_by="number", at_least=1):
        found.append(Counter(one.integer("number", 1, MOST_COUNTERS), frozenset(one.texts("groups", at_least=1))))
        one.done()
    return tuple(sorted(found, key=lambda counter: counter.number))


def _check(record: Record, groups: Sequence[Group], counters: Sequence[Counter]) -> None:
    """Reports what would leave a visitor without a line, or a line without a counter."""
    for what in ([one.code for one in groups], [one.letter for one in groups]):
        if len(set(what)) < len(what):
            record.fault("groups", "two groups have the same code or letter")
    fields = [field for one in groups for field in one.fields]
    if len(set(fields)) < len(fields):
        record.fault("groups", "two groups take the same field")
    if EVERYWHERE not in fields:
        record.fault("groups", f"no group takes the fields {EVERYWHERE}")
    if len({one.number for one in counters}) < len(counters):
        record.fault("counters", "two counters have the same number")
    served = frozenset[str]().union(*(one.groups for one in counters))
    for code in sorted(served ^ {one.code for one in groups}):
        record.fault("counters", f"{code!r} is no group, or is served by no counter")
