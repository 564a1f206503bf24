"""Who may see and do what in stats. The API and the pages ask only this module.

Leaders see the numbers of their agency and of those below it, and the codes of the dossiers behind them; operators those of all. The
board of totals and the transparency page are public: they show no dossier and no person. Nobody may change a fact: facts follow from
events. Reports are drawn up by officers and leaders, signed off and published by leaders; published ones are for everybody.

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


REPORT_WRITERS = ("officer", "leader")
"""Roles that may draw up reports of their agencies, count them again, submit and correct them."""
REPORT_LEADERS = ("leader",)
"""Roles that may sign reports of their agencies off and publish them."""
REPORT_READERS = (*REPORT_WRITERS, "operator")
"""Roles that may read reports that are not published: of their agencies, operators all."""


class NotOwnReport(Exception):
    """The report is another agency's."""


class NotReportLeader(Exception):
    """The actor leads neither the report's agency nor one above it."""


def report_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str] | None:
    """The agencies whose reports an actor reads: leaders their own and those below, officers their own, with those merged into them;
    None for an operator: all.

    Raises:
        NoAgency: neither an operator nor of any agency.
    """
    if actor.has("operator"):
        return None
    if not actor.agency:
        raise NoAgency
    if actor.has(*REPORT_LEADERS):
        return agencies.descendants(actor.agency, today)
    return agencies.handled_by(actor.agency, today)


def require_report_reader(actor: Principal, agency: str, agencies: Agencies, today: date) -> None:
    """A report that is not published is read by those whose agency it concerns; see :func:`report_agencies`.

    Raises:
        NotOwnReport: it is another agency's.
        NoAgency: the actor has none.
    """
    visible = report_agencies(actor, agencies, today)
    if visible is not None and agency not in visible:
        raise NotOwnReport


def require_report_writer(actor: Principal, agency: str, agencies: Agencies, today: date) -> None:
    """A report is drawn up, submitted and corrected by officers and leaders of its agency, and by leaders above it.

    Raises:
        NotOwnReport: the actor is none of these.
    """
    if not actor.has(*REPORT_WRITERS) or not actor.agency:
        raise NotOwnReport
    reach = agencies.descendants if actor.has(*REPORT_LEADERS) else agencies.handled_by
    if agency not in reach(actor.agency, today):
        raise NotOwnReport


def require_report_leader(actor: Principal, agency: str, agencies: Agencies, today: date) -> None:
    """A report is signed off and published by a leader of its agency, or of one above it.

    Raises:
        NotReportLeader: the actor is none.
    """
    if not actor.has(*REPORT_LEADERS) or agency not in agencies.descendants(actor.agency, today):
        raise NotReportLeader
