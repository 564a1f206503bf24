"""The tables of devices, of the times during which they were paired, and of what they have delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Index, Integer, String, Table, and_, func, or_, select, update

from services.rating.database import metadata
from services.rating.devices.domain import Device, Outcome, Pairing, Report
from shared.persistence.sql import Moment, insert
from shared.persistence.wrong_tries import WrongTries

PAIRING_FAILURES = WrongTries("pairing_failure", metadata)

devices = Table(
    "rating_device",
    metadata,
    Column("desk", String(50), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("counter", Integer),
    Column("pairing", String(32)),
    Column("paired_at", Moment),
    Column("code_hash", String(64)),  # of the code that pairs the next browser
    Column("code_until", Moment),  # real time
    Column("code_counter", Integer),  # at which that browser will stand
    Column("code_by", String(200), nullable=False),  # who made the code
    Column("token_hash", String(64)),  # of the paired browser's cookie
    Column("token_since", Moment),  # real time
    Column("next_hash", String(64)),  # of the token that was sent to replace it, until the browser shows it
    Column("old_hash", String(64)),  # of the token before it
    Column("old_until", Moment),  # real time
    Column("seen_at", Moment),
    Column("battery", Integer),
    Column("charging", Boolean),
    Column("waiting", Integer, nullable=False),
    Column("version", String(20), nullable=False),
    Column("clock_offset", Integer, nullable=False),  # seconds
    Index("ix_rating_device_token_hash", "token_hash", unique=True),
    Index("ix_rating_device_next_hash", "next_hash", unique=True),
    Index("ix_rating_device_old_hash", "old_hash", unique=True),
    Index("ix_rating_device_code_hash", "code_hash"),
)
pairings = Table(
    "rating_device_pairing",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("desk", String(50), nullable=False),
    Column("number", Integer, nullable=False),
    Column("counter", Integer),
    Column("paired_at", Moment, nullable=False),
    Column("paired_by", String(200), nullable=False),
)
deliveries = Table(
    "rating_delivery",  # every rating that devices delivered, each once; it never names the visit
    metadata,
    Column("id", String(36), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),  # two contents under one id are two rows
    Column("pairing", String(32), nullable=False),
    Column("desk", String(50), nullable=False),
    Column("number", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("numbered", Boolean, nullable=False),  # whether it is about a visit
    Column("given_at", Moment),  # None: nobody knows
    Column("received_at", Moment, nullable=False),
    Column("late", Boolean, nullable=False),  # delivered more than a day after it was given
    Column("content", JSON, nullable=False),  # of what lies aside; empty for what is kept
    Column("decided_by", String(200)),
    Column("decided_at", Moment),
    Column("counts", Boolean),  # what was decided
    Index("ix_rating_delivery_given", "pairing", "given_at"),
    Index("ix_rating_delivery_desk", "desk", "number", "outcome"),
)

_C, _D = devices.c, deliveries.c
_DEVICE = select(*(_C[name] for name in Device.__slots__))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a device, as hashes; attributes as the columns."""

    token_hash: str | None
    token_since: datetime | None
    next_hash: str | None
    old_hash: str | None
    old_until: datetime | None


@dataclass(frozen=True, slots=True)
class Aside:
    """A delivered rating that lies aside: id and fingerprint, when it was received, and why it does not count."""

    id: str
    fingerprint: str
    pairing: str
    number: int
    outcome: Outcome
    given_at: datetime | None
    received_at: datetime
    content: dict[str, Any]


def _device(row: Any) -> Device:
    values = dict(row._mapping)
    return Device(**values | {"clock_offset": timedelta(seconds=values["clock_offset"])})


def by_token(connection: Connection, token_hash: str, wall: datetime) -> Device | None:
    """The device whose browser has this token: the present one, its successor, or the one before while it is still good."""
    old = and_(_C.old_hash == token_hash, _C.old_until > wall)
    row = connection.execute(_DEVICE.where(or_(_C.token_hash == token_hash, _C.next_hash == token_hash, old))).first()
    return None if row is None else _device(row)


