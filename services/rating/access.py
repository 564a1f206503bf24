"""Who may do and see what in rating. The pages and the commands ask only this module.

The holder of an invitation's one-time token may rate its dossier, once. No sign-in is needed. Nobody may see who rated, or how
(NĐ 118/2025, Điều 29.3), so no page shows a rating; scores are shown of many together. The applicant gets their own by intake, when they
ask for all their data. Nobody rates their own work, and nobody decides about unusual ratings of it.
Leaders keep the register of their agency's officials.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection

from services.rating.invitations.domain import Invitation, require_open, token_hash
from services.rating.invitations.store import find_invitation
from services.rating.officials.store import parts_of_dossier
from services.rating.ratings.domain import OwnWork
from shared.agencies import Agencies
from shared.auth import Principal


class NoAgency(Exception):
    """The actor's token names no agency."""


def require_token_holder(connection: Connection, token: str, hash_key: str, now: datetime) -> Invitation:
    """Checks that a token gives the right to rate now; the token stays usable.

    Args:
        connection: reads.
        token: as typed.
        hash_key: of the stored hashes.
        now: business time.

    Raises:
        services.rating.invitations.domain.UnknownToken: no invitation has this token.
        services.rating.invitations.domain.AlreadyUsed: the invitation was used.
        services.rating.invitations.domain.Expired: the invitation has expired.
    """
    return require_open(find_invitation(connection, token_hash(token, hash_key)), now)


FLAG_REVIEWERS = ("leader", "auditor")
"""Roles that decide about unusual ratings."""


def require_not_about(connection: Connection, actor: Principal | None, dossier: str) -> None:
    """Refuses an official who is to rate a dossier in which they had a part.

    Args:
        connection: reads.
        actor: who is signed in; None if nobody is.
        dossier: its code.

    Raises:
        services.rating.ratings.domain.OwnWork: they received it, handed it over or did a step of it.
    """
    if actor is not None and actor.subject in {part.official for part in parts_of_dossier(connection, dossier)}:
        raise OwnWork


def scored_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The agencies whose scores a leader sees: their own and all below it, with those merged into them.

    Raises:
        NoAgency: the leader's token names none.
    """
    if not actor.agency:
        raise NoAgency
    return agencies.descendants(actor.agency, today)


def flagged_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str] | None:
    """The agencies whose unusual ratings an actor reviews: of a leader as :func:`scored_agencies`; None for an auditor: all.

    Raises:
        NoAgency: a leader's token names none.
    """
    return None if actor.has("auditor") else scored_agencies(actor, agencies, today)


def paper_desks(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The desks for which a clerk enters papers, and a leader corrects them: their own, and those merged into it.

    Raises:
        NoAgency: the token names none.
    """
    if not actor.agency:
        raise NoAgency
    return agencies.handled_by(actor.agency, today)


REGISTER_KEEPERS = ("leader",)
"""Roles that may keep the register of officials."""


class NoOwnAgency(Exception):
    """The actor leads no agency that exists today."""


def kept_agency(actor: Principal, agencies: Agencies, today: date) -> str:
    """The agency whose officials an actor may enter: their own, if they lead it and it exists today.

    Raises:
        NoOwnAgency: otherwise.
    """
    if not actor.has(*REGISTER_KEEPERS) or not actor.agency or not agencies.exists(actor.agency, today):
        raise NoOwnAgency
    return actor.agency


class WrongAgency(Exception):
    """The actor leads none of the agencies concerned."""


RANKING_READERS = ("leader", "auditor")
"""Roles that may see rankings that name officials: leaders those of their agencies, auditors all. Each reading is recorded."""
ASSESSED = ("clerk", "officer", "leader")
"""Roles of those who are ranked and assessed; each sees their own place and their own assessment."""


def led_agencies(actor: Principal, agencies: Agencies, today: date) -> frozenset[str]:
    """The agencies for which a leader answers: their own, all below it, and those merged into one of them; none for others."""
    return agencies.descendants(actor.agency, today) if actor.has("leader") else frozenset()


