"""Dossiers for reports, and reports for the pages that show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from services.stats.reports import commands, store
from services.stats.reports.content import count_content
from services.stats.reports.domain import COLUMNS
from services.stats.reports.files import keep_paper, report_storage
from services.stats.reports.line import COUNT, MONEY
from services.stats.reports.lines import LINES
from services.stats.reports.periods import ReportPeriod, before, containing
from services.stats.reports.rules import report_rules
from services.stats.reports.store import Report
from shared.auth import Principal
from shared.messaging.event import Event
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from tests.support.events import event


def dossiers_of(
    agency: str, day: date, received: int, resolved: int = 0, late: int = 0, tag: str = ""
) -> Iterator[Event]:
    """Events of dossiers that were received on a day, and resolved on the next; of these some late.

    Args:
        agency: that received them.
        day: local.
        received: how many.
        resolved: how many of these.
        late: how many of those.
        tag: tells them from others of the same agency and day.
    """
    at = datetime.combine(day, time(8), VIETNAM)
    for place in range(received):
        code = f"{agency}-{day:%y%m%d}-{tag}{place:04d}"
        channel = "online" if place % 3 == 0 else "counter"
        field = "land" if place % 2 else "justice"
        yield event(
            "dossier.received",
            1,
            at,
            dossier=code,
            receiving_agency=agency,
            field=field,
            channel=channel,
            received_at=at.isoformat(),
            promised_at=(at + timedelta(days=3)).isoformat(),
        )
        if place < resolved:
            in_time = place >= late
            done = at + timedelta(days=1)
            yield event(
                "dossier.resolved",
                2,
                done,
                dossier=code,
                agency=agency,
                promised_at=(at + timedelta(days=3)).isoformat(),
                due_at=(at + timedelta(days=3 if in_time else 0, hours=1)).isoformat(),
                resolved_at=done.isoformat(),
                on_time=in_time,
                index_on_time=in_time,
            )


def leader_of(agency: str) -> Principal:
    """A leader of an agency."""
    return Principal(f"leader@{agency}", frozenset({"leader"}), agency)


def draft_report(context: Context, agency: str, period: ReportPeriod) -> str:
    """Draws up the report of a period with the numbers of now; returns its id."""
    content = counted(context, agency, period)
    return context.store.run(lambda work: commands.draw_up(work, agency, period, content, "officer-1"))


def counted(context: Context, agency: str, period: ReportPeriod) -> dict[str, Any]:
    """What the report of a period says now."""
    with context.store.read() as connection:
        now, agencies = context.clock.now(), context.reference.agencies
        return count_content(connection, agencies, agency, period, now, report_rules())


def sample_report(context: Context, agency: str, period: ReportPeriod, received: int = 1204) -> str:
    """Draws up the report of a period with numbers of nothing that has happened; returns its id."""
    content = sample_content(context, agency, period, received)
    return context.store.run(lambda work: commands.draw_up(work, agency, period, content, "officer-1"))


def get_report(context: Context, id_: str) -> Report:
    """A report that exists."""
    with context.store.read() as connection:
        found = store.find(connection, id_)
    assert found is not None
    return found


def sign_report(context: Context, id_: str, actor: Principal) -> None:
    """Submits a draft and signs it off; its paper is kept."""
    digest = get_report(context, id_).digest
    context.store.run(partial(commands.submit, actor=actor, id_=id_, digest=digest))
    context.store.run(partial(commands.sign_off, actor=actor, id_=id_, digest=digest))
    keep_paper(context, report_storage(context.settings), id_)


def publish_report(context: Context, id_: str, actor: Principal) -> None:
    """Submits a draft, signs it off and publishes it."""
    sign_report(context, id_, actor)
    context.store.run(partial(commands.publish, actor=actor, id_=id_))


def correct_report(context: Context, id_: str, actor: Principal) -> str:
    """Makes the draft of a correction with the numbers of now; returns its id."""
    known = get_report(context, id_)
    content = counted(context, known.agency, commands.period_of_report(known))
    return context.store.run(partial(commands.correct, actor=actor, id_=id_, content=content))


@dataclass(frozen=True, slots=True)
class SampleReports:
    """Reports of one agency, one in each state.

    Attributes:
        replaced: published, with a published correction.
        corrected: that correction.
        draft, submitted, signed: of other periods.
    """

    replaced: str
    corrected: str
    draft: str
    submitted: str
    signed: str

    @property
    def all(self) -> tuple[str, ...]:
        """Their identifiers."""
        return (self.replaced, self.corrected, self.draft, self.submitted, self.signed)

    def confirmed(self) -> dict[str, str]:
        """What may be done with one of them → which."""
        return {
            "recount": self.draft,
            "submit": self.draft,
            "send_back": self.submitted,
            "sign": self.submitted,
            "publish": self.signed,
            "correct": self.corrected,
        }


def report_something(context: Context, agency: str) -> SampleReports:
    """Makes reports of an agency, with numbers of nothing that has happened.

    Args:
        context: of stats.
        agency: whose reports.
    """
    kinds, leader = report_rules().kinds, leader_of(agency)
    today = context.clock.now().astimezone(VIETNAM).date()

    def drawn_up(kind: str) -> str:
        return sample_report(context, agency, before(containing(kinds[kind], today)))

    replaced = drawn_up("month")
    publish_report(context, replaced, leader)
    later = sample_content(context, agency, before(containing(kinds["month"], today)), 1250)
    corrected = context.store.run(partial(commands.correct, actor=leader, id_=replaced, content=later))
    publish_report(context, corrected, leader)
    submitted, signed = drawn_up("week"), drawn_up("quarter")
    digest = get_report(context, submitted).digest
    context.store.run(partial(commands.submit, actor=leader, id_=submitted, digest=digest))
    sign_report(context, signed, leader)
    return SampleReports(replaced, corrected, drawn_up("month_15"), submitted, signed)


def sample_content(context: Context, agency: str, period: ReportPeriod, received: int) -> dict[str, Any]:
    """What a report says of so many dossiers, without counting any."""
    agencies = context.reference.agencies
    counts = {"received": received, "resolved": received - 50, "early": 900, "on_time": received - 68}
    counts |= {"index_on_time": received - 70, "resolved_late": 18, "in_progress": 233, "in_progress_overdue": 4}
    numbers: dict[str, dict[str, float | None]] = {
        name: dict.fromkeys(COLUMNS, 0 if line.unit in (COUNT, MONEY) else None) for name, line in LINES.items()
    }
    for name, value in counts.items():
        numbers[name] = {"now": value, "before": value - 100, "last_year": value // 2}
    numbers["on_time_share"] |= {"now": 98.4, "before": 97.5}
    numbers["fees_paid"] |= {"now": 1_250_000_000}
    desk = agencies.name_of(agency, period.last)
    names = {
        "level": (agencies.get(agency).level, ""),
        "agency": (agency, desk),
        "field": ("land", "Đất đai"),
        "channel": ("online", ""),
    }
    return {
        "kind": period.kind.id,
        "period": period.key,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "agency": agency,
        "agency_name": desk,
        "as_of": context.clock.now().isoformat(),
        "agencies": 1,
        "rating_sample": 30,
        "numbers": numbers,
        **{by: [{"code": code, "name": name, "counts": counts}] for by, (code, name) in names.items()},
        "missing": ["few_ratings", "no_tickets"],
    }
