"""Reads the SMS templates from ``data/sms_templates.json``. Another wording is a change of data, not of code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.notify.templates.domain import PLACEHOLDERS, Template, TemplateError
from shared.data_files import Record, read_record

SMS_TEMPLATES_FILE = Path(__file__).parent.parent / "data" / "sms_templates.json"


@cache
def sms_templates() -> Mapping[str, Template]:
    """All SMS templates, by name.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return parse_templates(read_record(SMS_TEMPLATES_FILE))


def parse_templates(record: Record) -> Mapping[str, Template]:
    """The templates of a data file.

    Args:
        record: ``fold`` (whether to remove diacritics) and ``templates`` (name → text).

    Raises:
        shared.data_files.DataError: with every fault: a template is missing or unknown, or has an unknown placeholder.
    """
    record.optional_text("note")
    folded, texts = record.boolean("fold"), record.text_map("templates")
    templates: dict[str, Template] = {}
    for name, text in texts.items():
        try:
            templates[name] = Template(name, text, folded)
        except TemplateError as error:
            record.fault(f"templates.{name}", str(error))
    for name in sorted(PLACEHOLDERS.keys() - texts.keys()):
        record.fault(f"templates.{name}", "missing")
    record.done()
    record.raise_faults()
    return templates
