"""The document of an export: plain values under stable names, as docs/data-export.md explains them. Nothing in it is another person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.conversations.domain import Audience
from services.intake.data_exports import queries, store
from services.intake.data_exports.beside_dossiers import agreements_of, declined_filings_of, drafts_of
from services.intake.data_exports.queries import MOST, Entry
from services.intake.data_exports.redaction import (
    HIDDEN,
    IDENTIFYING,
    Others,
    Person,
    applicant_of,
    masked_number,
    others_of,
    own_data,
    parties_of,
)
from services.intake.data_exports.sections import SECTIONS, Section, read_sections
from services.intake.data_exports.store import ANSWERS, Export
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.fee_reductions import waiver_categories
from services.intake.mine.domain import Part
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies
from shared.catalogue import Procedure, UnknownCase
from shared.contracts.personal_data import PUBLIC_URL

FORMAT, VERSION = "motcua-data-export", 1
TYPED = (
    "withdrawal_reason",
    "stop_reason",
    "refusal_document",
    "refusal_reason",
    "receiver_name",
    "return_note",
)
"""Personal texts of a dossier, for its applicant."""
TYPED_OF_APPLICATION = (
    "delivery_address",
    "note",
    "supplement_reason",
    "refusal_reason",
    "withdrawal_reason",
)
"""Personal texts of an application, for its applicant."""
TIMES = ("received_at", "promised_at", "due_at", "resolved_at", "returned_at", "withdrawn_at", "stopped_at")
TIMES_OF_APPLICATION = ("filed_at", "supplement_requested_at", "supplement_until", "supplemented_at", "decided_at")


def document_of(
    connection: Connection, export: Export, catalogue: Catalogue, agencies: Agencies, now: datetime, public_url: str
) -> dict[str, Any]:
    """All that is kept about the person of an export, as far as the other services have answered.

    What intake keeps is read now, so that nothing is kept twice and nothing erased is shown. An export of a desk has no ratings, which
    officials may not see (NĐ 118/2025, article 29.3), and no drafts, which nobody but their owner may read.

    Args:
        connection: any.
        export: as stored.
        catalogue: for the procedures' names.
        agencies: for their names.
        now: business time.
        public_url: of the platform, for the links in messages.
    """
    entries = queries.entries_of(connection, export.person, export.requested_at)
    answered = {one.dossier: one for one in store.parts_of(connection, export.id)}
    made = _Dossiers(connection, export, entries[:MOST], catalogue, agencies, now.date(), public_url)
    dossiers = [made.dossier(entry, answered.get(entry.code)) for entry in entries[:MOST]]
    missing = [
        {"dossier": one["code"], "answer": kind}
        for one in dossiers
        if one["code"] in answered
        for kind in ANSWERS
        if one["answered_at"][kind] is None
    ]
    own = not export.desk
    return {
        "format": FORMAT,
        "version": VERSION,
        "requested_at": export.requested_at,
        "made_at": now,
        "kept_until": export.kept_until,
        "person": {name: getattr(export.person, name) for name in ("name", "id_kind", "id_number")},
        "complete": not missing and len(entries) <= MOST,
        "missing": missing,
        "older_left_out": len(entries) > MOST,
        "made_by_desk": export.desk or None,
        "dossiers": dossiers,
        "drafts": drafts_of(connection, export, catalogue, now.date()) if own else [],
        "agreements": agreements_of(connection, export) if own else [],
        "declined_filings": declined_filings_of(connection, export, catalogue, agencies, now.date()),
        "exports": [
            {"requested_at": one.requested_at, "desk": one.desk or None}
            for one in store.of_owner(connection, export.person.subject)
        ],
    }


class _Dossiers:
    """What is kept about some dossiers, read at once."""

    def __init__(
        self,
        connection: Connection,
        export: Export,
        entries: Sequence[Entry],
        catalogue: Catalogue,
        agencies: Agencies,
        today: date,
        public_url: str,
    ) -> None:
        codes = [entry.code for entry in entries]
        self._person, self._own = export.person, not export.desk
        self._connection, self._catalogue, self._agencies, self._today = connection, catalogue, agencies, today
        self._public_url = public_url
        self._sections = read_sections(connection, codes)
        self._supplements = queries.supplements_of(connection, codes)
        submissions = [entry.application.submission for entry in entries if entry.application]
        sent = [id for found in self._supplements.values() for id, _ in found]
        sent += [row["id"] for found in self._sections.values() for row in found["fee_waivers"]]
        self._files = queries.files_of(connection, [*submissions, *sent])
        self._categories = {one.code: one.name for one in waiver_categories(today)}

    def dossier(self, entry: Entry, answers: store.Answered | None) -> dict[str, Any]:
        """One dossier as its person may have it.

        Args:
            entry: the dossier.
            answers: of the other services, which are asked about applicants alone.
        """
        filed, applies = entry.filed[0], entry.part is Part.APPLICANT
        others = self._others(entry)
        procedure = self._catalogue.version(self._connection, filed.procedure, filed.procedure_version)
        made: dict[str, Any] = {
            "code": entry.code,
            "part": str(entry.part),
            "procedure": filed.procedure,
            "procedure_name": procedure.name,
            "case": filed.case_code,
            "case_name": _case_name(procedure, filed.case_code),
            "channel": filed.channel,
            "desk": filed.receiving_agency,
            "desk_name": self._name(filed.receiving_agency),
            "state": int(entry.dossier.state) if entry.dossier else None,
            **{name: getattr(entry.dossier, name, None) for name in TIMES},
            "fee": filed.fee,
            "fee_paid_at": entry.dossier.fee_paid_at if entry.dossier else None,
            "own_data": _own_data(entry, others, self._person),
            "others": self._others_count(entry),
            "papers": _papers(filed.papers, others),
            "application": _application(entry, applies, others),
            **{name: others.hide(getattr(entry.dossier, name, None)) if applies else None for name in TYPED},
            **self._refused_by(entry.dossier if applies else None),
            "files": self._uploaded(entry, others),
        }
        for section in SECTIONS:
            rows = self._sections[entry.code][section.name] if applies or section.for_all else []
            made[section.name] = [self._row(section, row, others) for row in rows]
        return made | self._answers(answers if applies else None, others)

    def _refused_by(self, dossier: Dossier | None) -> dict[str, str | None]:
        agency = dossier.refusal_agency if dossier else None
        return {"refusal_agency": agency, "refusal_agency_name": self._name(agency) if agency else None}

    def _others(self, entry: Entry) -> Others:
        further = [entry.dossier.receiver_name or ""] if entry.dossier else []
        for row in self._sections[entry.code]["corrections"]:
            further += _strangers(row["was"] or {})
        return others_of(self._person, entry.filed, further)

    def _row(self, section: Section, row: Mapping[str, Any], others: Others) -> dict[str, Any]:
        shown = {name: _hidden(value, others) for name, value in row.items()}
        if section.name == "corrections":
            shown |= _correction(row["was"] or {}, others)
        if section.name == "conversation" and shown.pop("audience") == Audience.OFFICIALS:  # about their own work
            shown["text"] = None
        if section.name == "fee_waivers":
            del shown["id"]
            shown["category_name"] = self._categories.get(row["category"], row["category"])
        return shown | ({"agency_name": self._name(row["agency"])} if row.get("agency") else {})

    def _answers(self, answers: store.Answered | None, others: Others) -> dict[str, Any]:
        told = (answers.messages if answers else None) or {}
        messages = [one | {"text": self._text(one["text"], others)} for one in told.get("messages", ())]
        readings = [one | {"agency_name": self._name(one["agency"])} for one in told.get("readings", ())]
        rating = answers.rating if answers and self._own else None
        if rating:
            rating = rating | {"comment": others.hide(rating.get("comment"))}
        return {
            "contact": told.get("contact"),
            "messages": messages,
            "message_readings": readings,
            "rating": rating,
            "answered_at": {
                "messages": answers.messages_at if answers else None,
                "rating": answers.rating_at if answers else None,
            },
        }

    def _text(self, text: str, others: Others) -> str | None:
        return others.hide(text.replace(PUBLIC_URL, self._public_url))

    def _uploaded(self, entry: Entry, others: Others) -> list[dict[str, Any]]:
        """The files of a dossier: all for the applicant. Whoever has uploaded one may open it; others' may show others' data."""
        subject, owners = self._person.subject, dict(self._supplements.get(entry.code, ()))
        if entry.application is not None:
            owners[entry.application.submission] = entry.application.submitter
        owners |= {row["id"]: "" for row in self._sections[entry.code]["fee_waivers"]}
        return [
            file | {"name": others.hide(file["name"]), "readable": file["readable"] and owner == subject}
            for place, owner in owners.items()
            if entry.part is Part.APPLICANT or owner == subject
            for file in self._files.get(place, ())
        ]

    def _others_count(self, entry: Entry) -> dict[str, int]:
        parties = [one for one in parties_of(entry.filed[0]) if not self._person.is_of(one)]
        acting = sum("relation" in one for one in parties)
        applicants = 0 if entry.part is Part.APPLICANT else 1
        return {"applicants": applicants, "representatives": acting, "co_applicants": len(parties) - acting}

    def _name(self, agency: str) -> str:
        return self._agencies.name_of(agency, self._today)


def _case_name(procedure: Procedure, code: str) -> str:
    try:
        return procedure.case(code).name
    except UnknownCase:
        return code


def _own_data(entry: Entry, others: Others, person: Person) -> dict[str, str | None]:
    known: dict[str, str | None] = dict(own_data(entry.filed[0], entry.part, person))
    if known.get("authority"):  # a text about who has authorised them
        known["authority"] = others.hide(known["authority"])
    return known


def _papers(json: str, others: Others) -> list[dict[str, Any]]:
    names = ("code", "name", "kind", "copies", "form", "kept", "given_back_at")
    papers = ({name: one.get(name) for name in names} for one in orjson.loads(json))
    return [one | {"name": others.hide(one["name"])} for one in papers]


def _application(entry: Entry, applies: bool, others: Others) -> dict[str, Any] | None:
    filed = entry.application
    if filed is None:
        return None
    typed = {name: others.hide(getattr(filed, name)) if applies else None for name in TYPED_OF_APPLICATION}
    asked = [others.hide(name) for name in orjson.loads(filed.supplement_papers or "[]")] if applies else []
    return {
        "status": str(filed.status),
        **{name: getattr(filed, name) for name in TIMES_OF_APPLICATION},
        "applicant": applicant_of(filed) if applies else None,
        "papers": _papers(filed.papers, others) if entry.dossier else [],
        "supplement_papers": asked,
        "delivery": filed.delivery,
        **typed,
        "parcel_sender": _sender(entry, others, applies),
        "parcel_number": filed.parcel_number if applies else None,
        "return_parcel": filed.return_parcel if applies else None,
    }


def _sender(entry: Entry, others: Others, applies: bool) -> str | None:
    """Who has sent the parcel, as written on it: the applicant, or somebody else."""
    sender = entry.application.parcel_sender if entry.application and applies else ""
    if not sender:
        return None
    return others.hide(sender) if others.names_owner(sender) else HIDDEN


def _strangers(was: Mapping[str, str]) -> list[str]:
    """Earlier values that are others' data: of the parties, and of whom the dossier named before its identity number was corrected."""
    fields = {name: name.rpartition(".")[2] for name in was}
    return [
        was[name] for name, field in fields.items() if field in IDENTIFYING and (name != field or "id_number" in was)
    ]


def _correction(was: Mapping[str, str], others: Others) -> dict[str, Any]:
    """What was corrected. Earlier values are shown where they were the person's: not of others, and not under another number."""
    stranger = "id_number" in was
    kept = {} if stranger else {name: text for name, text in was.items() if "." not in name}
    if kept.get("phone"):  # a wrong number may be a stranger's
        kept["phone"] = masked_number(kept["phone"])
    return {"was": {name: others.hide(text) for name, text in kept.items()}, "changed": sorted(was)}


def _hidden(value: Any, others: Others) -> Any:
    if isinstance(value, str):
        return others.hide(value)
    return [_hidden(one, others) for one in value] if isinstance(value, list) else value
