"""Message templates: texts with named places, filled in from an event."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notify.channels import sms_segments
from shared.runtime.clock import VIETNAM

PUBLIC_URL = "{public_url}"
"""Stays in a composed text and is filled in when the message is sent: only then is it known, and it is up to date."""

KINDS: Mapping[str, frozenset[str]] = {
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
"""What is told, and the places that its text may have. Behind a dot: which of several texts of a kind it is, by the cause."""

LONGEST: Mapping[str, int] = {"papers": 90, "reason": 70}
"""Characters that a free text of an agency's may have in a message; a longer one is cut, and the page tells all."""
CUT = "..."

SECRETS = frozenset({"token"})
"""Places whose value is a capability of the citizen: stored only until the message is sent, shown to nobody."""


class TemplateError(ValueError):
    """A template cannot be used."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one kind of message.

    Attributes:
        kind: one of :data:`KINDS`.
        text: with places such as ``{dossier}``.
        folded: whether diacritics are dropped, so that a segment holds 160 characters instead of 70.
    """

    kind: str
    text: str
    folded: bool

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise TemplateError(f"no message is called {self.kind!r}")
        try:
            places = {name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None}
        except ValueError as error:
            raise TemplateError(f"{self.kind}: {error}") from error
        if unknown := places - KINDS[self.kind]:
            raise TemplateError(f"{self.kind}: no value for {', '.join(sorted(unknown))}")


@dataclass(frozen=True, slots=True)
class Text:
    """A composed text.

    Attributes:
        shown: as it is kept and shown to staff; a secret is replaced by as many asterisks, so its length stays the same.
        body: as it is sent, when that differs from what is shown.
    """

    shown: str
    body: str | None


def compose(template: Template, values: Mapping[str, object]) -> Text:
    """Fills a template in.

    Args:
        template: what to say.
        values: place → value; times as aware datetimes, amounts in đồng as integers, several texts as a list.

    Raises:
        TemplateError: the template has a place that `values` does not name.
    """
    filled = {name: _shortened(name, _written(value)) for name, value in values.items()} | {"public_url": PUBLIC_URL}
    try:
        body = template.text.format_map(filled)
    except KeyError as error:
        raise TemplateError(f"{template.kind}: no value for {error}") from error
    if template.folded:
        body = sms_segments.fold(body)
    shown = body
    for name in SECRETS & values.keys():
        shown = shown.replace(filled[name], "*" * len(filled[name]))
    return Text(shown, None if shown == body else body)


def fill_public_url(text: str, public_url: str) -> str:
    """The text as it leaves, with the address at which citizens reach the platform."""
    return text.replace(PUBLIC_URL, public_url)


def _shortened(name: str, text: str) -> str:
    """A free text with no more characters than its place may have, cut between words where that is possible."""
    longest = LONGEST.get(name)
    if longest is None:
        return text
    text = " ".join(unicodedata.normalize("NFC", text).split()).rstrip(".")
    if len(text) <= longest:
        return text
    room = longest - len(CUT)
    kept = text[: room + 1].rpartition(" ")[0] or text[:room]
    return kept.rstrip(" ,;:.") + CUT


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return str(value)
