"""What a clerk types when a filing is declined: fields of the counter's form, so that both ways keep all that was typed."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.desk.declined.domain import GUIDANCE, KINDS, REASONS, Decline, make_decline
from services.intake.desk.form import DeskForm
from services.intake.documents.domain import DocumentType
from services.intake.filing.domain.applicant import InvalidField
from services.intake.problem_parts import field_error, invalid
from shared.catalogue import Paper

PREFIX = "declined."
CARD = "card"
"""The field for the visitor's card, the only one of the page; cards of other people are read where their fields are shown."""
PERSON = (CARD, "applicant.id_number", "applicant.name", "applicant.phone", "applicant.address", "applicant.id_kind")
"""Fields of the person that the page shows; the others that were typed are carried along."""
OWN = frozenset({"papers", "reason", "note", "matter"})
"""Fields of the answer; all others are the visitor's."""
ADDRESSES = {str(kind): str(kind).replace("_", "-") for kind in KINDS}
"""Kind → the part of an address that names it."""


def kind_of(address: str) -> DocumentType:
    """The kind that a part of an address names."""
    return DocumentType(address.replace("-", "_"))


def begin(form: DeskForm, kind: DocumentType, papers: Sequence[Paper]) -> None:
    """Fills in what is to be expected: the first reason, and the required papers that were not received.

    Args:
        form: as read; what the clerk has ticked before stays, but for papers that have been received meanwhile.
        kind: of answer.
        papers: those that the case accepts.
    """
    if form.get(f"{PREFIX}reason") not in REASONS[kind]:
        form.values[f"{PREFIX}reason"] = REASONS[kind][0]
    missing = [paper for paper in papers if not form.get(f"paper.{paper.code}")]
    ticked = [paper for paper in missing if form.get(f"{PREFIX}paper.{paper.code}")]
    for paper in papers:
        form.values.pop(f"{PREFIX}paper.{paper.code}", None)
    expected = ticked or [paper for paper in missing if paper.required]
    form.values |= {f"{PREFIX}paper.{paper.code}": "1" for paper in expected}


def focus_of(form: DeskForm, kind: DocumentType, matter: bool) -> str:
    """Where typing goes on: what is still needed, and then what says why.

    Args:
        form: as read.
        kind: of answer.
        matter: whether the page asks for the matter.
    """
    if form.errors:
        return form.errors[0]["field"]
    if matter and not form.get(f"{PREFIX}matter"):
        return f"{PREFIX}matter"
    for name in ("applicant.id_number", "applicant.name"):
        if not form.get(name):
            return name
    return f"{PREFIX}reason" if kind is not GUIDANCE or form.get(f"{PREFIX}note") else f"{PREFIX}papers"


def decided(form: DeskForm, kind: DocumentType, papers: Sequence[Paper], matter: bool) -> Decline:
    """What the form says.

    Args:
        form: as read.
        kind: of answer.
        papers: those that the case accepts, of which some are ticked.
        matter: whether the page asks for the matter.

    Raises:
        shared.web.problem.Problem: 422, with all faults at the form's fields.
    """
    names = [paper.name for paper in papers if form.get(f"{PREFIX}paper.{paper.code}")]
    names += form.get(f"{PREFIX}papers").splitlines()
    found, faults = make_decline(
        kind,
        form.applicant(),
        form.get(f"{PREFIX}reason"),
        form.get(f"{PREFIX}note"),
        names,
        form.get(f"{PREFIX}matter") if matter else None,
    )
    if found is None:
        raise invalid(*(field_error(_field(fault), fault.vi, fault.en) for fault in faults))
    return found


def _field(fault: InvalidField) -> str:
    return f"{PREFIX if fault.field in OWN else 'applicant.'}{fault.field}"
