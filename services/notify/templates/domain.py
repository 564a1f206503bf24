"""The rules of message templates: which placeholders each may have, and how a text is composed from an event."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.channels.sms_folding import remove_diacritics
from shared.runtime.clock import VIETNAM

PUBLIC_URL = "{public_url}"
"""Stays in a composed text until the message is sent: only the sender knows the current address."""

APPOINTMENT = frozenset({"number", "slot_start", "desk_name"})
"""Placeholders of all messages about an appointment."""

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "filed": frozenset({"dossier", "filed_at", "public_url"}),
    "application_supplement": frozenset({"dossier", "papers", "until", "public_url"}),
    "application_supplement.without_end": frozenset({"dossier", "papers", "public_url"}),
    "application_closed.withdrawn": frozenset({"dossier", "closed_at"}),
    "application_closed.no_supplement": frozenset({"dossier", "closed_at"}),
    "refused": frozenset({"dossier", "refused_at", "public_url"}),
    "sent_back": frozenset({"dossier", "parcel"}),
    "received": frozenset({"dossier", "received_at", "promised_at"}),
    "obligation": frozenset({"dossier", "name", "amount"}),
    "fee_waiver.granted": frozenset({"dossier", "waived", "owed"}),
    "fee_waiver.refused": frozenset({"dossier", "owed", "public_url"}),
    "fee_waiver.refused_paid": frozenset({"dossier", "public_url"}),
    "result_ready": frozenset({"dossier", "resolved_at"}),
    "supplement_requested": frozenset({"dossier", "papers", "until", "public_url"}),
    "supplement_requested.without_end": frozenset({"dossier", "papers", "public_url"}),
    "supplemented": frozenset({"dossier", "due_at"}),
    "extended": frozenset({"dossier", "was_due_at", "due_at", "public_url"}),
    "deadline_moved.result": frozenset({"dossier", "was_at", "moved_to"}),
    "deadline_moved.supplement": frozenset({"dossier", "was_at", "moved_to"}),
    "stopped.withdrawn": frozenset({"dossier", "stopped_at"}),
    "stopped.no_supplement": frozenset({"dossier", "stopped_at"}),
    "stopped.stopped": frozenset({"dossier", "stopped_at"}),
    "corrected": frozenset({"dossier", "corrected_at"}),
    "one_time_code": frozenset({"dossier", "code", "minutes"}),
    "result_posted": frozenset({"dossier", "posted_at", "parcel"}),
    "result_published": frozenset({"dossier", "published_at", "public_url"}),
    "rating_invitation": frozenset({"dossier", "token", "expires_at", "public_url"}),
    **dict.fromkeys(("appointment_booked", "appointment_booked.en"), APPOINTMENT | {"code", "public_url"}),
    **dict.fromkeys(("appointment_reminder", "appointment_reminder.en"), APPOINTMENT | {"code", "public_url"}),
    **dict.fromkeys(
        (f"appointment_moved.{variant}" for variant in ("citizen", "citizen_en", "closed", "closed_en")),
        APPOINTMENT | {"code", "was_at", "public_url"},
    ),
    **dict.fromkeys(("appointment_cancelled.closed", "appointment_cancelled.closed_en"), APPOINTMENT | {"public_url"}),
}
"""Template → the placeholders that its text may have. A name is a kind of message; a kind with several texts has a dot and a variant.

No reason and no remark is among them: what an agency writes freely could bring a link or a telephone number into an official message. It
is read in the look-up. Only the names of papers are quoted, and only if :func:`quotable`."""

MAX_PAPERS = 90
"""Most characters of the papers that a message names. A longer text is cut; the public page shows it in full."""
MAX_DIGITS = 4
"""Most digits in the quoted papers together: enough for "(2 bản)" and "mẫu 01", too few for a telephone or account number."""
ELLIPSIS = "..."

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9 ,;()'\"-]*")
_BRACES = str.maketrans("{}", "()")

SECRETS = frozenset({"token", "code"})
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
            parts = [part for part in string.Formatter().parse(self.text) if part[1] is not None]
        except ValueError as error:
            raise TemplateError(f"{self.name}: {error}") from error
        if any(form or conversion for _, _, form, conversion in parts):
            raise TemplateError(f"{self.name}: a placeholder has no format")
        used = {field for _, field, _, _ in parts if field is not None}
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
    filled = {name: _filled_in(value, template.folded) for name, value in values.items()} | {"public_url": PUBLIC_URL}
    text = remove_diacritics(template.text) if template.folded else template.text
    try:
        secret_text = text.format_map(filled)
    except KeyError as error:
        raise TemplateError(f"{template.name}: no value for {error}") from error
    text = secret_text
    for name in SECRETS & values.keys():
        text = text.replace(filled[name], "*" * len(filled[name]))
    return ComposedText(text, None if text == secret_text else secret_text)


def fill_public_url(text: str, public_url: str) -> str:
    """The text as sent, with the address at which citizens reach the platform."""
    return text.replace(PUBLIC_URL, public_url)


def quotable(papers: Sequence[str]) -> bool:
    """Whether the names of papers may stand in an official message: only words, and too few digits for a number to call.

    Args:
        papers: as an agency wrote them.
    """
    folded = [remove_diacritics(paper) for paper in papers]
    digits = sum(char.isdigit() for paper in folded for char in paper)
    return digits <= MAX_DIGITS and all(_WORDS.fullmatch(paper) for paper in folded)


def _filled_in(value: object, folded: bool) -> str:
    """A value as it stands in the text. It has no braces, so nothing in it is ever taken for a placeholder."""
    text = _format(value)
    return (remove_diacritics(text) if folded else text).translate(_BRACES)


def _papers(papers: Sequence[str]) -> str:
    """The names of papers, cut between words where they are too long; their number if they must not be quoted."""
    names = [" ".join(unicodedata.normalize("NFC", paper).split()).rstrip(" .,;") for paper in papers]
    if not quotable(names):
        return f"{len(papers)} giấy tờ"
    text = "; ".join(names)
    if len(text) <= MAX_PAPERS:
        return text
    room = MAX_PAPERS - len(ELLIPSIS)
    kept = text[: room + 1].rpartition(" ")[0] or text[:room]
    return kept.rstrip(" ,;:.") + ELLIPSIS


def _format(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    if isinstance(value, list | tuple):
        return _papers([str(item) for item in value])
    return str(value)
