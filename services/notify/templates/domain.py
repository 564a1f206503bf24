"""The rules of message templates: which placeholders each may have, and how a text is composed from an event."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from services.notify.channels.domain import Channel
from services.notify.channels.sms_folding import remove_diacritics
from shared.runtime.clock import VIETNAM

PUBLIC_URL = "{public_url}"
"""Stays in a composed text until the message is sent: only the sender knows the current address."""

APPOINTMENT = frozenset({"number", "slot_start", "desk_name"})
"""Placeholders of all messages about an appointment."""
REPORT = frozenset(
    {"period", "agency_name", "number", "report", "token", "public_url"}
    | {"received", "resolved", "on_time", "resolved_late", "in_progress", "in_progress_overdue"}
)
"""Placeholders of e-mails about published reports; the token is that of the link that ends them."""
COMPLAINT = frozenset({"complaint", "public_url"})
"""Placeholders of all messages about a complaint; its code is shown, the code of the look-up is not."""

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
    "answer_waiting": frozenset({"dossier", "public_url"}),
    "sms_reply.filed": frozenset({"about"}),
    "sms_reply.incomplete": frozenset({"about", "public_url"}),
    "sms_reply.processing": frozenset({"about", "due_at"}),
    "sms_reply.processing_undated": frozenset({"about"}),
    "sms_reply.supplement": frozenset({"about", "public_url"}),
    "sms_reply.payment": frozenset({"about", "public_url"}),
    "sms_reply.resolved": frozenset({"about"}),
    "sms_reply.returned": frozenset({"about"}),
    "sms_reply.stopped": frozenset({"about"}),
    "sms_reply.refused": frozenset({"about", "public_url"}),
    "sms_reply.closed": frozenset({"about"}),
    "sms_reply.rating_passed_on": frozenset({"about"}),
    "sms_reply.rating_not_open": frozenset({"about"}),
    "sms_reply.wrong": frozenset({}),
    "sms_reply.stop": frozenset({"start"}),
    "sms_reply.start": frozenset({"stop"}),
    "sms_reply.complaint_empty": frozenset({"complain"}),
    "sms_reply.help": frozenset({"look_up", "rate", "complain", "start", "stop"}),
    "result_ready": frozenset({"dossier", "resolved_at"}),
    "supplement_requested": frozenset({"dossier", "papers", "until", "public_url"}),
    "supplement_requested.without_end": frozenset({"dossier", "papers", "public_url"}),
    "supplemented": frozenset({"dossier", "due_at"}),
    "extended": frozenset({"dossier", "was_due_at", "due_at", "public_url"}),
    "apology": frozenset({"dossier", "number", "was_due_at", "due_at", "public_url"}),
    "deadline_moved.result": frozenset({"dossier", "was_at", "moved_to"}),
    "deadline_moved.supplement": frozenset({"dossier", "was_at", "moved_to"}),
    "stopped.withdrawn": frozenset({"dossier", "stopped_at"}),
    "stopped.no_supplement": frozenset({"dossier", "stopped_at"}),
    "stopped.stopped": frozenset({"dossier", "stopped_at"}),
    "corrected": frozenset({"dossier", "corrected_at"}),
    "one_time_code": frozenset({"dossier", "code", "minutes"}),
    "result_posted": frozenset({"dossier", "posted_at", "parcel"}),
    "parcel_pickup": frozenset({"dossier", "parcel"}),
    "parcel_returned": frozenset({"dossier", "parcel"}),
    "parcel_lost": frozenset({"dossier", "parcel"}),
    "result_published": frozenset({"dossier", "published_at", "public_url"}),
    "rating_invitation": frozenset({"dossier", "token", "expires_at", "public_url"}),
    "survey_invitation": frozenset({"dossier", "token", "expires_at", "public_url"}),
    "survey_invitation.reminder": frozenset({"dossier", "token", "expires_at", "public_url"}),
    "report_published": REPORT,
    "report_published.corrected": REPORT,
    "complaint_notice.lodged": COMPLAINT | {"code", "due_at"},
    "complaint_notice.lodged_undated": COMPLAINT | {"code"},
    "complaint_notice.more_requested": COMPLAINT | {"due_at"},
    "complaint_notice.more_requested_undated": COMPLAINT,
    "complaint_notice.rejected": COMPLAINT,
    "complaint_notice.answered": COMPLAINT,
    "complaint_notice.published": COMPLAINT,
    "appointment_booked": APPOINTMENT | {"code", "public_url"},
    "appointment_reminder": APPOINTMENT | {"code", "public_url"},
    "appointment_moved.citizen": APPOINTMENT | {"code", "was_at", "public_url"},
    "appointment_moved.closed": APPOINTMENT | {"code", "was_at", "public_url"},
    "appointment_cancelled.closed": APPOINTMENT | {"public_url"},
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

LANGUAGES = ("vi", "en")
"""The languages in which citizens are told."""

SECRETS = frozenset({"token", "code"})
"""Placeholders whose value only the citizen may know. It is stored until the message is sent, and never shown."""


class TemplateError(ValueError):
    """A template cannot be used."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one template.

    Attributes:
        name: one of :data:`PLACEHOLDERS`.
        text: with placeholders such as ``{dossier}``; of an e-mail or a letter its paragraphs, parted by empty lines.
        folded: of an SMS, whether diacritics are removed, so that a segment holds 160 characters instead of 70.
        channel: by which it is sent.
        language: ``vi`` or ``en``.
        subject: of an e-mail or a letter; empty otherwise.
        html: of an e-mail, if it is not to be made of the text; empty otherwise.
        version: of the data file, or of the agency's own text.

    Raises:
        TemplateError: the name or a placeholder is unknown, the braces do not match, or a part is missing or too much.
    """

    name: str
    text: str
    folded: bool
    channel: Channel = Channel.SMS
    language: str = "vi"
    subject: str = ""
    html: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        if self.name not in PLACEHOLDERS:
            raise TemplateError(f"no template is called {self.name!r}")
        if not self.text.strip():
            raise TemplateError(f"{self.name}: the text is empty")
        if (self.channel in WITH_SUBJECT) != bool(self.subject.strip()):
            raise TemplateError(f"{self.name}: an e-mail and a letter have a subject, and nothing else has one")
        if self.html and self.channel is not Channel.EMAIL:
            raise TemplateError(f"{self.name}: only an e-mail has HTML")
        for part in (self.subject, self.text, self.html):
            self._check(part)

    def _check(self, text: str) -> None:
        try:
            parts = [part for part in string.Formatter().parse(text) if part[1] is not None]
        except ValueError as error:
            raise TemplateError(f"{self.name}: {error}") from error
        if any(form or conversion for _, _, form, conversion in parts):
            raise TemplateError(f"{self.name}: a placeholder has no format")
        used = {field for _, field, _, _ in parts if field is not None}
        if unknown := used - PLACEHOLDERS[self.name]:
            raise TemplateError(f"{self.name}: unknown placeholder {', '.join(sorted(unknown))}")

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The placeholders that it uses, in order."""
        found = (part[1] for text in (self.subject, self.text) for part in string.Formatter().parse(text))
        return tuple(dict.fromkeys(name for name in found if name))


