"""Who may do and read what in intake: every rule of access, asked by APIs and pages alike.

A route's roles are checked before its view runs (:mod:`shared.web.authorization`). The rules here add what depends on the
actor's agency and the record; each takes the actor, the record, the agencies and the business day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from services.intake.applications.domain import Application
from services.intake.dossiers.domain import Dossier
from services.intake.plugin_access.domain import StepGrant
from shared.agencies import Agencies, Agency, UnknownAgency
from shared.agencies.roles import ONE_STOP_DESK
from shared.auth import Principal
from shared.contracts.observers import ROLE as OBSERVER
from shared.web.authorization import scope_checked
from shared.web.problem import Problem


def require(allowed: bool) -> None:
    """Lets a request with ``agency="record"`` go on if one of the rules allows it.

    Raises:
        Problem: 403, it does not.
    """
    if not allowed:
        raise Problem(403, "wrong-agency")
    scope_checked()


def may_file_at(actor: Principal, desk: Agency) -> bool:
    """Whether a clerk may receive dossiers at a desk: only at their own."""
    return bool(actor.agency) and actor.agency == desk.code


def may_serve_visitors(actor: Principal, desk: str) -> bool:
    """Whether a clerk or leader may give out numbers at a desk, see who waits, and call them: only at their own."""
    return bool(actor.agency) and actor.agency == desk and (actor.has("clerk") or actor.has("leader"))


def may_serve_at_desk(actor: Principal, dossier: Dossier, agencies: Agencies, today: date) -> bool:
    """Whether a clerk may take a payment or a supplement, note a withdrawal, or hand over the result.

    Only clerks of the receiving desk, or of its successor after a merger.
    """
    return _acts_for(actor, dossier.receiving_agency, agencies, today)


def may_decide_application(actor: Principal, application: Application, agencies: Agencies, today: date) -> bool:
    """Whether a clerk may accept or refuse an application, or ask for papers: at its desk, or the desk's successor."""
    return _acts_for(actor, application.receiving_agency, agencies, today)


def may_read_application(actor: Principal, application: Application, agencies: Agencies, today: date) -> bool:
    """Whether a clerk or leader may read an application without saying why: those of its desk."""
    return _acts_for(actor, application.receiving_agency, agencies, today)


def may_open_with_reason(
    actor: Principal, desk: str, earlier_holders: Collection[str], agencies: Agencies, today: date
) -> bool:
    """Whether a member of staff may open a dossier or an application that is not theirs to work on, once they have said why.

    Clerks and leaders of any one-stop desk may, since citizens may ask at each of them (NĐ 118/2025, article 14.2); so may leaders of the
    agencies above the receiving desk, and officials of the agencies that had a step of it. Their reason is kept and reported.

    Args:
        actor: a clerk, an officer or a leader.
        desk: the receiving desk.
        earlier_holders: the agencies that have or had a step of it.
        agencies: all of them.
        today: the business day.
    """
    if any(_acts_for(actor, one, agencies, today) for one in (desk, *earlier_holders)):
        return True
    if actor.has("leader") and actor.agency in agencies.ancestors(desk, today):
        return True
    if not actor.agency or not (actor.has("clerk") or actor.has("leader")):
        return False
    try:
        return ONE_STOP_DESK in agencies.get(actor.agency, today).roles
    except UnknownAgency:
        return False


def may_read_dossier(
    actor: Principal, dossier: Dossier, holders: Collection[str], agencies: Agencies, today: date
) -> bool:
    """Whether a dossier with its personal data is a member of staff's to work on, so that they may read it without saying why.

    Clerks of the receiving desk may, and officials of the agencies that have an open step of it, as long as they have it. Leaders of the
    desk, and of the agency where the dossier is, may too. After a merger the successor's staff act for an agency. Some others may
    open it with a reason: see :func:`may_open_with_reason`.

    Args:
        actor: a clerk, an officer or a leader.
        dossier: as read.
        holders: the agencies that have an open step of it.
        agencies: all of them.
        today: the business day.
    """
    own_desk = _acts_for(actor, dossier.receiving_agency, agencies, today)
    if own_desk and (actor.has("clerk") or actor.has("leader")):
        return True
    if any(_acts_for(actor, holder, agencies, today) for holder in holders):
        return True
    return actor.has("leader") and _acts_for(actor, dossier.place_agency, agencies, today)


