"""Reads the service's data: message templates and the numbering plan. Changing either is a change of data, not of code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from services.notify.contacts.domain import NumberingPlan
from services.notify.templates.domain import KINDS, Template, TemplateError

DATA = Path(__file__).parent.parent / "data"


@cache
def sms_templates() -> Mapping[str, Template]:
    """The SMS template of every kind of message.

    Raises:
        TemplateError: a kind has no template, a template no kind, or a place no value.
    """
    return read_templates(_json("sms_templates.json"))


def read_templates(content: Mapping[str, Any]) -> Mapping[str, Template]:
    """The templates of a data file.

    Args:
        content: ``fold`` (whether diacritics are dropped) and ``templates`` (kind → text).

    Raises:
        TemplateError: a kind has no template, a template no kind, or a place no value.
    """
    templates = {kind: Template(kind, text, content["fold"]) for kind, text in content["templates"].items()}
    if missing := KINDS.keys() - templates.keys():
        raise TemplateError(f"no template for {', '.join(sorted(missing))}")
    return templates


@cache
def numbering_plan() -> NumberingPlan:
    """Which phone numbers are mobile."""
    content = _json("numbering.json")
    return NumberingPlan(tuple(content["prefixes"]), content["digits"], content["retired"])


def _json(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return content
