"""Saving, publishing and dropping a draft of a procedure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from services.intake.procedure_drafts import store
from services.intake.procedure_drafts.domain import StaleDraft
from services.intake.procedures import store as published
from services.intake.procedures.commands import EDITOR, publish
from shared.catalogue import Procedure, parse_data
from shared.persistence.unit_of_work import UnitOfWork


def save_draft(work: UnitOfWork, code: str, definition: Mapping[str, Any], number: int, by: str) -> None:
    """Stores a draft, begun or changed.

    Args:
        work: the transaction.
        code: the procedure's.
        definition: valid, see :func:`checked`.
        number: of the draft that the form was made from; 0 where there was none.
        by: subject of the token.

    Raises:
        StaleDraft: the draft is another one by now.
    """
    based_on = published.newest(work.connection)[code].version  # the preview shows what differs from it
    text = orjson.dumps(dict(definition)).decode()
    if not store.write(work.connection, store.Draft(code, number + 1, based_on, text, work.now, by)):
        raise StaleDraft


def publish_draft(work: UnitOfWork, code: str, number: int, by: str) -> int:
    """Publishes a draft as the next version, in force from its effective day on, and drops it.

    Returns:
        the new version's number; 0 where the draft changes nothing.

    Raises:
        StaleDraft: the draft was changed since it was read, or another version was published since it was saved.
    """
    draft = store.get(work.connection, code)
    if draft is None or not store.drop(work.connection, code, number):
        raise StaleDraft
    procedure = Procedure.from_dict(orjson.loads(draft.definition))
    done = publish(work, [procedure], EDITOR, by)  # locks other publications out
    if done and done[0][1] != draft.based_on + 1:
        raise StaleDraft
    return done[0][1] if done else 0


def drop_draft(work: UnitOfWork, code: str, number: int) -> None:
    """Drops a draft.

    Raises:
        StaleDraft: the draft was changed since it was read.
    """
    if not store.drop(work.connection, code, number):
        raise StaleDraft


def checked(definition: Mapping[str, Any], others: list[Procedure]) -> dict[str, Any]:
    """A definition, cleaned and in its full shape.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    code = definition["code"]
    known = [one for one in others if one.code != code]
    (procedure,) = parse_data({"procedures": [dict(definition)]}, known=known)
    return procedure.as_dict()