WITH_SUBJECT = frozenset({Channel.EMAIL, Channel.LETTER})
"""Channels whose templates have a subject."""


@dataclass(frozen=True, slots=True)
class ComposedParts:
    """What a composed message consists of.

    Attributes:
        text: plain text.
        subject: of an e-mail or a letter.
        html: of an e-mail.
        variables: placeholder → text, for a chat service that fills in its own template.
    """

    text: str
    subject: str = ""
    html: str = ""
    variables: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ComposedText:
    """A composed message.

    Attributes:
        shown: as stored and shown to staff; each character of a secret is replaced by an asterisk, which keeps the length.
        secret: as sent, if that differs.
    """

    shown: ComposedParts
    secret: ComposedParts | None

    @property
    def text(self) -> str:
        """The plain text as shown."""
        return self.shown.text

    @property
    def secret_text(self) -> str | None:
        """The plain text as sent, if that differs."""
        return self.secret.text if self.secret else None


def compose(template: Template, values: Mapping[str, object]) -> ComposedText:
    """Fills in a template.

    Args:
        template: the template.
        values: placeholder → value: an aware datetime, an integer (đồng), a list of texts, or a text.

    Raises:
        TemplateError: a placeholder has no value.
    """
    known = {name: value for name, value in values.items() if name in PLACEHOLDERS[template.name]}
    filled = {name: _filled_in(value, template) for name, value in known.items()} | {"public_url": PUBLIC_URL}
    secrets = {name: "*" * len(filled[name]) for name in SECRETS & known.keys()}
    sent = _parts(template, filled)
    shown = _parts(template, filled | secrets) if secrets else sent
    return ComposedText(shown, None if shown == sent else sent)


def _parts(template: Template, filled: Mapping[str, str]) -> ComposedParts:
    try:
        text = _text(template.text, template).format_map(filled)
        subject = _text(template.subject, template).format_map(filled)
        html = ""
        if template.channel is Channel.EMAIL:
            escaped = {name: escape(value) for name, value in filled.items()}
            html = template.html.format_map(escaped) if template.html else html_of(text)
    except KeyError as error:
        raise TemplateError(f"{template.name}: no value for {error}") from error
    variables = None
    if template.channel is Channel.CHAT:
        variables = {name: filled[name] for name in template.placeholders}
    return ComposedParts(text, subject, html, variables)


def _text(text: str, template: Template) -> str:
    return remove_diacritics(text) if template.folded else text


_LINK = re.compile(r"\{public_url\}[^\s<>\"']*[^\s<>\"'.,;:)]")


def html_of(text: str) -> str:
    """A text as HTML: its paragraphs, and its links to the platform."""
    paragraphs = (escape(part.strip()).replace("\n", "<br>") for part in text.split("\n\n") if part.strip())
    linked = (_LINK.sub(lambda found: f'<a href="{found.group()}">{found.group()}</a>', part) for part in paragraphs)
    return "".join(f"<p>{part}</p>" for part in linked)


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


def _filled_in(value: object, template: Template) -> str:
    """A value as it stands in the text. It has no braces, so nothing in it is ever taken for a placeholder."""
    text = _format(value, template.language)
    return (remove_diacritics(text) if template.folded else text).translate(_BRACES)


def _papers(papers: Sequence[str], language: str) -> str:
    """The names of papers, cut between words where they are too long; their number if they must not be quoted."""
    names = [" ".join(unicodedata.normalize("NFC", paper).split()).rstrip(" .,;") for paper in papers]
    if not quotable(names):
        return f"{len(papers)} papers" if language == "en" else f"{len(papers)} giấy tờ"
    text = "; ".join(names)
    if len(text) <= MAX_PAPERS:
        return text
    room = MAX_PAPERS - len(ELLIPSIS)
    kept = text[: room + 1].rpartition(" ")[0] or text[:room]
    return kept.rstrip(" ,;:.") + ELLIPSIS


def _format(value: object, language: str) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if isinstance(value, int):
        return f"{value:,}" if language == "en" else f"{value:,}".replace(",", ".")
    if isinstance(value, list | tuple):
        return _papers([str(item) for item in value], language)
    return str(value)
