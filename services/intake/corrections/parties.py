"""Correcting who represents an applicant, and who applies together with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from services.intake.corrections.store import add_correction
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.queries import applicant_fields, parties_of
from services.intake.filing.domain.applicant import Applicant, InvalidField
from services.intake.filing.domain.parties import NOBODY, Parties, make_parties
from shared.persistence.unit_of_work import UnitOfWork

REPRESENTATIVE = ("name", "id_number", "id_kind", "relation", "authority", "phone")
CO_APPLICANT = ("name", "id_number", "id_kind", "birth_date", "sex", "address")
_SAYS_NOBODY = frozenset({"id_kind", "relation", "sex"})
"""Fields of a form that have a value although nobody is named."""
Changes = dict[str, tuple[str, str]]


def party_values(parties: Mapping[str, Any]) -> dict[str, str]:
    """The parties as fields of a form, such as ``representative.name`` and ``co_applicants.0.id_number``.

    Args:
        parties: as :meth:`services.intake.filing.domain.parties.Parties.as_dict` returns them.
    """
    acting = parties["representative"]
    values = {f"representative.{name}": acting[name] for name in REPRESENTATIVE} if acting else {}
    for number, one in enumerate(parties["co_applicants"]):
        values |= {f"co_applicants.{number}.{name}": one[name] for name in CO_APPLICANT}
    return values


def corrected_parties(
    dossier: Dossier, form: Mapping[str, str], today: date
) -> tuple[Parties, Changes, list[InvalidField]]:
    """The parties as a form has them; a person whose fields are all empty is taken off, one in the empty lines is added.

    Args:
        dossier: as read.
        form: by the names of :func:`party_values`; there may be one co-applicant more than before.
        today: the business day.

    Returns:
        the parties, what changes (field → old and new text), and all faults; parties and changes are not to be used if there are any.
    """
    before = parties_of(dossier)
    acting = _person(form, "representative", REPRESENTATIVE)
    places, people = [], []
    for number in range(len(before["co_applicants"]) + 1):
        person = _person(form, f"co_applicants.{number}", CO_APPLICANT)
        if person is not None:
            places.append(number)
            people.append(person)
    known: dict[str, Any] = {**applicant_fields(dossier)}
    applicant = Applicant(**known)
    parties, faults = make_parties(applicant, acting, people, today)
    renamed = {f"co_applicants.{given}": f"co_applicants.{place}" for given, place in enumerate(places)}
    named = [_at_its_line(fault, renamed) for fault in faults]
    if named:
        return parties, {}, named
    new = party_values({"representative": parties.as_dict()["representative"], "co_applicants": []})
    for place, one in zip(places, parties.as_dict()["co_applicants"], strict=True):
        new |= {f"co_applicants.{place}.{name}": one[name] for name in CO_APPLICANT}
    old = party_values(before)
    changed = {
        name: (old.get(name, ""), new.get(name, ""))
        for name in (*old, *(name for name in new if name not in old))
        if old.get(name, "") != new.get(name, "")
    }
    return parties, changed, []


def correct_parties(
    work: UnitOfWork, dossier: Dossier, parties: Parties, changes: Changes, reason: str, clerk: str
) -> dict[str, Any]:
    """Puts the parties right, and keeps what they were.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        parties: all of them, as they are right.
        changes: as :func:`corrected_parties` returns them.
        reason: why, in words; it does not leave intake.
        clerk: the subject of the clerk's token.
    """
    if changes:
        stored = "" if parties is NOBODY else orjson.dumps(parties.as_dict()).decode()
        dossiers.change(work, dossier, parties=stored)
        was = {name: old for name, (old, _) in changes.items()}
        add_correction(work.connection, dossier.code, work.now, clerk, reason, was)
    return {"code": dossier.code}


def _person(form: Mapping[str, str], prefix: str, names: tuple[str, ...]) -> dict[str, str] | None:
    typed = {name: form.get(f"{prefix}.{name}", "").strip() for name in names}
    return typed if any(text for name, text in typed.items() if name not in _SAYS_NOBODY) else None


def _at_its_line(fault: InvalidField, renamed: Mapping[str, str]) -> InvalidField:
    """A fault of a person at the line of the form in which that person is."""
    head, _, name = fault.field.rpartition(".")
    return InvalidField(f"{renamed.get(head, head)}.{name}" if head else name, fault.vi, fault.en)