def of_desks(connection: Connection, desks: Sequence[str] | None) -> list[Device]:
    """The devices of some desks, by desk and number; None for all."""
    found = _DEVICE.order_by(_C.desk, _C.number)
    return [_device(row) for row in connection.execute(found if desks is None else found.where(_C.desk.in_(desks)))]


def lock(connection: Connection, desk: str, number: int) -> Tokens:
    """Locks a device's row until the transaction ends, so that its deliveries come one after the other; returns its tokens."""
    columns = [_C[name] for name in Tokens.__slots__]
    row = connection.execute(select(*columns).where(_of(desk, number)).with_for_update()).one()
    return Tokens(*row)


def expect(
    connection: Connection, desk: str, number: int, counter: int | None, code_hash: str, until: datetime, by: str
) -> None:
    """Lets a code pair a browser as this device; the one that is paired stays so until then."""
    code = {"code_hash": code_hash, "code_until": until, "code_counter": counter, "code_by": by}
    new = {"desk": desk, "number": number, "counter": counter, "waiting": 0, "version": "", "clock_offset": 0}
    row = insert(devices, connection).values(**new, **code)
    connection.execute(row.on_conflict_do_update(index_elements=[_C.desk, _C.number], set_=code))


def pair(
    connection: Connection, code_hash: str, token_hash: str, pairing: str, now: datetime, wall: datetime
) -> Device | None:
    """Pairs a browser by a code, which is used up; None if no device waits for it. Of two browsers, one gets it."""
    waiting = (_C.code_hash == code_hash) & (_C.code_until > wall)
    values = {"pairing": pairing, "paired_at": now, "counter": _C.code_counter, **_NO_CODE, **_NO_REPORT, **_NO_TOKENS}
    values |= {"token_hash": token_hash, "token_since": wall}
    row = connection.execute(update(devices).where(waiting).values(values).returning(*_DEVICE.selected_columns)).first()
    if row is None:
        return None
    device = _device(row)
    by = select(_C.code_by).where(_of(device.desk, device.number)).scalar_subquery()
    place = {"desk": device.desk, "number": device.number, "counter": device.counter}
    connection.execute(pairings.insert().values(id=pairing, paired_at=now, paired_by=by, **place))
    return device


def unpair(connection: Connection, desk: str, number: int) -> bool:
    """Takes a device's browser and code from it; false if it has neither."""
    of = _of(desk, number) & (_C.pairing.is_not(None) | _C.code_hash.is_not(None))
    nothing = {"pairing": None, "paired_at": None, **_NO_CODE, **_NO_TOKENS}
    return connection.execute(update(devices).where(of).values(nothing)).rowcount > 0


def keep_tokens(connection: Connection, desk: str, number: int, tokens: Tokens) -> None:
    """Keeps the tokens of a device after one was sent or shown."""
    values = {name: getattr(tokens, name) for name in Tokens.__slots__}
    connection.execute(update(devices).where(_of(desk, number)).values(values))


def keep_report(connection: Connection, desk: str, number: int, report: Report, now: datetime) -> None:
    """Keeps how a device is."""
    offset = max(-_MOST, min(_MOST, round((now - report.sent_at).total_seconds())))
    values = {name: getattr(report, name) for name in ("version", "waiting", "battery", "charging")}
    connection.execute(
        update(devices).where(_of(desk, number)).values(values | {"seen_at": now, "clock_offset": offset})
    )


def pairing_of(connection: Connection, id_: str) -> Pairing | None:
    """A time during which a browser was a device; None for an unknown one."""
    columns = [pairings.c[name] for name in Pairing.__slots__]
    row = connection.execute(select(*columns).where(pairings.c.id == id_)).first()
    return None if row is None else Pairing(*row)


def outcomes_of(connection: Connection, id_: str) -> dict[str, Outcome]:
    """What became of all that was delivered under an id, by fingerprint."""
    found = connection.execute(select(_D.fingerprint, _D.outcome).where(_D.id == id_))
    return {row.fingerprint: Outcome(row.outcome) for row in found}


