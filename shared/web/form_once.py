"""A form of a page takes effect once, also when its button is pressed twice: its key is a hidden field."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
from flask import g, request

from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import confirm_scope
from shared.web.current_context import context
from shared.web.idempotency import Answer, RequestKey, keep, once, request_key
from shared.web.json_encoding import dumps
from shared.web.reading_audit import write_readings
from shared.web.sealed_answer import seal, unseal

FIELD = "form_key"


def once_per_form(
    effect: Callable[[UnitOfWork], dict[str, Any]], secrets: Sequence[str] = (), record: str = ""
) -> dict[str, Any]:
    """Runs what a form asks for, in one transaction; the same form sent again gets the first result and changes nothing.

    Args:
        effect: may run more than once: all it does must be in the unit of work. Its result must have a JSON form.
        secrets: fields of the result that are encrypted while it is kept.
        record: what the form is about, where neither its address nor its fields say so.

    Raises:
        Problem: 400, the form has no key; 422, the key belongs to another form.
    """
    key = _key(record)
    hash_key, sealed_by = context().settings.hash_key, key.scope + key.key

    def run(work: UnitOfWork) -> tuple[UnitOfWork, Answer]:
        result = effect(work)
        confirm_scope()
        write_readings(work)
        keep(work, key, Answer(200, dumps(seal(result, secrets, hash_key, sealed_by)).decode()))
        return work, Answer(200, dumps(result).decode())

    answer, repeated = once(context().store, run, key)
    body = unseal(answer.body, secrets, hash_key, sealed_by) if repeated else answer.body
    result: dict[str, Any] = orjson.loads(body)
    return result


def _key(record: str) -> RequestKey:
    # on a public page there is no principal: the key alone, which nobody else knows, identifies the form
    key = request_key(request, g.get("motcua_principal"), request.form.get(FIELD, ""))
    assert key is not None, "a form without a key was refused"
    typed = dumps([record, *sorted(request.form.items(multi=True))])  # the body itself was read when the form was
    return replace(key, fingerprint=hashlib.sha256(typed).hexdigest())
