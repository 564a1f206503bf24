"""Who may do and see what in notify. The API asks only this module.

Staff may only read messages. Nobody may send one by hand: messages follow from events.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from shared.agencies import Agencies
from shared.auth import Principal

MESSAGE_READERS = ("clerk", "leader")
"""Roles that may read messages. Each reading is recorded in the audit."""


class NotMessageReader(Exception):
    """The actor may not read messages."""


class WrongAgency(Exception):
    """The actor works for none of the agencies that the dossier concerns."""


def require_message_reader(actor: Principal, concerned: Collection[str], agencies: Agencies, today: date) -> None:
    """The messages of a dossier are read by clerks and leaders of the agencies whose acts they tell (the receiving one and those that
    handle it), and by the leaders above them. After a merger the successor's staff act for an agency.

    Args:
        actor: who asks.
        concerned: the agencies.
        agencies: all of them.
        today: the business day.

    Raises:
        NotMessageReader: the actor has none of the roles :data:`MESSAGE_READERS`.
        WrongAgency: none of the agencies is the actor's.
    """
    if not actor.has(*MESSAGE_READERS):
        raise NotMessageReader
    own = agencies.handled_by(actor.agency, today)
    led = agencies.descendants(actor.agency, today) if actor.has("leader") else frozenset()
    if not actor.agency or (own | led).isdisjoint(concerned):
        raise WrongAgency


TEMPLATE_EDITORS = ("leader",)
"""Roles that may write their agency's own texts and send them as a test."""


class NoOwnAgency(Exception):
    """The actor works for no agency."""


def own_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The agencies whose messages staff see in lists: those for which they act, and for leaders those below too.

    Args:
        actor: who asks.
        agencies: all of them.
        today: the business day.

    Raises:
        NotMessageReader: the actor has none of the roles :data:`MESSAGE_READERS`.
        NoOwnAgency: the actor works for no agency.
    """
    if not actor.has(*MESSAGE_READERS):
        raise NotMessageReader
    if not actor.agency:
        raise NoOwnAgency
    led = agencies.descendants(actor.agency, today) if actor.has("leader") else frozenset()
    return frozenset({actor.agency, *agencies.handled_by(actor.agency, today), *led})


PARKED_READERS = (*MESSAGE_READERS, "operator")
"""Roles that may see which events notify could not apply."""
PARKED_REPLAYERS = ("leader", "operator")
"""Roles that may have such an event applied again."""


def parked_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str] | None:
    """The agencies whose parked events an actor may see: as :func:`own_agencies`; None for an operator: all, also of no known agency.

    Args:
        actor, agencies, today: as for :func:`own_agencies`.

    Raises:
        NotMessageReader, NoOwnAgency: as :func:`own_agencies`.
    """
    return None if actor.has("operator") else own_agencies(actor, agencies, today)


RECIPIENT_KEEPERS = ("leader", "operator")
"""Roles that may enter and remove recipients of reports: leaders of the reports of their agencies, operators of all."""


class NotRecipientKeeper(Exception):
    """The actor may not say who gets the reports of this agency."""


def recipient_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str] | None:
    """The agencies whose reports' recipients an actor keeps: of a leader their own and those below; None for an operator: all.

    Args:
        actor: who asks.
        agencies: all of them.
        today: the business day.

    Raises:
        NoOwnAgency: a leader of no agency.
    """
    if actor.has("operator"):
        return None
    if not actor.agency:
        raise NoOwnAgency
    return agencies.descendants(actor.agency, today)


def require_recipient_keeper(actor: Principal, agency: str, agencies: Agencies, today: date) -> None:
    """Who gets the reports of an agency is said by its leaders, those above it, and operators; see :func:`recipient_agencies`.

    Raises:
        NotRecipientKeeper: the actor is none of these.
        NoOwnAgency: a leader of no agency.
    """
    kept = recipient_agencies(actor, agencies, today)
    if kept is not None and agency not in kept:
        raise NotRecipientKeeper


POST_READERS = ("clerk", "leader")
"""Roles that may see the letters, batches and parcels of their agencies. Each reading is recorded in the audit."""
POST_CLERKS = ("clerk",)
"""Roles that may close, print and hand over batches, and register, cancel and settle parcels."""


def post_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The agencies whose letters and parcels an actor may see: clerks those they act for, leaders also those below.

    Args:
        actor: who asks.
        agencies: all of them.
        today: the business day.

    Raises:
        WrongAgency: the actor has none.
    """
    own = agencies.handled_by(actor.agency, today)
    led = agencies.descendants(actor.agency, today) if actor.has("leader") else frozenset()
    if not own | led:
        raise WrongAgency
    return own | led


def clerks_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The agencies whose letters and parcels a clerk handles: their own and those merged into it.

    Args:
        actor, agencies, today: as for :func:`post_agencies`.

    Raises:
        WrongAgency: the actor has none.
    """
    own = agencies.handled_by(actor.agency, today) if actor.has(*POST_CLERKS) else frozenset()
    if not own:
        raise WrongAgency
    return own
