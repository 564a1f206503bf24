"""Takes what a device delivers: each rating once, whatever is lost on the way and however often it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.rating.devices import queries, store
from services.rating.devices.domain import (
    COUNTABLE,
    Delivered,
    Device,
    Outcome,
    Pairing,
    Report,
    UnknownReview,
    fingerprint,
    given_at,
)
from services.rating.devices.rules import DeviceRules, device_rules
from services.rating.devices.schemas import delivered_in
from services.rating.ratings.commands import keep_rating
from services.rating.ratings.domain import BY_DEVICE, OF_VISIT, NewRating, OtherRating, Rating
from shared.persistence.unit_of_work import UnitOfWork

NOWHERE = Pairing("", "", 0, None)


@dataclass
class Receipt:
    """What became of the ratings of a delivery: none of them need be delivered again.

    Attributes:
        kept: ids of those that count, now or since an earlier delivery.
        aside: id → why it lies aside for review.
    """

    kept: list[str] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)

    def note(self, id_: str, outcome: Outcome) -> None:
        """Notes what became of one."""
        if outcome is Outcome.KEPT:
            self.kept.append(id_)
        else:
            self.aside[id_] = str(outcome)


def take_contact(work: UnitOfWork, device: Device, report: Report, sent: Sequence[Mapping[str, Any]]) -> Receipt:
    """Takes a device's report and the ratings that it delivers, in one transaction.

    Args:
        work: the transaction, in which the device is locked; see :func:`services.rating.devices.commands.renew_token`.
        device: who reports.
        report: how it is.
        sent: the ratings as sent, each with `id` and `sequence`.
    """
    store.keep_report(work.connection, device.desk, device.number, report, work.now)
    taker, receipt = _Taker(work, device, work.now - report.sent_at), Receipt()
    for one in sorted(sent, key=lambda one: int(one["sequence"])):
        receipt.note(one["id"], taker.take(one))
    return receipt


@dataclass
class _Taker:
    """Takes the ratings of one delivery.

    Attributes:
        work: the transaction.
        device: who delivers.
        offset: how far the server's clock is ahead of the device's now.
    """

    work: UnitOfWork
    device: Device
    offset: timedelta
    rules: DeviceRules = field(default_factory=device_rules)

    def take(self, sent: Mapping[str, Any]) -> Outcome:
        """Takes one; says what became of it, now or when it was delivered before."""
        mark, connection = fingerprint(sent), self.work.connection
        known = store.outcomes_of(connection, sent["id"])
        if mark in known:
            return known[mark]
        one = delivered_in(sent)
        place = store.pairing_of(connection, one.pairing) if one else None
        at = self._given_at(one) if one else None
        outcome = Outcome.CONFLICT if known else self._outcome(one, place, at)
        row = self._row(sent, mark, one, place, at) | {"outcome": str(outcome)}
        store.add_delivery(connection, row | ({"content": {}} if outcome is Outcome.KEPT else {}))
        return outcome

    def _given_at(self, one: Delivered) -> datetime | None:
        offsets = (one.offset, self.offset)
        return given_at(one.tapped_at, offsets, self.work.now, self.rules.oldest, self.rules.clock_tolerance)

    def _row(
        self, sent: Mapping[str, Any], mark: str, one: Delivered | None, place: Pairing | None, at: datetime | None
    ) -> dict[str, Any]:
        where = place or Pairing("", self.device.desk, self.device.number, None)
        return {
            "id": sent["id"],
            "fingerprint": mark,
            "pairing": where.id,
            "desk": where.desk,
            "number": where.number,
            "sequence": sent["sequence"],
            "numbered": one is not None and one.visit is not None,
            "given_at": at,
            "received_at": self.work.now,
            "late": at is not None and self.work.now - at > self.rules.late_after,
            "content": {"score": one.score, "courtesy": dict(one.courtesy)} if one else {},
        }

    def _outcome(self, one: Delivered | None, place: Pairing | None, at: datetime | None) -> Outcome:
        if one is None:
            return Outcome.INVALID
        if place is None:
            return Outcome.UNKNOWN_PLACE
        if at is None:
            return Outcome.TIME_UNKNOWN
        if one.visit is None and store.given_near(self.work.connection, place.id, at, self.rules.gap):
            return Outcome.TOO_SOON
        return self._keep(one, place, at)

    def _keep(self, one: Delivered, place: Pairing, at: datetime) -> Outcome:
        official = queries.official_at(self.work.connection, place, at, self.rules.official_for)
        if one.visit is not None:
            visit = queries.visit_at(self.work.connection, place, one.visit)
            if visit is None:
                return Outcome.UNKNOWN_VISIT
            official = visit.official
        try:
            with self.work.savepoint():
                if one.visit is not None and not queries.mark_rated(self.work.connection, one.visit, at):
                    return Outcome.RATED_BEFORE
                keep_rating(self.work, _rating(one.id, place, Rating(one.score, courtesy=one.courtesy), at, official))
        except OtherRating:
            return Outcome.CONFLICT
        return Outcome.KEPT


def decide(work: UnitOfWork, desk: str, id_: str, fingerprint: str, by: str, counts: bool) -> None:
    """Decides about a rating that lies aside: it counts from now on, or it does not. It is never deleted.

    Args:
        work: the transaction.
        desk: of the leader.
        id_, fingerprint: of the rating.
        by: subject of the leader.
        counts: whether it is to count; only one of :data:`services.rating.devices.domain.COUNTABLE` can.

    Raises:
        services.rating.devices.domain.UnknownReview: there is none, or it is decided otherwise, or it can't count.
    """
    found = store.aside_for_update(work.connection, desk, id_, fingerprint)
    if found is None:
        raise UnknownReview
    one, decided = found
    if decided == counts:
        return
    if decided is not None or (counts and one.outcome not in COUNTABLE):
        raise UnknownReview
    place = store.pairing_of(work.connection, one.pairing) or NOWHERE
    if counts:
        at = one.given_at or one.received_at
        official = queries.official_at(work.connection, place, at, device_rules().official_for)
        rating = Rating(one.content["score"], courtesy=one.content["courtesy"])
        own_id = str(uuid5(NAMESPACE_URL, f"{one.id}/{one.fingerprint}"))  # the id itself may name another rating
        keep_rating(work, _rating(own_id, place, rating, at, official))
    store.decide(work.connection, one, by, work.now, counts)


def _rating(id_: str, place: Pairing, rating: Rating, at: datetime, official: str | None) -> NewRating:
    return NewRating(id_, OF_VISIT, place.desk, rating, BY_DEVICE, at, counter=place.counter, official=official)
