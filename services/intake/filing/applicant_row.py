"""The applicant as a row holds it, and as other services hear of it: the same for a dossier and for an application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.filing.domain.applicant import Applicant
from shared.persistence.unit_of_work import UnitOfWork


def applicant_values(applicant: Applicant) -> dict[str, str]:
    """The columns of the applicant."""
    return {
        "applicant_name": applicant.name,
        "applicant_id_number": applicant.id_number,
        "applicant_id_kind": str(applicant.id_kind),
        "applicant_phone": applicant.phone,
        "applicant_email": applicant.email,
        "applicant_address": applicant.address,
        "applicant_birth_date": applicant.birth_date,
        "applicant_sex": applicant.sex,
        "applicant_old_id_number": applicant.old_id_number,
    }


def announce_applicant(work: UnitOfWork, code: str, row: Mapping[str, Any], lookup_hash: str) -> None:
    """Tells notify how the applicant is reached and how their secret is recognised, and nobody else.

    Args:
        work: the transaction.
        code: of the dossier or application; may hold the placeholder of its number.
        row: with the columns of :func:`applicant_values`.
        lookup_hash: of the look-up secret (:func:`shared.runtime.lookup_secret.hash_secret`).
    """
    contact = {name: row[f"applicant_{name}"] for name in ("name", "phone", "email", "address")}
    work.emit("applicant.registered", {"dossier": code, "lookup_hash": lookup_hash, **contact})
