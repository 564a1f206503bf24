"""Commands and queries: the two kinds of JSON view. A view takes a transaction and validated arguments, and returns data.

@api.post("/dossiers")
@roles("clerk", agency="record")
@command(FilingSchema, ReceiptSchema, status=201)
def file_dossier(work, filing): ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Literal, TypeVar, cast

from flask import Request, Response, current_app, g, request
from marshmallow import RAISE, Schema
from orjson import loads
from webargs.multidictproxy import MultiDictProxy

from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import OPERATION, confirm_scope
from shared.web.body_loading import body_loader
from shared.web.current_context import context
from shared.web.idempotency import REPLAYED, Answer, RequestKey, keep, once, request_key
from shared.web.json_encoding import dumps, read_json
from shared.web.reading_audit import write_readings
from shared.web.sealed_answer import seal, unseal

View = TypeVar("View", bound=Callable[..., Any])
SchemaLike = Schema | type[Schema]

JSON = "application/json"

__all__ = ["Operation", "Reply", "command", "context", "query"]


@dataclass(frozen=True, slots=True)
class Operation:
    """What the OpenAPI document says about a view."""

    kind: Literal["command", "query"]
    takes: SchemaLike | None
    gives: SchemaLike | None
    status: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A view's data with a status other than the default, such as 202, or 200 where nothing was created."""

    data: Any
    status: int


def command(
    takes: SchemaLike | None = None,
    gives: SchemaLike | None = None,
    *,
    status: int = 200,
    location: str = "",
    dump: bool = True,
    secrets: Sequence[str] = (),
) -> Callable[[View], View]:
    """A view that changes state: ``view(work[, body], **path_arguments)``, in one transaction, with Idempotency-Key.

    The view may run more than once (deadlock, busy database): all its effects must be in `work`.

    Args:
        takes: validates the JSON body; the view gets the loaded data. Without it the view gets no body.
        gives: dumps what the view returns; without it the view returns JSON-ready data.
        status: the HTTP status, 201 where something is created.
        location: the Location header, with fields of the answer in braces: ``/intake/api/dossiers/{code}``.
        dump: false where the view already returns what the schema describes, to save time on a hot path; the schema then only
            documents, and a test compares.
        secrets: fields of the answer that are encrypted while it is kept for a repeated request.
    """
    schema, dumper = _instance(takes), _dumper(gives) if dump else None
    load = None if schema is None else body_loader(schema)

    def decorate(view: View) -> View:
        @wraps(view)
        def endpoint(**path: Any) -> Response:
            asked: Request = cast(Any, request)._get_current_object()  # each use of the proxy looks it up
            key = request_key(asked, g.get("motcua_principal"))
            body = () if load is None else (load(read_json(asked)),)

            def effect(work: UnitOfWork) -> tuple[UnitOfWork, Answer]:
                result = view(work, *body, **path)
                answer = _answer(result, dumper, status, location)
                confirm_scope()
                write_readings(work)
                if key is not None:
                    keep(work, key, _sealed(answer, result, dumper is None, secrets, key))
                return work, answer

            answer, replayed = once(context().store, effect, key)
            if replayed and key is not None:
                answer = replace(
                    answer, body=unseal(answer.body, secrets, context().settings.hash_key, key.scope + key.key)
                )
            response = Response(answer.body, answer.status, content_type=JSON)
            if location:
                where = answer.location or location.format_map(current_app.json.loads(answer.body))
                response.headers["Location"] = where
            if replayed:
                response.headers[REPLAYED] = "true"
            return response

        setattr(endpoint, OPERATION, Operation("command", takes, gives, status))
        return cast(View, endpoint)

    return decorate


def query(
    takes: SchemaLike | None = None, gives: SchemaLike | None = None, *, etag: bool = False, snapshot: bool = False
) -> Callable[[View], View]:
    """A view that only reads: ``view(connection[, arguments], **path_arguments)``.

    Args:
        takes: validates the query string; the view gets the loaded data.
        gives: dumps what the view returns. A Flask response (a PDF, a CSV file) is answered as it is.
        etag: whether the answer has an ETag for If-None-Match, for boards that poll.
        snapshot: whether all that the view reads is of one moment, for numbers that must agree.
    """
    schema, dump = _instance(takes), _dumper(gives)

    def decorate(view: View) -> View:
        @wraps(view)
        def endpoint(**path: Any) -> Response:
            arguments = () if schema is None else (schema.load(MultiDictProxy(request.args, schema), unknown=RAISE),)
            store = context().store
            with store.snapshot() if snapshot else store.read() as connection:
                result = view(connection, *arguments, **path)
                confirm_scope()
                if isinstance(result, Response):
                    return result
                answer = _answer(result, dump, 200)
            response = Response(answer.body, answer.status, content_type=JSON)
            if etag:
                response.headers["Cache-Control"] = "private, no-cache"
                response.add_etag()
                response.make_conditional(request)
            return response

        setattr(endpoint, OPERATION, Operation("query", takes, gives, 200))
        return cast(View, endpoint)

    return decorate


def _sealed(answer: Answer, result: Any, undumped: bool, secrets: Sequence[str], key: RequestKey) -> Answer:
    """The answer as it is kept; `undumped`: the result already is the answer's data."""
    if not secrets:
        return answer
    data = result if undumped else loads(answer.body)
    sealed = seal(data, secrets, context().settings.hash_key, key.scope + key.key)
    return replace(answer, body=dumps(sealed).decode())


def _instance(schema: SchemaLike | None) -> Schema | None:
    return schema() if isinstance(schema, type) else schema


def _dumper(schema: SchemaLike | None) -> Callable[[Any], Any] | None:
    instance = _instance(schema)
    return instance.dump if instance else None


def _answer(result: Any, dump: Callable[[Any], Any] | None, status: int, location: str = "") -> Answer:
    if isinstance(result, Reply):
        result, status = result.data, result.status
    data = dump(result) if dump else result
    return Answer(status, dumps(data).decode(), location.format_map(data) if location else "")
