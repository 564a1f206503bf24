"""Decisions that an agency posts: checked and applied as those that come by AMQP, but answered at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from marshmallow import ValidationError

from services.routing.plugins import decisions
from shared.contracts import REGISTRY, read_data
from shared.messaging import inbox, retry_queue
from shared.messaging.errors import NotYet, Permanent
from shared.messaging.event import Event, Undecodable
from shared.messaging.hints import RETRY
from shared.messaging.reused_ids import refuse_reused
from shared.messaging.sender_identity import AGENCY_TYPES, SpoofedSender, agency_source, read_event
from shared.persistence.unit_of_work import UnitOfWork


class NotNow(Exception):
    """The decision cannot be applied yet, and nothing was changed: the agency must send it again later."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision.

    Attributes:
        id: of the decision.
        state: ``applied``, ``repeated`` (the same id was taken before) or ``rejected``.
        code: why it was rejected, for programs; empty otherwise.
        message_vi, message_en: the same for people.
    """

    id: str
    state: str
    code: str = ""
    message_vi: str = ""
    message_en: str = ""


def read_decision(body: Mapping[str, Any], agency: str) -> Event:
    """The decision in a request, its data as sent.

    Args:
        body: a CloudEvent in JSON, with its attributes checked one by one.
        agency: whose token the request has.

    Raises:
        marshmallow.ValidationError: names what is wrong.
    """
    _require(body["source"] == agency_source(agency), "source", f"Must be one of: {agency_source(agency)}.")
    _require(body["type"] in AGENCY_TYPES, "type", f"Must be one of: {', '.join(sorted(AGENCY_TYPES))}.")
    data = body["data"]
    _require(data.get("agency") == agency, "data.agency", f"Must be one of: {agency}.")
    _require(data.get("dossier") == body["partitionkey"], "partitionkey", f"Must be one of: {data.get('dossier')}.")
    try:
        event = read_event(orjson.dumps(body), agency)
    except (Undecodable, SpoofedSender, TypeError) as error:
        raise ValidationError({"id": [str(error)]}) from error
    try:
        REGISTRY.by_type[event.type].schema.load(data)
    except ValidationError as error:
        raise ValidationError({"data": error.messages_dict}) from error
    return event


def decide(work: UnitOfWork, event: Event) -> Decided:
    """Applies a decision once, however often and by whatever way it comes.

    Args:
        work: the transaction.
        event: from :func:`read_decision`.

    Raises:
        NotNow: something that it depends on has not arrived; the transaction must be rolled back.
    """
    wall = work.clock.wall()
    if not inbox.claim(work.connection, [event], wall):
        return _known(work, event)
    waiting = retry_queue.entries_for(work.connection, [event.key]).get(event.key, [])
    if any(entry.blocks(event.source, event.sequence) for entry in waiting):
        raise NotNow("an earlier event of the dossier has not been applied")
    try:
        decisions.HANDLERS[event.name](replace(event, data=read_data(event)), work)
    except (NotYet, Permanent) as error:
        raise NotNow(str(error)) from error
    if waiting:
        retry_queue.make_due(work.connection, [event.key], wall)
        work.hint(RETRY)
    rejected = work.attached(decisions.rejections).get(event.id)
    if rejected is None:
        return Decided(event.id, "applied")
    return Decided(event.id, "rejected", rejected.code, rejected.vi, rejected.en)


def _known(work: UnitOfWork, event: Event) -> Decided:
    """The answer to a decision whose id was taken before: a repeat, unless it says something else now."""
    taken = inbox.contents(work.connection, [event]).get(inbox.identity(event))
    if taken in (None, inbox.content_of(event)):
        return Decided(event.id, "repeated")
    refuse_reused(work, [event], decisions.refuse_reused, work.clock.wall())
    reused = decisions.REUSED
    return Decided(event.id, "rejected", reused.code, reused.vi, reused.en)


def _require(fulfilled: bool, field: str, message: str) -> None:
    if not fulfilled:
        raise ValidationError({field: [message]})
