"""Idempotency-Key: a command that is repeated because its answer was lost takes effect once.

The key is written in the transaction of the effect, so neither exists without the other. Nothing is looked up beforehand: the
primary key decides between two simultaneous requests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import Request
from sqlalchemy import select

from shared.auth import Principal
from shared.messaging.tables import idempotency_keys
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.error_handlers import unavailable
from shared.web.problem import Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a command.

    Attributes:
        status: the HTTP status.
        body: JSON.
        location: the header Location; empty for none, and for a stored answer, whose location follows from the body.
    """

    status: int
    body: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Identifies one request.

    Attributes:
        scope: method, path and principal; the same key in another scope is another key.
        key: chosen by the caller.
        fingerprint: hash of path, query and body; a key must always come with the same request.
        caller: hash of the agency and the roles of the caller; an answer is repeated only to a caller who still has the same.
    """

    scope: str
    key: str
    fingerprint: str
    caller: str


def request_key(request: Request, principal: Principal | None, key: str | None = None) -> RequestKey | None:
    """The key of a request, if it has one.

    Args:
        request: the current one.
        principal: the caller; None on a public route.
        key: where it is not in the header.

    Raises:
        Problem: 400, the key is not 1 to 200 visible ASCII characters.
    """
    key = request.headers.get(HEADER) if key is None else key
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise Problem(
            400,
            "invalid-key",
            detail="Cần 1 đến 200 ký tự ASCII nhìn thấy được.",
            detail_en="1 to 200 visible ASCII characters are needed.",
        )
    template = request.url_rule.rule if request.url_rule else request.path
    subject = principal.subject if principal else ""
    rights = f"{principal.agency}\n{' '.join(sorted(principal.roles))}" if principal else ""
    # hashed: subjects and paths may be longer than the column, and this table need not hold subjects
    digest = hashlib.sha256(f"{request.path}\n{subject}".encode("utf-8", "surrogatepass")).hexdigest()
    fingerprint = hashlib.sha256(
        f"{request.path}?{request.query_string.decode('latin-1')}\n".encode("utf-8", "surrogatepass")
    )
    fingerprint.update(request.get_data())
    caller = hashlib.sha256(rights.encode("utf-8", "surrogatepass")).hexdigest()
    return RequestKey(f"{request.method} {template[:120]} {digest}", key, fingerprint.hexdigest(), caller)


_INSERT = idempotency_keys.insert()


def keep(work: UnitOfWork, key: RequestKey, answer: Answer) -> None:
    """Writes the key with the answer, inside the transaction of the effect.

    If the key is taken, the commit raises `sqlalchemy.exc.IntegrityError`; the caller then looks the key up.
    """
    work.defer(
        _INSERT,
        {
            "scope": key.scope,
            "key": key.key,
            "fingerprint": key.fingerprint,
            "caller": key.caller,
            "status": answer.status,
            "body": answer.body,
            "created_at": work.clock.wall(),
        },
    )


def earlier_answer(store: Store, key: RequestKey) -> Answer | None:
    """The stored answer to the same request; ``None`` when the key is free.

    Raises:
        Problem: 403, the caller acts for another agency or with other roles than at the first request; 422, the key belongs to another
            request.
    """
    table = idempotency_keys.c
    columns = select(table.fingerprint, table.caller, table.status, table.body)
    with store.read() as connection:
        found = connection.execute(
            columns.where(idempotency_keys.c.scope == key.scope, idempotency_keys.c.key == key.key)
        ).one_or_none()
    if found is None:
        return None
    if found.caller != key.caller:
        raise Problem(403, "forbidden")
    if found.fingerprint != key.fingerprint:
        raise Problem(422, "key-reused")
    return Answer(found.status, found.body)


def once(
    store: Store, effect: Callable[[UnitOfWork], tuple[UnitOfWork, Answer]], key: RequestKey | None
) -> tuple[Answer, bool]:
    """Runs the effect, or finds the stored answer of its first run; says which.

    Args:
        store: where the effect happens.
        effect: keeps its answer by :func:`keep` if there is a key.
        key: of the request, if it has one.
    """
    try:
        work, answer = store.run(effect)
    except Exception as error:
        # the first run of the same request may have caused this error: by the key's row, a used number, a changed state
        if key is None or unavailable(error):
            raise
        earlier = earlier_answer(store, key)
        if earlier is None:
            raise
        return earlier, True
    # a deferred number is known only after the transaction
    return Answer(
        answer.status, work.resolve_placeholder(answer.body), work.resolve_placeholder(answer.location)
    ), False
