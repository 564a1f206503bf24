"""What a signed-in person has to do with a dossier or an application: by the numbers of their identity document, nothing else."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Protocol


class Part(StrEnum):
    """A person's part in a dossier."""

    APPLICANT = "applicant"
    REPRESENTATIVE = "representative"
    CO_APPLICANT = "co_applicant"

    @property
    def vi(self) -> str:
        """The Vietnamese label."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _LABELS[self][1]

    @property
    def acts(self) -> bool:
        """Whether the person may withdraw the dossier, or choose how the result comes: the applicant, and who represents them."""
        return self is not Part.CO_APPLICANT


_LABELS = {
    Part.APPLICANT: ("Người nộp", "Applicant"),
    Part.REPRESENTATIVE: ("Người đại diện", "Representative"),
    Part.CO_APPLICANT: ("Cùng đứng tên", "Applying together"),
}


class Identified(Protocol):
    """Who is known by an identity document."""

    @property
    def id_number(self) -> str:
        """Of the document."""

    @property
    def id_kind(self) -> str:
        """Of the same."""


class Filed(Protocol):
    """What a dossier and an application have in common."""

    @property
    def applicant_id_number(self) -> str:
        """Of the applicant's identity document."""

    @property
    def applicant_id_kind(self) -> str:
        """Of the same."""

    @property
    def parties(self) -> str:
        """JSON: representative and co-applicants; empty for nobody."""


def part_of(citizen: Identified, filed: Filed) -> Part | None:
    """The person's part in a dossier or an application; None for a stranger.

    Args:
        citizen: signed in, or known at a desk.
        filed: as read.
    """
    own = (citizen.id_kind, citizen.id_number)
    if (filed.applicant_id_kind, filed.applicant_id_number) == own:
        return Part.APPLICANT
    parties = json.loads(filed.parties) if filed.parties else {}
    acting = parties.get("representative")
    if acting and (acting["id_kind"], acting["id_number"]) == own:
        return Part.REPRESENTATIVE
    others = parties.get("co_applicants", ())
    return Part.CO_APPLICANT if own in [(one["id_kind"], one["id_number"]) for one in others] else None
