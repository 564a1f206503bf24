"""What a rush has shown, as figures: who was accepted and how soon, who was refused, and how old events became in the queues."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.table import Table
from sqlalchemy import select

from services.registry import SERVICE_NAMES
from shared.messaging.tables import inbox, published_events
from shared.persistence.store import Store
from tests.faults.delivery_audit import EffectAudit
from tests.peak.load import HANGING, Outcome
from tests.peak.schedule import Rush

PHASES = ("day", "burst", "after")
LAND = "land"


@dataclass(frozen=True)
class Answers:
    """How some of the people fared.

    Attributes:
        offered, accepted, refused, failed: how many came, and how it ended.
        p50, p99: from when somebody came to the answer, in seconds, of those that were accepted.
        p99_refused: the same of those that were refused.
    """

    offered: int
    accepted: int
    refused: int
    failed: int
    p50: float
    p99: float
    p99_refused: float


def answers(outcomes: Sequence[Outcome]) -> Answers:
    """How these people fared."""
    kinds = Counter(one.kind for one in outcomes)
    accepted = sorted(one.seconds for one in outcomes if one.accepted)
    refused = sorted(one.seconds for one in outcomes if one.kind == "refused")
    return Answers(
        len(outcomes),
        kinds["accepted"],
        kinds["refused"],
        kinds["failed"],
        quantile(accepted, 0.5),
        quantile(accepted, 0.99),
        quantile(refused, 0.99),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of ordered values lie; 0 if there are none."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def answers_table(rush: Rush, outcomes: Sequence[Outcome]) -> Table:
    """How people fared in each phase, and of each field in the burst."""
    lengths = {"day": rush.day_seconds, "burst": rush.burst_seconds, "after": rush.after_seconds}
    table = _table(
        "Ai đến · who came",
        "who",
        "offered/s",
        "accepted/s",
        "offered",
        "accepted",
        "refused",
        "failed",
        "p50 s",
        "p99 s",
    )
    table.add_column("p99 s refused", justify="right")
    groups = [(phase, phase, [one for one in outcomes if one.arrival.phase == phase]) for phase in PHASES]
    fields = Counter(one.arrival.field for one in outcomes)
    groups += [
        (
            f"burst: {field}",
            "burst",
            [one for one in outcomes if one.arrival.phase == "burst" and one.arrival.field == field],
        )
        for field, _ in fields.most_common()
    ]
    for name, phase, people in groups:
        if people:
            found, seconds = answers(people), lengths[phase]
            table.add_row(
                name,
                f"{found.offered / seconds:,.1f}",
                f"{found.accepted / seconds:,.1f}",
                *(f"{count:,}" for count in (found.offered, found.accepted, found.refused, found.failed)),
                *(f"{value:.3f}" for value in (found.p50, found.p99, found.p99_refused)),
            )
    return table


def faults_of(outcomes: Iterable[Outcome]) -> Counter[str]:
    """What went wrong on the way, each with its number; whoever was refused counts by the status."""
    found: Counter[str] = Counter()
    for one in outcomes:
        found.update(one.faults)
        if one.kind == "refused":
            found[f"refused with {one.status} and Retry-After"] += 1
        if one.receipt in ("refused", "failed"):
            found[f"receipt {one.receipt} to the end"] += 1
    return found


def hanging(outcomes: Iterable[Outcome]) -> int:
    """How often a request had no answer within the time limit of its sender."""
    return sum(one.faults[HANGING] for one in outcomes)


@dataclass(frozen=True)
class QueueAges:
    """How long events waited, in seconds.

    Attributes:
        outboxes: service → from each event to the broker's confirmation, in order.
        queues: service → from the confirmation to the effect, in order.
        last_effect: when the last event was applied.
    """

    outboxes: Mapping[str, Sequence[float]]
    queues: Mapping[str, Sequence[float]]
    last_effect: datetime


def queue_ages(stores: Mapping[str, Store], since: datetime) -> QueueAges:
    """Reads from the databases how long the events of a rush waited.

    Args:
        stores: service → its database.
        since: when the rush began; older events do not count.
    """
    published: dict[str, datetime] = {}
    outboxes: dict[str, list[float]] = {}
    for service in SERVICE_NAMES:
        with stores[service].read() as connection:
            rows = connection.execute(select(published_events.c.event_id, published_events.c.published_at)).all()
        found = {event_id: at for event_id, at in rows if at >= since}
        outboxes[service] = sorted((at - made).total_seconds() for id_, at in found.items() if (made := _made_at(id_)))
        published |= found
    queues: dict[str, list[float]] = {}
    last = since
    for service in SERVICE_NAMES:
        with stores[service].read() as connection:
            applied = connection.execute(select(inbox.c.event_id, inbox.c.applied_at)).all()
        ours = [(at, published[event_id]) for event_id, at in applied if event_id in published]
        queues[service] = sorted(max((at - sent).total_seconds(), 0.0) for at, sent in ours)
        last = max([last, *(at for at, _ in ours)])
    return QueueAges(outboxes, queues, last)


def queue_table(ages: QueueAges) -> Table:
    """How long events waited in each service's outbox, and in its queue for its worker."""
    table = _table(
        "Tuổi hàng đợi · queue ages",
        "service",
        "sent",
        "outbox p50 s",
        "p99",
        "oldest",
        "applied",
        "queue p50 s",
        "p99",
        "oldest",
    )
    for service in SERVICE_NAMES:
        cells = []
        for waits in (ages.outboxes[service], ages.queues[service]):
            cells += [f"{len(waits):,}", *(f"{quantile(waits, share):.2f}" for share in (0.5, 0.99, 1.0))]
        table.add_row(service, *cells)
    return table