def given_near(connection: Connection, pairing: str, moment: datetime, gap: timedelta) -> bool:
    """Whether a kept rating without a number was given on this device so shortly before or after a moment."""
    near = and_(_D.given_at > moment - gap, _D.given_at < moment + gap)
    found = select(_D.id).where(_D.pairing == pairing, near, _D.outcome == Outcome.KEPT, _D.numbered.is_(False))
    return connection.execute(found.limit(1)).first() is not None


def add_delivery(connection: Connection, row: Mapping[str, Any]) -> None:
    """Writes what was delivered, and what became of it.

    Args:
        connection: inside a transaction.
        row: the columns.
    """
    connection.execute(deliveries.insert(), [row])


def undecided(connection: Connection, desk: str, limit: int) -> list[Aside]:
    """What lies aside at a desk, the newest first, and nobody has decided about."""
    columns = [_D[name] for name in Aside.__slots__]
    found = select(*columns).where(_D.desk == desk, _D.outcome != Outcome.KEPT, _D.decided_at.is_(None))
    return [_aside(row) for row in connection.execute(found.order_by(_D.received_at.desc(), _D.id).limit(limit))]


def aside_for_update(connection: Connection, desk: str, id_: str, fingerprint: str) -> tuple[Aside, bool | None] | None:
    """One of these, also one that is decided, locked until the transaction ends; and whether it counts, None while that is open."""
    columns = [*(_D[name] for name in Aside.__slots__), _D.counts]
    of = and_(_D.id == id_, _D.fingerprint == fingerprint, _D.desk == desk, _D.outcome != Outcome.KEPT)
    row = connection.execute(select(*columns).where(of).with_for_update()).first()
    if row is None:
        return None
    values = dict(row._mapping)
    counts = values.pop("counts")
    return Aside(**values | {"outcome": Outcome(row.outcome)}), counts


def decide(connection: Connection, one: Aside, by: str, now: datetime, counts: bool) -> None:
    """Keeps what was decided about a rating that lies aside."""
    of = and_(_D.id == one.id, _D.fingerprint == one.fingerprint)
    connection.execute(update(deliveries).where(of).values(decided_by=by, decided_at=now, counts=counts))


@dataclass(frozen=True, slots=True)
class Counts:
    """What a device has delivered since it was paired.

    Attributes:
        kept: ratings that count.
        aside: of these nobody has decided.
        late: delivered more than a day after they were given.
        missing: numbers between the first and the last that never came.
    """

    kept: int = 0
    aside: int = 0
    late: int = 0
    missing: int = 0


def counts_of(connection: Connection, pairing_ids: Sequence[str]) -> dict[str, Counts]:
    """What was delivered during some pairings."""
    kept = func.count().filter(_D.outcome == Outcome.KEPT)
    aside = func.count().filter(_D.outcome != Outcome.KEPT, _D.decided_at.is_(None))
    late = func.count().filter(_D.late)
    missing = func.max(_D.sequence) - func.min(_D.sequence) + 1 - func.count(_D.sequence.distinct())
    found = select(_D.pairing, kept, aside, late, missing).where(_D.pairing.in_(pairing_ids)).group_by(_D.pairing)
    return {row[0]: Counts(*row[1:]) for row in connection.execute(found)}


def _of(desk: str, number: int) -> Any:
    return (_C.desk == desk) & (_C.number == number)


def _aside(row: Any) -> Aside:
    return Aside(**{**row._mapping, "outcome": Outcome(row.outcome)})


_NO_CODE: dict[str, Any] = {"code_hash": None, "code_until": None, "code_counter": None}
_NO_TOKENS: dict[str, Any] = dict.fromkeys(Tokens.__slots__)
_NO_REPORT: dict[str, Any] = {"seen_at": None, "battery": None, "charging": None, "waiting": 0, "version": ""}
_MOST = 2**31 - 1
