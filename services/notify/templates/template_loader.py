"""Reads the templates from ``data/templates/<channel>.<language>.json``. Another wording is a change of data, not of code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.notify.channels.domain import Channel
from services.notify.channels.plan_loader import channel_plans
from services.notify.channels.plans import ChannelPlans
from services.notify.templates.domain import LANGUAGES, PLACEHOLDERS, WITH_SUBJECT, Template, TemplateError
from shared.data_files import Record, read_record

TEMPLATES_DIRECTORY = Path(__file__).parent.parent / "data" / "templates"

Templates = Mapping[tuple[Channel, str], Mapping[str, Template]]
"""(channel, language) → name → template."""


@cache
def all_templates() -> Templates:
    """The templates of all channels and languages.

    Raises:
        shared.data_files.DataError: with every fault of the first faulty file.
    """
    plans = channel_plans()
    return {
        (channel, language): parse_templates(
            read_record(TEMPLATES_DIRECTORY / f"{channel}.{language}.json"), channel, language, plans
        )
        for channel in Channel
        for language in LANGUAGES
    }


def parse_templates(record: Record, channel: Channel, language: str, plans: ChannelPlans) -> Mapping[str, Template]:
    """The templates of a data file.

    Args:
        record: ``version``, ``valid_from``, of SMS ``fold`` (whether to remove diacritics), and ``templates``: name → text; of e-mails
            and letters name → ``subject``, ``text`` (a list of paragraphs) and, of e-mails, perhaps ``html``.
        channel: by which they are sent.
        language: ``vi`` or ``en``.
        plans: which kinds of messages use the channel.

    Raises:
        shared.data_files.DataError: with every fault: a template is missing or unknown, or has an unknown placeholder.
    """
    record.optional_text("note")
    version = str(record.integer("version", 1))
    record.text("valid_from", pattern=r"\d{4}-\d{2}-\d{2}", like="a day")
    folded = record.boolean("fold") if channel is Channel.SMS else False
    templates: dict[str, Template] = {}
    for name, parts in _parts(record, channel).items():
        subject, text, html = parts
        try:
            templates[name] = Template(name, text, folded, channel, language, subject, html, version)
        except TemplateError as error:
            record.fault(f"templates.{name}", str(error))
            continue
    for name in sorted(needed(channel, plans) - templates.keys()):
        record.fault(f"templates.{name}", "missing")
    record.done()
    record.raise_faults()
    return templates


def needed(channel: Channel, plans: ChannelPlans) -> frozenset[str]:
    """The templates that a channel must have, by the plans."""
    return frozenset(name for name in PLACEHOLDERS if channel in plans.of(name.partition(".")[0]).used)


def _parts(record: Record, channel: Channel) -> dict[str, tuple[str, str, str]]:
    """Name → subject, text and HTML."""
    if channel not in WITH_SUBJECT:
        return {name: ("", text, "") for name, text in record.text_map("templates").items()}
    entries = record.record("templates")
    found: dict[str, tuple[str, str, str]] = {}
    for name in PLACEHOLDERS:
        entry = entries.optional_record(name)
        if entry is not None:
            paragraphs = entry.texts("text", at_least=1, required=True)
            found[name] = (entry.text("subject"), "\n\n".join(paragraphs), entry.optional_text("html") or "")
            entry.done()
    entries.done()
    return found
