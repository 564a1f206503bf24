"""Which kind of request some bytes are, found without parsing them: by method, path and, of a filing, its procedure's field.

The kinds follow from what the routes declare (`shared.web.authorization`), so a new route has its kind by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from flask import Flask
from werkzeug.routing import Rule

from shared.web.admission.weights import FILING, Key
from shared.web.authorization import access_of

View = TypeVar("View", bound=Callable[..., Any])

FIELD_OF = "motcua-field-of"
"""The name among an app's extensions of the function that knows the field of a procedure without asking the database; "" for unknown."""
PROBES = frozenset({"health_live", "health_ready", "metrics"})
READING = frozenset({"GET", "HEAD"})
IN_BODY = "body"
_MARK = "__motcua_kind__"
_PROCEDURE = re.compile(rb'"procedure"\s*:\s*"([^"\\]{1,100})"')
_ANY = "*"
UNKNOWN: Key = ("public", "")
MAX_PARTS = 20
"""Parts of a path that are looked at; no route has more."""
KEPT_PATHS = 256
"""So many methods with their paths are not looked up again: in a rush most requests have one of a few."""


def vital(view: View) -> View:
    """Marks a view that is refused last: people cannot work without it, or money would be lost from sight."""
    setattr(view, _MARK, "vital")
    return view


def files_for(where: str) -> Callable[[View], View]:
    """Marks a view that files a dossier, so that each field has its share.

    Args:
        where: the procedure's code is: the path's argument of this name, or :data:`IN_BODY`, in the JSON member `procedure`.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, where)
        return view

    return mark


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a route says: its kind and, for filings, where the procedure stands (-1: in the body, else which part of the path)."""

    kind: str
    place: int
    field_of: Callable[[str], str]


class RequestKinds:
    """Knows the routes of some apps.

    Args:
        apps: complete.
    """

    def __init__(self, apps: Iterable[Flask]) -> None:
        self._tree: dict[str, Any] = {}
        self._route = lru_cache(KEPT_PATHS)(self._find_route)
        for app in apps:
            for rule in app.url_map.iter_rules():
                self._add(rule.rule, rule.methods or (), _kind_of(app, rule))

    def _add(self, path: str, methods: Iterable[str], kind: _Kind) -> None:
        branch = self._tree
        for part in path.split("/")[1:]:
            branch = branch.setdefault(_ANY if "<" in part else part, {})
            if "<path:" in part:
                branch[_ANY] = branch  # any number of further parts
        for method in methods:
            branch[f" {method}"] = kind  # no part of a path begins with a space

    def key_of(self, request: bytes) -> Key:
        """The kind of a request, and the field if it is a filing.

        Args:
            request: as received, its head at least.
        """
        line = request[: request.find(b" ", request.find(b" ") + 1)]
        found, code = self._route(line.partition(b"?")[0])
        if found is None:
            return UNKNOWN
        if found.kind != FILING:
            return found.kind, ""
        if code:
            return FILING, found.field_of(code)
        procedure = _PROCEDURE.search(request, request.find(b"\r\n\r\n"))
        return FILING, found.field_of(procedure[1].decode("utf-8", "replace")) if procedure else ""

    def _find_route(self, line: bytes) -> tuple[_Kind | None, str]:
        """What the route of a method and path says, and the procedure in the path; without it an empty text."""
        method, _, path = line.decode("latin-1").partition(" ")
        parts = path.split("/", MAX_PARTS)[1:]
        found = _find(self._tree, parts, 0, f" {method}")
        in_path = found is not None and found.kind == FILING and found.place >= 0
        return found, parts[found.place] if found is not None and in_path else ""


def _find(branch: Mapping[str, Any], parts: list[str], at: int, method: str) -> _Kind | None:
    if at == len(parts):
        found: _Kind | None = branch.get(method)
        return found
    for part in (parts[at], _ANY):
        below = branch.get(part)
        if isinstance(below, dict) and (kind := _find(below, parts, at + 1, method)) is not None:
            return kind
    return None


def _kind_of(app: Flask, rule: Rule) -> _Kind:
    field_of = app.extensions.get(FIELD_OF, lambda _: "")
    if rule.endpoint in PROBES:
        return _Kind("probe", 0, field_of)
    mark = getattr(app.view_functions.get(rule.endpoint), _MARK, "")
    if mark and mark != "vital":
        parts = rule.rule.split("/")[1:]
        return _Kind(FILING, -1 if mark == IN_BODY else parts.index(f"<{mark}>"), field_of)
    access = access_of(app, rule.endpoint)
    reads = not (rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}
    if mark:
        kind = "vital"
    elif access is not None and access.roles and "citizen" not in access.roles:
        kind = "staff"
    else:
        kind = "public" if reads and (access is None or access.public) else "citizen"
    return _Kind(kind, 0, field_of)
