"""The parts of an export that stand beside its dossiers: drafts, agreements that others asked for, and filings that desks declined."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.co_signing.domain import BY
from services.intake.data_exports import queries
from services.intake.data_exports.queries import MOST
from services.intake.data_exports.store import Export
from services.intake.desk.declined import store as declined_filings
from services.intake.dossiers.domain import search_form
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies

IDENTITY = ("name", "id_number", "id_kind", "birth_date", "address")


def drafts_of(connection: Connection, export: Export, catalogue: Catalogue, today: date) -> list[dict[str, Any]]:
    found = queries.drafts_of(connection, export.person)
    files = queries.files_of(connection, [one["id"] for one in found])
    names = {one["procedure"]: catalogue.current(connection, one["procedure"], today) for one in found}
    return [
        {
            "procedure": one["procedure"],
            "procedure_name": current[1].name if (current := names[one["procedure"]]) else one["procedure"],
            "began_at": one["began_at"],
            "changed_at": one["changed_at"],
            "submitted_at": one["submitted_at"],
            "answers": {name: text for name, text in orjson.loads(one["answers"]).items() if name != "done"},
            "files": files.get(one["id"], []) if one["submitted_at"] is None else [],
        }
        for one in found
    ]


def declined_filings_of(
    connection: Connection, export: Export, catalogue: Catalogue, agencies: Agencies, today: date
) -> list[dict[str, Any]]:
    """What desks told the person at the counter when they received no filing. One under another name is left out: it may be another's."""
    found, name = [], search_form(export.person.name)
    for one in declined_filings.of_person(connection, export.person.id_number, MOST):
        if one.applicant_id_kind != export.person.id_kind or search_form(one.applicant_name) != name:
            continue
        known = (
            catalogue.version(connection, one.procedure, one.procedure_version).name if one.procedure else one.matter
        )
        found.append(
            {
                "declined_at": one.declined_at,
                "desk": one.agency,
                "desk_name": agencies.name_of(one.agency, today),
                "kind": one.kind,
                "number": one.number,
                "procedure": one.procedure or None,
                "procedure_name": known,
                "reason": one.reason,
                "note": one.note or None,
                "papers": one.paper_names,
                "own_data": {
                    "name": one.applicant_name,
                    "id_number": one.applicant_id_number,
                    "old_id_number": one.applicant_old_id_number or None,
                    "phone": one.applicant_phone or None,
                    "email": one.applicant_email or None,
                    "address": one.applicant_address or None,
                },
            }
        )
    return found


def agreements_of(connection: Connection, export: Export) -> list[dict[str, Any]]:
    """What others have asked the person to agree to; who asked is in the draft, which is the other's."""
    found = []
    for one in queries.consents_of(connection, export.person):
        identity = orjson.loads(one["identity"]) if one["identity"] else {}
        own = {name: text for name, text in identity.items() if name != BY and name in IDENTITY}
        found.append({name: one[name] for name in ("asked_at", "answered_at", "state")} | {"own_data": own})
    return found
