"""Correcting an applicant's data."""

from __future__ import annotations

from typing import Any

from services.intake.corrections.store import add_correction
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.queries import applicant_fields
from services.intake.filing.domain.applicant import Applicant
from services.intake.lookup.domain import hash_secret, new_secret
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import is_mobile


def correct_applicant(
    work: UnitOfWork, dossier: Dossier, applicant: Applicant, reason: str, clerk: str
) -> dict[str, Any]:
    """Puts an applicant's data right and keeps what they were.

    Where the phone changes, whoever had the old one must learn nothing more: the look-up secret is replaced, and services that hold
    links or pending messages are told (`applicant.corrected` with the contact for notify alone, `dossier.contact_changed` without it).

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        applicant: all data as they are right.
        reason: why, in words; it does not leave intake.
        clerk: the subject of the clerk's token.

    Returns:
        code, time, the applicant, the names of the changed fields, and the new secret (None where the old one stays).
    """
    old = applicant_fields(dossier)
    new = {name: str(getattr(applicant, name)) for name in old}
    changed = {name: old[name] for name in old if new[name] != old[name]}
    secret = new_secret() if "phone" in changed else None
    if changed:
        values: dict[str, Any] = {f"applicant_{name}": new[name] for name in changed}
        if secret is not None:
            values["secret_hash"] = hash_secret(secret, work.hash_key)
        dossiers.change(work.connection, dossier, **values)
        add_correction(work.connection, dossier.code, work.now, clerk, reason, changed)
        contact = {name: new[name] for name in ("name", "phone", "email")}
        work.emit("applicant.corrected", {"dossier": dossier.code, "corrected_at": work.now, **contact})
    if secret is not None:
        work.emit("dossier.contact_changed", {"dossier": dossier.code, "changed_at": work.now})
    return {
        "code": dossier.code,
        "corrected_at": work.now,
        "applicant": new,
        "changed": sorted(changed),
        "secret": secret,
        "sms_possible": is_mobile(new["phone"]),
    }
