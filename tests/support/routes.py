"""Paths of routes, with something in the place of each variable part."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<choices>[^)]*)\))?:)?(?P<name>\w+)>")


def filled(rule: str, unknown: str = "x", values: Mapping[str, str] | None = None) -> str:
    """A path that a route takes.

    Args:
        rule: the route's, such as ``/intake/dossiers/<code>/<any(accept, refuse):action>``.
        unknown: stands for every part that has no value; a part that takes numbers only gets 1, one with choices the first of them.
        values: part → its value.

    Raises:
        KeyError: `values` are given, and a part without choices is not among them.
    """

    def value(part: re.Match[str]) -> str:
        if part["kind"] == "any":
            return part["choices"].split(",")[0].strip(" '\"")
        if values is not None:
            return values[part["name"]]
        return "1" if part["kind"] in ("int", "float") else unknown

    return _PART.sub(value, rule)