def require_leads(actor: Principal, agency: str, agencies: Agencies, today: date) -> None:
    """Rankings are issued, and officials assessed, by a leader of the agency or of one above it.

    Raises:
        WrongAgency: it is none of the actor's.
    """
    if agency not in led_agencies(actor, agencies, today):
        raise WrongAgency


def require_may_read_paper(actor: Principal, agency: str, agencies: Agencies, today: date) -> None:
    """A ranking is read by the leaders of its agency and of those above it, and by auditors.

    Raises:
        WrongAgency: it is none of the actor's.
    """
    if not actor.has("auditor"):
        require_leads(actor, agency, agencies, today)


def require_receives(actor: Principal, home_agency: str, sent: bool, agencies: Agencies, today: date) -> None:
    """A signed assessment is received by the leaders of the department that sent the official to the centre, and of those above it.

    Raises:
        WrongAgency: it was not sent, or not to the actor.
    """
    if not sent or home_agency not in led_agencies(actor, agencies, today):
        raise WrongAgency


def caller(actor: Principal) -> dict[str, str]:
    """Who looks, as the frame of officials' pages shows it."""
    role = next((one for one in ("leader", "clerk", "officer", "auditor") if actor.has(one)), "")
    return {"subject": actor.subject, "agency": actor.agency, "role": role}


SURVEY_ORGANISERS = ("leader",)
"""Roles that plan, open, close and publish campaigns of their own agency."""
SURVEY_READERS = ("leader", "auditor")
"""Roles that follow campaigns: auditors all, leaders those of their own agency and of those below it."""
SURVEY_CLERKS = ("clerk", "leader")
"""Roles that enter answers on paper."""


class NotOrganiser(Exception):
    """The campaign is another agency's."""


def require_survey_organiser(actor: Principal, organiser: str, agencies: Agencies, today: date) -> None:
    """A campaign is changed by leaders of the agency that holds it; after a merger by those of its successor.

    Args:
        actor: who asks.
        organiser: code of the agency that holds the campaign.
        agencies: all of them.
        today: the business day.

    Raises:
        NotOrganiser: it is another agency's.
    """
    if not actor.has(*SURVEY_ORGANISERS) or organiser not in agencies.handled_by(actor.agency, today):
        raise NotOrganiser


def require_survey_reader(actor: Principal, organiser: str, agencies: Agencies, today: date) -> None:
    """A campaign is followed by auditors, and by leaders of the agency that holds it and of those above.

    Args:
        actor: who asks.
        organiser: code of the agency that holds the campaign.
        agencies: all of them.
        today: the business day.

    Raises:
        NotOrganiser: it is neither theirs nor of an agency below theirs.
    """
    if actor.has("auditor"):
        return
    if not actor.has("leader") or organiser not in agencies.descendants(actor.agency, today):
        raise NotOrganiser


def require_survey_clerk(
    actor: Principal, organiser: str, asked: Collection[str], agencies: Agencies, today: date
) -> None:
    """Answers on paper are entered by clerks and leaders of the agency that holds the campaign, and of those about which it asks.

    Args:
        actor: who asks.
        organiser: code of the agency that holds the campaign.
        asked: codes of the agencies about which it asks.
        agencies: all of them.
        today: the business day.

    Raises:
        NotOrganiser: theirs is none of these.
    """
    if not actor.has(*SURVEY_CLERKS) or agencies.handled_by(actor.agency, today).isdisjoint({organiser, *asked}):
        raise NotOrganiser


def read_organisers(actor: Principal, agencies: Agencies, today: date) -> frozenset[str] | None:
    """The agencies whose campaigns somebody sees in a list; None for all.

    Args:
        actor: who asks.
        agencies: all of them.
        today: the business day.
    """
    if actor.has("auditor"):
        return None
    return agencies.descendants(actor.agency, today)
