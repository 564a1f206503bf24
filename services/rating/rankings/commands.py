"""What changes rankings: a ranking is drawn up or counted again, and a leader issues it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.rating import access
from services.rating.rankings import store
from services.rating.rankings.counting import count, names_of
from services.rating.rankings.domain import (
    AlreadyIssued,
    ChangedSinceRead,
    SubjectKind,
    UnknownPaper,
    content_of,
    content_text,
    digest_of,
    rank,
    same_numbers,
)
from services.rating.rankings.methods import method_on
from services.rating.rankings.store import Paper, PaperState
from services.rating.scores.periods import ScorePeriod, parse_period
from shared.auth import Principal
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


def draw_up(work: UnitOfWork, kind: SubjectKind, agency: str, period: ScorePeriod) -> bool:
    """Counts a ranking and keeps it as a draft for the leader; returns whether anything has changed.

    An issued paper stays as it is: if the ratings now give other numbers, a draft of the next version is made that names it. A draft
    is brought up to date, and removed where nothing is left to say in it.

    Args:
        work: the transaction.
        kind: who is ranked.
        agency: the issuer.
        period: a settled one.
    """
    known = store.latest(work.connection, agency, kind, period.key)
    content = count_content(work, kind, agency, period)
    if known is None:
        return bool(_rated(content)) and store.add(work, _draft(work, kind, agency, period, content, None))
    store.mark_checked(work.connection, known.id, store.checked_from(work.now))
    if same_numbers(known.read(), content):
        return False
    if known.is_issued:
        return store.add(work, _draft(work, kind, agency, period, content, known))
    issued = None if known.replaces is None else store.find(work.connection, known.replaces)
    if not _rated(content) if issued is None else same_numbers(issued.read(), content):
        store.drop_draft(work.connection, known.id)
        return True
    text = content_text(content)
    values = {"content": text, "digest": digest_of(text), "drawn_up_at": work.now}
    return store.change_draft(work.connection, known.id, known.digest, **values)


def count_content(work: UnitOfWork, kind: SubjectKind, agency: str, period: ScorePeriod) -> dict[str, Any]:
    """What a paper about a period would say now."""
    agencies, method = work.reference.agencies, method_on(period.last)
    counted = count(work.connection, kind, agency, period, agencies)
    subjects = [one.subject for one in counted]
    names = names_of(work.connection, kind, agency, subjects, period, agencies)
    name = agencies.name_of(agency, period.last)
    return content_of(rank(counted, kind, method, names), kind, period, agency, name, method)


def issue(work: UnitOfWork, actor: Principal, id_: str, digest: str) -> Paper:
    """Issues a draft: it gets its number, and its content is frozen.

    Args:
        work: the transaction.
        actor: a leader of the issuer, or of an agency above it.
        id_: of the paper.
        digest: of the content that the leader has read.

    Raises:
        UnknownPaper: there is none.
        services.rating.access.WrongAgency: it is not the caller's.
        AlreadyIssued: it has its number.
        ChangedSinceRead: the draft or the ratings have changed since.
    """
    known = store.find(work.connection, id_)
    if known is None:
        raise UnknownPaper(id_)
    today = work.now.astimezone(VIETNAM).date()
    access.require_leads(actor, known.agency, work.reference.agencies, today)
    if known.is_issued:
        raise AlreadyIssued(id_)
    content, kind = known.read(), SubjectKind(known.kind)
    if known.digest != digest or not same_numbers(
        content, count_content(work, kind, known.agency, parse_period(known.period))
    ):
        raise ChangedSinceRead(id_)
    issued = replace(
        known,
        state=PaperState.ISSUED,
        year=today.year,
        number=store.take_number(work, known.agency, today.year),
        issued_at=work.now,
        issued_by=actor.subject,
    )
    values = ("state", "year", "number", "issued_at", "issued_by")
    # somebody else may have issued it, or the sweep changed it, since it was read above
    if not store.change_draft(work.connection, id_, known.digest, **{name: getattr(issued, name) for name in values}):
        raise ChangedSinceRead(id_)
    if kind == SubjectKind.OFFICIAL:
        store.add_places(work.connection, id_, [row["subject"] for row in content["rows"]])
    return issued


def _rated(content: dict[str, Any]) -> int:
    return len(content["rows"]) + int(content["unranked"])


def _draft(
    work: UnitOfWork,
    kind: SubjectKind,
    agency: str,
    period: ScorePeriod,
    content: dict[str, Any],
    replaces: Paper | None,
) -> Paper:
    text = content_text(content)
    return Paper(
        id=new_id(),
        kind=kind,
        period=period.key,
        period_kind=period.kind,
        begins_at=period.begins,
        ends_before=period.ends,
        agency=agency,
        version=1 if replaces is None else replaces.version + 1,
        replaces=None if replaces is None else replaces.id,
        state=PaperState.DRAFT,
        content=text,
        digest=digest_of(text),
        drawn_up_at=work.now,
        checked_at=store.checked_from(work.now),
    )
