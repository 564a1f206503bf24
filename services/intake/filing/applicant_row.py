"""The applicant as a row holds it, and as other services hear of it: the same for a dossier and for an application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.filing.domain.applicant import Applicant
from services.intake.filing.domain.preferences import USUAL, Preferences, preferences_in
from shared.persistence.unit_of_work import UnitOfWork


def applicant_values(applicant: Applicant) -> dict[str, str]:
    """The columns of the applicant; that of the preferences stays NULL where they are the usual ones."""
    values = {
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
    if (preferences := applicant.preferences.as_column()) is not None:
        values["applicant_preferences"] = preferences
    return values


def preference_values(preferences: Preferences) -> dict[str, Any]:
    """How the applicant wants to be told, as an event says it: nothing of what is usual."""
    said = {
        "language": preferences.language,
        "channels": list(preferences.channels),
        "chat_user": preferences.chat_user,
    }
    return {} if preferences == USUAL else said


def announce_applicant(work: UnitOfWork, code: str, row: Mapping[str, Any], lookup_hash: str) -> None:
    """Tells notify how the applicant is reached and how their secret is recognised, and nobody else.

    Args:
        work: the transaction.
        code: of the dossier or application; may hold the placeholder of its number.
        row: with the columns of :func:`applicant_values`.
        lookup_hash: of the look-up secret (:func:`shared.runtime.lookup_secret.hash_secret`).
    """
    contact = {name: row[f"applicant_{name}"] for name in ("name", "phone", "email", "address")}
    wishes = preference_values(preferences_in(row.get("applicant_preferences")))
    work.emit("applicant.registered", {"dossier": code, "lookup_hash": lookup_hash, **contact, **wishes})
