"""What changes papers: a clerk enters one, a leader corrects what was entered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from services.rating.invitations.store import find_invitation_of, rated_dossier, use_invitation_of
from services.rating.officials.store import parts_of_dossier
from services.rating.papers.domain import (
    OtherDesk,
    Paper,
    PaperEntered,
    PaperTooLate,
    UnknownOfficial,
    UnknownPaper,
    given_at,
    rating_id,
)
from services.rating.papers.store import add_paper, rating_of
from services.rating.ratings.commands import keep_rating
from services.rating.ratings.corrections import correct_rating
from services.rating.ratings.domain import OF_DOSSIER, OF_VISIT, ON_PAPER, DossierRated, NewRating, OwnWork
from services.rating.ratings.store import is_about
from services.rating.scores.register import registered_at
from shared.persistence.unit_of_work import UnitOfWork


def enter_paper(work: UnitOfWork, paper: Paper, desk: str, desks: Collection[str], clerk: str) -> None:
    """Keeps the rating on a paper, once for each number.

    Args:
        work: the transaction.
        paper: as typed; its answers are checked against the form.
        desk: at which it was found.
        desks: with those merged into it, whose dossiers it may be about.
        clerk: subject of who enters it.

    Raises:
        PaperEntered: it was entered before.
        OtherDesk: there is no such dossier here, or its result was not handed over yet.
        PaperTooLate: on its date the dossier could not be rated any more.
        services.rating.ratings.domain.DossierRated: the dossier was rated before.
        services.rating.ratings.domain.OwnWork: it is about the clerk.
        UnknownOfficial: the official who is named does not work at the desk.
    """
    id_, at = rating_id(desk, paper.number), given_at(paper.day, work.now)
    if not add_paper(work.connection, desk, paper.number, id_, paper.day, clerk, work.now):
        raise PaperEntered
    new = (
        _about_dossier(work, id_, paper, desks, clerk, at)
        if paper.dossier
        else _about_visit(work, id_, paper, desk, clerk, at)
    )
    if not keep_rating(work, new):
        raise PaperEntered


def _about_dossier(
    work: UnitOfWork, id_: str, paper: Paper, desks: Collection[str], clerk: str, at: datetime
) -> NewRating:
    connection = work.connection
    invitation, rated = find_invitation_of(connection, paper.dossier), rated_dossier(connection, paper.dossier)
    if invitation is None or rated is None or rated.agency not in desks:
        raise OtherDesk
    if clerk in {part.official for part in parts_of_dossier(connection, paper.dossier)}:
        raise OwnWork
    if invitation.used_at is not None:
        raise DossierRated
    if use_invitation_of(connection, paper.dossier, at) is None:
        raise PaperTooLate
    return NewRating(
        id_,
        OF_DOSSIER,
        rated.agency,
        paper.rating,
        ON_PAPER,
        at,
        dossier=rated.dossier,
        procedure=rated.procedure,
        field=rated.field,
        entered_by=clerk,
        form=paper.form,
    )


def _about_visit(work: UnitOfWork, id_: str, paper: Paper, desk: str, clerk: str, at: datetime) -> NewRating:
    if paper.official == clerk:
        raise OwnWork
    if paper.official and paper.official not in registered_at(work.connection, [desk], paper.day):
        raise UnknownOfficial
    return NewRating(
        id_,
        OF_VISIT,
        desk,
        paper.rating,
        ON_PAPER,
        at,
        counter=paper.counter,
        official=paper.official or None,
        entered_by=clerk,
        form=paper.form,
    )


def correct_paper(
    work: UnitOfWork, number: str, desks: Collection[str], score: int | None, reason: str, actor: str
) -> None:
    """Lets a paper count with the right score, or not at all; what was entered is kept.

    Args:
        work: the transaction.
        number: of the paper, normalised.
        desks: at which it may have been entered.
        score: 1 to 5; None: it does not count.
        reason: in words, without personal data.
        actor: subject of the leader.

    Raises:
        UnknownPaper: no such paper was entered.
        services.rating.ratings.domain.OwnWork: it is about the leader.
    """
    rating = rating_of(work.connection, desks, number)
    if rating is None:
        raise UnknownPaper
    if is_about(work.connection, rating, actor):
        raise OwnWork
    correct_rating(work, rating, score, reason, actor)
