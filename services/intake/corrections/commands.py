"""Correcting an applicant's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from services.intake.corrections.store import add_correction
from services.intake.documents.commands import reissue_corrected
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.queries import applicant_fields
from services.intake.filing.applicant_row import preference_values
from services.intake.filing.domain.applicant import MAX_NOTE, Applicant, InvalidField, make_applicant, plain_text
from services.intake.filing.domain.preferences import preferences_in
from services.intake.results.one_time_code import void_code
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import is_mobile
from shared.runtime.lookup_secret import hash_secret, new_secret


def corrected_applicant(
    dossier: Dossier, given: Mapping[str, str | Sequence[str] | None], today: date
) -> tuple[Applicant | None, list[InvalidField]]:
    """The applicant as they are right, or all faults of what was given.

    Args:
        dossier: as read.
        given: the fields to put right, as typed; what is missing or None stays.
        today: the business day.

    Returns:
        the applicant and no faults, or None and at least one.
    """
    fields: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if "id_number" not in fields and not fields.get("id_kind"):
        fields.pop("id_kind", None)
    return make_applicant(**correctable_fields(dossier) | fields, today=today)


def correctable_fields(dossier: Dossier) -> dict[str, str]:
    """The applicant, and how they want to be told; channels have commas between them."""
    told = preferences_in(dossier.applicant_preferences)
    wishes = {"language": told.language, "channels": ",".join(told.channels), "chat_user": told.chat_user}
    return applicant_fields(dossier) | wishes


def correction_reason(text: str) -> str:
    """Why the data are corrected.

    Raises:
        InvalidField: it is missing, too long, or cannot be printed.
    """
    reason = plain_text(text, "reason", MAX_NOTE)
    if not reason:
        raise InvalidField("reason", "Phải nêu lý do sửa.", "The reason is missing.")
    return reason


def changes_of(dossier: Dossier, applicant: Applicant) -> dict[str, tuple[str, str]]:
    """The fields that a correction changes, each with the old and the new value."""
    old, new = correctable_fields(dossier), _texts(applicant)
    return {name: (old[name], new[name]) for name in old if new[name] != old[name]}


def correct_applicant(
    work: UnitOfWork, dossier: Dossier, applicant: Applicant, reason: str, clerk: str
) -> dict[str, Any]:
    """Puts an applicant's data right and keeps what they were.

    Where the phone changes, whoever had the old one must learn nothing more: the look-up secret is replaced, and services that hold
    links or pending messages are told (`applicant.corrected` with the contact for notify alone, `dossier.contact_changed` without it).

    Papers that the citizen will show again are replaced by right ones.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        applicant: all data as they are right.
        reason: why, in words; it does not leave intake.
        clerk: the subject of the clerk's token.

    Returns:
        code, time, the applicant, the names of the changed fields, and the new secret (None where the old one stays).
    """
    changes = changes_of(dossier, applicant)
    changed = {name: old for name, (old, _) in changes.items()}
    new = {name: str(getattr(applicant, name)) for name in applicant_fields(dossier)}
    preferences = applicant.preferences
    secret = new_secret() if "phone" in changed else None
    if changed:
        values: dict[str, Any] = {f"applicant_{name}": new[name] for name in changed if name in new}
        if preferences != preferences_in(dossier.applicant_preferences):
            values["applicant_preferences"] = preferences.as_column()
        if secret is not None:
            values["secret_hash"] = hash_secret(secret, work.hash_key)
        dossiers.change(work, dossier, **values)
        add_correction(work.connection, dossier.code, work.now, clerk, reason, changed)
        reissue_corrected(work, dossiers.get(work.connection, dossier.code), clerk)
        contact: dict[str, Any] = {name: new[name] for name in ("name", "phone", "email", "address")}
        contact["lookup_hash"] = str(values.get("secret_hash", dossier.secret_hash))
        contact |= preference_values(preferences)
        work.emit("applicant.corrected", {"dossier": dossier.code, "corrected_at": work.now, **contact})
    if secret is not None:
        void_code(work.connection, dossier.code)
        work.emit("dossier.contact_changed", {"dossier": dossier.code, "changed_at": work.now})
    return {
        "code": dossier.code,
        "corrected_at": work.now,
        "applicant": new | asdict(preferences),
        "changed": sorted(changed),
        "secret": secret,
        "sms_possible": is_mobile(new["phone"]),
    }


def _texts(applicant: Applicant) -> dict[str, str]:
    values = asdict(applicant)
    return {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in values.items()}
