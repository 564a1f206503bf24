"""Reads the SMS templates from ``data/sms_templates.json``. Another wording is a change of data, not of code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from services.notify.templates.domain import PLACEHOLDERS, Template, TemplateError

SMS_TEMPLATES_FILE = Path(__file__).parent.parent / "data" / "sms_templates.json"


@cache
def sms_templates() -> Mapping[str, Template]:
    """All SMS templates, by name.

    Raises:
        TemplateError: a template is missing or unknown, or has an unknown placeholder.
    """
    return parse_templates(json.loads(SMS_TEMPLATES_FILE.read_text(encoding="utf-8")))


def parse_templates(content: Mapping[str, Any]) -> Mapping[str, Template]:
    """The templates of a data file.

    Args:
        content: ``fold`` (whether to remove diacritics) and ``templates`` (name → text).

    Raises:
        TemplateError: a template is missing or unknown, or has an unknown placeholder.
    """
    templates = {name: Template(name, text, content["fold"]) for name, text in content["templates"].items()}
    if missing := PLACEHOLDERS.keys() - templates.keys():
        raise TemplateError(f"no template for {', '.join(sorted(missing))}")
    return templates