def summary(
    rush: Rush,
    outcomes: Sequence[Outcome],
    ages: QueueAges,
    drained: float,
    ledger: EffectAudit,
    processes_killed: int,
    longest_request: float,
) -> list[str]:
    """The main figures as rows of a table in Markdown, as docs/speed.md has them."""
    day, burst, after = ([one for one in outcomes if one.arrival.phase == phase] for phase in PHASES)
    calm, full, later = answers(day), answers(burst), answers(after)
    land, others = (
        answers([one for one in burst if one.arrival.field == LAND]),
        answers([one for one in burst if one.arrival.field != LAND]),
    )
    lost = [one for one in outcomes if one.faults and one.accepted]
    oldest = [
        max((waits[-1] for waits in part.values() if waits), default=0.0) for part in (ages.outboxes, ages.queues)
    ]
    found = sum(effect.found.total() for effect in ledger.effects)
    seconds = rush.burst_seconds or 1.0
    rows = {
        "people on the day, in the burst, after it": f"{calm.offered:,}, {full.offered:,}, {later.offered:,}",
        "the day: accepted; p50, p99": f"{_share(calm)}; {calm.p50:.2f} s, {calm.p99:.2f} s",
        "the burst: offered, accepted": f"{full.offered / seconds:,.0f}/s, {full.accepted / seconds:,.0f}/s",
        "the burst: p50, p99 of those accepted; p99 of those refused": f"{full.p50:.2f} s, {full.p99:.2f} s; {full.p99_refused:.2f} s",
        "the burst: accepted of land, of all other fields": f"{_share(land)}, {_share(others)}",
        "after it: accepted; p50, p99": f"{_share(later)}; {later.p50:.2f} s, {later.p99:.2f} s",
        "processes killed; people whose answer was lost and who were accepted once": f"{processes_killed}; {len(lost):,}",
        "no answer in time; neither code nor refusal": f"{hanging(outcomes):,}; {calm.failed + full.failed + later.failed:,}",
        "the longest request, at the proxy": f"{longest_request:.1f} s",
        "the load generator was late (p99)": f"{quantile(sorted(one.late for one in outcomes), 0.99):.1f} s",
        "oldest event in an outbox, in a queue": f"{oldest[0]:.1f} s, {oldest[1]:.1f} s",
        "time to drain after the last acceptance": f"{drained:.1f} s",
        "ledger: effects found; missing or extra": f"{found:,}; {len(ledger.differences)}",
    }
    return [f"| {what} | {figure} |" for what, figure in rows.items()]


def _share(found: Answers) -> str:
    return f"{found.accepted / found.offered:.0%}" if found.offered else "–"


def _made_at(event_id: str) -> datetime | None:
    """When an event was made, if its identifier is a UUIDv7, which has the time; not one that is derived from its cause."""
    made = uuid.UUID(event_id)
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC) if made.version == 7 else None


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(first, title=title)
    for column in columns:
        table.add_column(column, justify="right")
    return table