def listable_desks(actor: Principal, desk: str, agencies: Agencies, today: date) -> frozenset[str]:
    """The receiving desks whose dossiers an actor may list.

    Clerks list their own desk and those merged into it; leaders also any desk below their agency.

    Args:
        actor: a clerk or a leader.
        desk: the desk asked for; empty for the actor's own agency.
        agencies: all of them.
        today: the business day.

    Returns:
        codes; empty when the actor may not list the desk.
    """
    own = agencies.handled_by(actor.agency, today)
    if not desk or desk == actor.agency:
        return own
    if desk in own:
        return frozenset({desk})
    leads = bool(actor.agency) and actor.has("leader") and actor.agency in agencies.ancestors(desk, today)
    return agencies.handled_by(desk, today) if leads else frozenset()


def overseen_desks(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The desks of which an actor sees whether the money is late: clerks their own, leaders also all below their agency."""
    own = listable_desks(actor, "", agencies, today)
    return own | agencies.descendants(actor.agency, today) if own and actor.has("leader") else own


def may_make_exports(actor: Principal, agencies: Agencies, today: date) -> bool:
    """Whether a clerk may give a visitor all that is kept about them: at any one-stop desk, as citizens may ask at each of them."""
    try:
        return actor.has("clerk") and ONE_STOP_DESK in agencies.get(actor.agency, today).roles
    except UnknownAgency:
        return False


def may_open_export(actor: Principal, clerk: str, desk: str) -> bool:
    """Whether a clerk may open an export: the one who made it for the visitor, at that desk.

    Args:
        actor: a clerk.
        clerk: the subject of who made it; empty where the person signed in, so that no official may open it.
        desk: theirs.
    """
    return bool(clerk) and (actor.subject, actor.agency) == (clerk, desk)


def works_at(actor: Principal, desk: str, agencies: Agencies, today: date) -> bool:
    """Whether a desk's dossiers are the actor's own to work on: of their desk, or one merged into it."""
    return _acts_for(actor, desk, agencies, today)


def may_read_declined_filing(actor: Principal, desk: str, agencies: Agencies, today: date) -> bool:
    """Whether a clerk or leader may read what a desk has declined before filing: those whose dossiers of the desk they may list."""
    return (actor.has("clerk") or actor.has("leader")) and bool(listable_desks(actor, desk, agencies, today))


def may_hold_dossier(actor: Principal, desk: str, agencies: Agencies, today: date) -> bool:
    """Whether a leader may keep a dossier from being erased, or let it be: leaders of its desk and of the agencies above."""
    return actor.has("leader") and bool(listable_desks(actor, desk, agencies, today))


def may_write_to_citizen(actor: Principal, desk: str, agencies: Agencies, today: date) -> bool:
    """Whether an official may answer the applicant of a dossier, write to them and note calls: only clerks of its desk (NĐ 118/2025,
    article 5.1e)."""
    return actor.has("clerk") and _acts_for(actor, desk, agencies, today)


def may_ask_desk(actor: Principal, holders: Collection[str], agencies: Agencies, today: date) -> bool:
    """Whether an official may ask a dossier's desk for their agency: while the agency, or one merged into it, has an open step of it."""
    return any(_acts_for(actor, holder, agencies, today) for holder in holders)


def own_steps(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The agencies of whose open steps an actor may list the dossiers: their own and those merged into it."""
    return agencies.handled_by(actor.agency, today)


def may_read_step_papers(actor: Principal, grant: StepGrant, agencies: Agencies, today: date) -> bool:
    """Whether an agency's software may ask for the papers of a step: the step was assigned to its agency or a predecessor.

    That the step is still open is checked when the papers are read.
    """
    return _acts_for(actor, grant.agency, agencies, today)


def may_observe(actor: Principal, agencies: Agencies, today: date) -> bool:
    """Whether a program may read any dossier for the national portal: its agency is an observer on that day."""
    try:
        return bool(actor.agency) and OBSERVER in agencies.get(actor.agency, today).roles
    except UnknownAgency:
        return False


def may_edit_procedures(actor: Principal, agencies: Agencies, today: date) -> bool:
    """Whether a leader may edit and publish procedures: only one of the province's public service centre."""
    try:
        agency = agencies.get(actor.agency, today)
    except UnknownAgency:
        return False
    return actor.has("leader") and agency.level == "province" and ONE_STOP_DESK in agency.roles


def _acts_for(actor: Principal, agency: str, agencies: Agencies, today: date) -> bool:
    return bool(actor.agency) and actor.agency in agencies.acting_for(agency, today)
