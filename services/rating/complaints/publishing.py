"""Publishing an answer: a person writes the public texts, and a check warns of personal data that stand in them."""

from __future__ import annotations

from collections.abc import Sequence

from services.rating.complaints import store
from services.rating.complaints.access import Access
from services.rating.complaints.case import open_case
from services.rating.complaints.clock import on_time
from services.rating.complaints.commands import end
from services.rating.complaints.domain import Act, ComplaintError, Fault, NotAllowedNow, State, Unacceptable
from services.rating.complaints.lodging import clean_body
from services.rating.complaints.notices import notify_complainant
from services.rating.complaints.redaction import Finding, personal_data_in
from services.rating.complaints.staff import name_of
from services.rating.complaints.store import Complaint, Publication
from shared.persistence.unit_of_work import UnitOfWork


class MayNamePersons(ComplaintError):
    """The texts for the public may name persons; whoever publishes them nevertheless says so."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = tuple(findings)


def publish(
    work: UnitOfWork,
    access: Access,
    code: str,
    revision: int | None,
    question: str,
    answer: str,
    confirmed: bool = False,
) -> Complaint:
    """Publishes a complaint and its answer, in words that somebody has cleared of personal data.

    Args:
        work: the transaction.
        access: of somebody of the agency that answers.
        code: of the complaint.
        revision: that they have read; None for whatever is there.
        question: what was complained about, for the public.
        answer: the answer, for the public.
        confirmed: whether they have seen the warnings and publish nevertheless.

    Raises:
        MayNamePersons: the check found something, and it is not confirmed.
        Unacceptable: a text is empty or too long.
        UnknownComplaint, ChangedSince, NotAllowedNow, NotYours: as they say.
    """
    case = open_case(work, code, revision)
    access.require_publishes(case.complaint)
    one = case.complaint
    if case.state != State.ANSWERED or one.answered_at is None or one.publish_by is None:
        raise NotAllowedNow(case.state, Act.PUBLISH)
    faults: list[Fault] = []
    question = clean_body(question, case.rules.text_characters, faults, "question")
    answer = clean_body(answer, case.rules.text_characters, faults, "public_answer")
    if faults:
        raise Unacceptable(*faults)
    findings = personal_data_in(f"{question}\n{answer}", _names(work, one))
    if findings and not confirmed:
        raise MayNamePersons(findings)
    due_at, in_time = one.publish_by, on_time(one.publish_by, work.now)
    store.save_publication(
        work,
        Publication(
            complaint=one.id,
            code=one.code,
            agency=one.agency,
            kind=one.kind,
            topic=one.topic,
            field=one.field,
            question=question,
            answer=answer,
            answered_at=one.answered_at,
            published_at=work.now,
            published_by=access.actor.subject,
        ),
    )
    case.move(Act.PUBLISH, access.actor.subject, access.actor.agency, on_time=in_time)
    end(case)
    case.emit("published", due_at=due_at, on_time=in_time, published_at=work.now)
    notify_complainant(work, case.complaint, State.PUBLISHED)
    return case.complaint


def _names(work: UnitOfWork, complaint: Complaint) -> list[str]:
    """The names that must not be published: the complainant's, and those of whom it is about."""
    officials = store.named_officials(work.connection, complaint.id)
    names = [complaint.name, *(name_of(work.connection, one) for one in sorted(officials))]
    return [name for name in names if name]
