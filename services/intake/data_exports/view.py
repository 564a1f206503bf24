"""The document of an export as a page shows it: sections of labelled texts in the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from services.intake.data_exports.labels import AMOUNTS, FIELDS, HIDDEN_ON_PAGE, PLAIN, SECTIONS, VALUES
from shared.web.language import text, vietnamese
from shared.web.pages import written_birth_date, written_money, written_time

Row = tuple[str, str]
ONLY_CASE = "default"
"""The case of a procedure that has no others; its name says nothing."""
SEMICOLON, DOT = Markup("; "), Markup(" · ")
BASE = (
    "case_name",
    "channel",
    "desk_name",
    "state",
    "received_at",
    "promised_at",
    "due_at",
    "resolved_at",
    "returned_at",
    "withdrawn_at",
    "withdrawal_reason",
    "stopped_at",
    "stop_reason",
    "refusal_agency_name",
    "refusal_document",
    "refusal_reason",
    "receiver_name",
    "return_note",
    "fee",
    "fee_paid_at",
)
"""Fields of the dossier itself, in the order of the page."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a dossier on the page.

    Attributes:
        title: in the page's language.
        rows: label and text of each field; empty where there are entries.
        entries: of a list: one line each.
    """

    title: str
    rows: Sequence[Row] = ()
    entries: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ShownDossier:
    """A dossier on the page.

    Attributes:
        code, title, part: what it is and the person's part in it; the title is Vietnamese.
        rows: the dossier itself.
        others: how many other people are in it.
        blocks: what is kept about it.
        files: id and name of the files that the person may open.
        waits: whether an answer of another service has not come.
    """

    code: str
    title: str
    part: str
    rows: Sequence[Row]
    others: int
    blocks: Sequence[Block]
    files: Sequence[tuple[str, str]]
    waits: bool


def shown_dossiers(document: Mapping[str, Any]) -> list[ShownDossier]:
    """The dossiers of an export as the page shows them."""
    waiting = {one["dossier"] for one in document["missing"]}
    return [_dossier(one, one["code"] in waiting) for one in document["dossiers"]]


def shown_rows(section: str, values: Mapping[str, Any]) -> list[Row]:
    """Label and text of each field that has a value and a label.

    Args:
        section: in which the fields are.
        values: by name.
    """
    return [(_label(section, name), shown) for name, shown in _shown_fields(section, values)]


def shown_entry(section: str, values: Mapping[str, Any]) -> str:
    """An entry of a list as one line: what speaks for itself without its label.

    Args:
        section: in which the entry is.
        values: by name.
    """
    return DOT.join(
        shown if name in PLAIN else Markup("{}: {}").format(_label(section, name), shown)
        for name, shown in _shown_fields(section, values)
    )


def _label(section: str, name: str) -> str:
    return text(*FIELDS.get(f"{section}.{name}", FIELDS[name]))


def _shown_fields(section: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each field that has a value and a label."""
    return [
        (name, shown)
        for name, value in values.items()
        if name in FIELDS and f"{section}.{name}" not in HIDDEN_ON_PAGE and (shown := _shown(section, name, value))
    ]


def _dossier(one: Mapping[str, Any], waits: bool) -> ShownDossier:
    blocks = []
    for name, title in SECTIONS.items():
        value = one[name]
        if isinstance(value, Mapping):
            if rows := shown_rows(name, value):
                blocks.append(Block(text(*title), rows))
        elif value:
            entries = [entry for each in value if (entry := shown_entry(name, each))]
            blocks.append(Block(text(*title), entries=entries))
    return ShownDossier(
        one["code"],
        one["procedure_name"],
        text(*VALUES["part"][one["part"]]),
        shown_rows("dossier", {name: one[name] for name in BASE if name != "case_name" or one["case"] != ONLY_CASE}),
        sum(one["others"].values()),
        blocks,
        [(file["id"], file["name"]) for file in one["files"] if file["readable"]],
        waits,
    )


def _shown(section: str, name: str, value: Any) -> str:
    """The text of a value; empty where there is none."""
    known = VALUES.get(f"{section}.{name}") or VALUES.get(name)
    if known is not None and isinstance(value, str | int) and value in known:
        return text(*known[value])
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return text("Có", "Yes") if value else text("Không", "No")
    if isinstance(value, datetime):
        return written_time(value)
    if name in AMOUNTS:
        return written_money(value)
    if name == "birth_date":
        return written_birth_date(value)
    if isinstance(value, Mapping):
        return SEMICOLON.join(Markup("{}: {}").format(*row) for row in shown_rows(section, value))
    if isinstance(value, list):
        return SEMICOLON.join(_listed(section, name, one) for one in value)
    if name.endswith("_at") or name == "at":
        return _moment(value)
    return vietnamese(value) if isinstance(value, str) else str(value)


def _listed(section: str, name: str, one: Any) -> str:
    if name == "changed":  # names of fields, those of a party with its place before
        field = one.rpartition(".")[2]
        return text(*FIELDS[field]) if field in FIELDS else one
    if name == "criteria":
        return Markup("{}: {}").format(text(one["label"], one["label_en"]), one["score"])
    if isinstance(one, Mapping):
        return Markup(", ").join(shown for _, shown in _shown_fields(name, one))
    return vietnamese(str(one))


def _moment(value: Any) -> str:
    """A moment that came as text in another service's answer."""
    try:
        return written_time(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return str(value)
