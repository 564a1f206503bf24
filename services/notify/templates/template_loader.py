"""Reads the service's data: message templates and the numbering plan. Changing either is a change of data, not of code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.notify.contacts.domain import NumberingPlan
from services.notify.templates.domain import KINDS, Template, TemplateError
from shared.data_files import Record, read_record

DATA = Path(__file__).parent.parent / "data"


@cache
def sms_templates() -> Mapping[str, Template]:
    """Returns the SMS template of every kind of message.

    Raises:
        DataError: with every fault of the file.
    """
    return read_templates(read_record(DATA / "sms_templates.json"))


def read_templates(record: Record) -> Mapping[str, Template]:
    """Returns the templates of a data file.

    Args:
        record: ``fold`` (whether diacritics are dropped) and ``templates`` (kind → text).

    Raises:
        DataError: with every fault, such as a kind without a template, or a place in a text that no value fills.
    """
    record.optional_text("note")
    folded, texts = record.boolean("fold"), record.text_map("templates")
    templates: dict[str, Template] = {}
    for kind, text in texts.items():
        try:
            templates[kind] = Template(kind, text, folded)
        except TemplateError as error:
            record.fault(f"templates.{kind}", str(error))
    for kind in sorted(KINDS.keys() - texts.keys()):
        record.fault(f"templates.{kind}", "missing")
    record.done()
    record.raise_faults()
    return templates


@cache
def numbering_plan() -> NumberingPlan:
    """Returns which phone numbers are mobile.

    Raises:
        DataError: with every fault of the file.
    """
    record = read_record(DATA / "numbering.json")
    for remark in ("source", "certainty"):
        record.optional_text(remark)
    plan = NumberingPlan(
        prefixes=record.texts("prefixes", at_least=1),
        digits=record.integer("digits", least=1),
        retired=record.text_map("retired"),
    )
    record.done()
    record.raise_faults()
    return plan
