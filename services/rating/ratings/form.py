"""Reads the rating forms: what all have in common from ``data/form.json``, each version from ``data/forms/``.

A dossier is rated by the form of the regulation under which it was received. Another question is a change of data, not of code.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from services.rating.ratings.domain import HIGHEST_SCORE, LOWEST_SCORE, Form, Label
from shared.data_files import Fault, Record, raise_faults, read_record, read_records
from shared.regulations import Regulations

FORM_FILE = Path(__file__).parent.parent / "data" / "form.json"
FORMS = FORM_FILE.parent / "forms"
MOST_POINTS = 5
"""Of an answer about one content, in any version."""


class UnknownForm(LookupError):
    """No form has this version."""


@cache
def forms() -> tuple[Form, ...]:
    """All versions, that of the newest regulation first."""
    faults: list[Fault] = []
    return read_forms(read_record(FORM_FILE), list(read_records(FORMS, faults)), Regulations.load())


def rating_form() -> Form:
    """The newest form, for what is about no dossier."""
    return forms()[0]


def form_of_version(version: str) -> Form:
    """The form of a version.

    Raises:
        UnknownForm: there is none.
    """
    found = next((form for form in forms() if form.version == version), None)
    if found is None:
        raise UnknownForm(version)
    return found


def form_of_regulation(regulation: str) -> Form:
    """The form by which dossiers are rated that were received under a regulation; the newest where it is not known."""
    return next((form for form in forms() if regulation in form.regulations), rating_form())


def read_forms(common: Record, versions: Sequence[Record], regulations: Regulations) -> tuple[Form, ...]:
    """Returns the forms of data files, that of the newest regulation first.

    Raises:
        DataError: with every fault; each regulation needs one form.
    """
    common.optional_text("note")
    days, characters = common.integer("invitation_days", least=1), common.integer("comment_characters")
    scores = _labels(common, "scores", LOWEST_SCORE, HIGHEST_SCORE)
    common.done()
    common.raise_faults()
    found = []
    for record in versions:
        record.optional_text("note")
        form = Form(
            version=record.text("version"),
            regulations=tuple(record.texts("regulations", at_least=1)),
            invitation_days=days,
            comment_characters=characters,
            scores=scores,
            answers=_labels(record, "answers", 0, MOST_POINTS),
            criteria={one.text("name"): _label(one) for one in record.records("criteria", named_by="name", at_least=1)},
        )
        record.done()
        found.append(form)
    for record in versions:
        record.raise_faults()
    order = [regulation.id for regulation in reversed(regulations.all())]
    raise_faults(
        [
            Fault(id_, f"has {times} rating forms, not one")
            for id_ in order
            if (times := sum(id_ in form.regulations for form in found)) != 1
        ]
    )
    return tuple(sorted(found, key=lambda form: min(order.index(id_) for id_ in form.regulations if id_ in order)))


def _labels(record: Record, key: str, least: int, most: int) -> dict[int, Label]:
    entries = record.records(key, named_by="score", at_least=1)
    return {entry.integer("score", least=least, most=most): _label(entry) for entry in entries}


def _label(entry: Record) -> Label:
    label = Label(entry.text("vi"), entry.text("en"))
    entry.done()
    return label
