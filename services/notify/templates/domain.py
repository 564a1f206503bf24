"""The rules of message templates: which placeholders each may have, and how a text is composed from an event."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notify.channels.sms_segments import remove_diacritics
from shared.runtime.clock import VIETNAM

PUBLIC_URL = "{public_url}"
"""Stays in a composed text until the message is sent: only the sender knows the current address."""

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "received": frozenset({"dossier", "received_at", "promised_at"}),
    "obligation": frozenset({"dossier", "name", "amount"}),
    "result_ready": frozenset({"dossier", "resolved_at"}),
    "supplement_requested": frozenset({"dossier", "papers", "reason", "until", "public_url"}),
    "supplement_requested.without_end": frozenset({"dossier", "papers", "reason", "public_url"}),
    "supplemented": frozenset({"dossier", "due_at"}),
    "extended": frozenset({"dossier", "reason", "was_due_at", "due_at"}),
    "stopped.withdrawn": frozenset({"dossier", "stopped_at"}),
    "stopped.no_supplement": frozenset({"dossier", "stopped_at"}),
    "stopped.stopped": frozenset({"dossier", "reason", "stopped_at"}),
    "corrected": frozenset({"dossier", "corrected_at"}),
    "rating_invitation": frozenset({"dossier", "token", "expires_at", "public_url"}),
}
"""Template → the placeholders that its text may have. A name is a kind of message; a kind with several texts has a dot and a variant."""

MAX_CHARACTERS: Mapping[str, int] = {"papers": 90, "reason": 70}
"""Placeholder of an agency's free text → its most characters. A longer text is cut; the public page shows it in full."""
ELLIPSIS = "..."

SECRETS = frozenset({"token"})
"""Placeholders whose value only the citizen may know. It is stored until the message is sent, and never shown."""


class TemplateError(ValueError):
    """A template cannot be used."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one template.

    Attributes:
        name: one of :data:`PLACEHOLDERS`.
        text: with placeholders such as ``{dossier}``.
        folded: whether diacritics are removed, so that a segment holds 160 characters instead of 70.

    Raises:
        TemplateError: the name or a placeholder is unknown, or the braces do not match.
    """

    name: str
    text: str
    folded: bool

    def __post_init__(self) -> None:
        if self.name not in PLACEHOLDERS:
            raise TemplateError(f"no template is called {self.name!r}")
        try:
            used = {field for _, field, _, _ in string.Formatter().parse(self.text) if field is not None}
        except ValueError as error:
            raise TemplateError(f"{self.name}: {error}") from error
        if unknown := used - PLACEHOLDERS[self.name]:
            raise TemplateError(f"{self.name}: unknown placeholder {', '.join(sorted(unknown))}")


@dataclass(frozen=True, slots=True)
class ComposedText:
    """A composed text.

    Attributes:
        text: as stored and shown to staff; each character of a secret is replaced by an asterisk, which keeps the length.
        secret_text: as sent, if that differs.
    """

    text: str
    secret_text: str | None


def compose(template: Template, values: Mapping[str, object]) -> ComposedText:
    """Fills in a template.

    Args:
        template: the template.
        values: placeholder → value: an aware datetime, an integer (đồng), a list of texts, or a text.

    Raises:
        TemplateError: a placeholder has no value.
    """
    filled = {name: _shorten(name, _format(value)) for name, value in values.items()} | {"public_url": PUBLIC_URL}
    try:
        secret_text = template.text.format_map(filled)
    except KeyError as error:
        raise TemplateError(f"{template.name}: no value for {error}") from error
    if template.folded:
        secret_text = remove_diacritics(secret_text)
    text = secret_text
    for name in SECRETS & values.keys():
        text = text.replace(filled[name], "*" * len(filled[name]))
    return ComposedText(text, None if text == secret_text else secret_text)


def fill_public_url(text: str, public_url: str) -> str:
    """The text as sent, with the address at which citizens reach the platform."""
    return text.replace(PUBLIC_URL, public_url)


def _shorten(name: str, text: str) -> str:
    """Cuts a free text to the most characters of its placeholder, between words where possible."""
    longest = MAX_CHARACTERS.get(name)
    if longest is None:
        return text
    text = " ".join(unicodedata.normalize("NFC", text).split()).rstrip(".")
    if len(text) <= longest:
        return text
    room = longest - len(ELLIPSIS)
    kept = text[: room + 1].rpartition(" ")[0] or text[:room]
    return kept.rstrip(" ,;:.") + ELLIPSIS


def _format(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return str(value)
