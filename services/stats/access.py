"""Who may see what in stats. The API asks only this module.

Leaders see the numbers of their agency and of those below it, and the codes of the dossiers behind them; operators those of all. The
board of totals and the transparency page are public: they show no dossier and no person. Nobody may change a fact: facts follow from
events.

What single officials did is shown here to themselves alone. A leader sees it in rating, in the yearly assessment, where the official may
answer to it and where too few ratings are not shown; a second place without these safeguards would be a ranking of persons, and with
small numbers would tell which citizen rated how (NĐ 118/2025, Điều 29.3).
"""

from __future__ import annotations

from datetime import date

from shared.agencies import Agencies
from shared.auth import Principal

STATISTICS_READERS = ("leader", "operator")
"""Roles that may see statistics."""


class NotStatisticsReader(Exception):
    """The actor may not see statistics."""


class NoAgency(Exception):
    """The actor leads no agency."""


def visible_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str] | None:
    """The agencies whose dossiers are counted for an actor: those that have received or handle the dossier. For a leader their own and
    all below it, with those merged into them; None for an operator: all.

    Raises:
        NotStatisticsReader: the actor has none of the roles :data:`STATISTICS_READERS`.
        NoAgency: a leader without an agency.
    """
    if actor.has("operator"):
        return None
    if not actor.has("leader"):
        raise NotStatisticsReader
    if not actor.agency:
        raise NoAgency
    return agencies.descendants(actor.agency, today)


FIGURE_WRITERS = ("leader",)
"""Roles that enter figures of the index from outside."""


class OtherAgency(Exception):
    """The actor may not see this agency's numbers."""


def require_visible(actor: Principal, agency: str, agencies: Agencies, today: date) -> frozenset[str] | None:
    """The agencies that an actor sees, as :func:`visible_agencies`, of which a given one must be one.

    Args:
        actor: who asks.
        agency: code; empty for all agencies together.
        agencies: all of them.
        today: the local day.

    Raises:
        OtherAgency: it is none of them.
        NotStatisticsReader, NoAgency: as :func:`visible_agencies`.
    """
    visible = visible_agencies(actor, agencies, today)
    if visible is not None and agency not in visible:
        raise OtherAgency
    return visible


def caller(actor: Principal) -> dict[str, str]:
    """Who looks, as the frame of officials' pages shows it."""
    role = next((one for one in STATISTICS_READERS if actor.has(one)), "")
    return {"subject": actor.subject, "agency": actor.agency, "role": role}


OFFICIALS = ("clerk", "officer", "leader")
"""Roles of those who serve citizens and do steps; each sees their own numbers and nobody else's."""


class NotYourUnit(Exception):
    """The agency is neither the leader's own nor below it."""


class UnknownUnit(Exception):
    """There is no such agency."""


def unit_agencies(actor: Principal, unit: str, agencies: Agencies, today: date) -> frozenset[str]:
    """The agencies that the page of one agency counts: it, those below it, and those merged into them.

    Args:
        actor: who looks.
        unit: the agency's code.
        agencies: all of them.
        today: the business day.

    Raises:
        NotStatisticsReader: the actor has none of the roles :data:`STATISTICS_READERS`.
        NoAgency: a leader without an agency.
        NotYourUnit: it is neither the leader's own agency nor below it.
        UnknownUnit: there is no such agency; said to operators, who see all.
    """
    visible = visible_agencies(actor, agencies, today)
    below = agencies.descendants(unit, today)
    known = frozenset(agency.code for agency in agencies.all())
    if visible is None:
        if unit not in known:
            raise UnknownUnit
        return below
    if unit not in visible:
        raise NotYourUnit
    return below & visible
