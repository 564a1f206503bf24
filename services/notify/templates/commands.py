"""Agencies' own texts: written, removed, previewed, and sent as a test."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import orjson
from sqlalchemy import func, select

from services.notify.channels.domain import CHANNELS, Channel
from services.notify.channels.sms_folding import remove_diacritics
from services.notify.channels.sms_segments import Segments, count_segments
from services.notify.contacts.domain import Contact, NotReachable
from services.notify.delivery.composition import BESIDES
from services.notify.delivery.progress import hint_of
from services.notify.delivery.states import State
from services.notify.delivery.store import NewDelivery, add_delivery, deliveries
from services.notify.templates.domain import LANGUAGES, Template, compose, fill_public_url
from services.notify.templates.labels import SAMPLE_VALUES
from services.notify.templates.queries import common_template, template_of
from services.notify.templates.store import Override, find_override, remove_override, write_override
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork

MAX_TESTS = 10
"""Tests that an agency may send within an hour."""
TESTABLE = frozenset({Channel.SMS, Channel.EMAIL})
"""Channels by which a test can be sent to what is typed."""
TEST = "test"


class NoSuchTemplate(Exception):
    """No message of this kind uses this channel."""


class TooManyTests(Exception):
    """The agency has sent its tests of this hour."""


class UnusableAddress(Exception):
    """Nothing can be sent to the address typed."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as a citizen would get it.

    Attributes:
        subject: of an e-mail or a letter.
        text: plain.
        segments: of an SMS; None otherwise.
        folded: what an SMS would take without diacritics.
        kept: what it would take with them.
    """

    subject: str
    text: str
    segments: Segments | None
    folded: Segments | None
    kept: Segments | None


def checked_template(channel: str, language: str, name: str) -> Template:
    """The common text of a template.

    Raises:
        NoSuchTemplate: there is none.
    """
    found = None
    if channel in CHANNELS and language in LANGUAGES:
        found = common_template(Channel(channel), language, name)
    if found is None:
        raise NoSuchTemplate
    return found


def preview(template: Template, public_url: str) -> Preview:
    """A template with sample values.

    Args:
        template: whichever.
        public_url: address of the platform.
    """
    composed = compose(template, SAMPLE_VALUES)
    sent = composed.secret or composed.shown
    text, subject = fill_public_url(sent.text, public_url), fill_public_url(sent.subject, public_url)
    if template.channel is not Channel.SMS:
        return Preview(subject, text, None, None, None)
    kept = compose(replace(template, folded=False), SAMPLE_VALUES)
    whole = fill_public_url((kept.secret or kept.shown).text, public_url)
    folded = count_segments(remove_diacritics(whole))
    return Preview("", text, count_segments(text), folded, count_segments(whole))


def write_own_text(work: UnitOfWork, agency: str, template: Template, by: str) -> None:
    """Writes an agency's own text; nothing where it says the same already.

    Args:
        work: the transaction.
        agency: whose.
        template: checked.
        by: the subject of the token.
    """
    key = (agency, template.channel, template.language, template.name)
    known = find_override(work.connection, *key)
    said = (template.subject, template.text, template.folded)
    if known is not None and said == (known.subject, known.text, known.folded):
        return
    version = 1 if known is None else known.version + 1
    write_override(work.connection, Override(*key, *said, version, by, work.now))


def remove_own_text(work: UnitOfWork, agency: str, template: Template) -> None:
    """Lets an agency use the common text again."""
    remove_override(work.connection, agency, template.channel, template.language, template.name)


def text_in_force(work: UnitOfWork, agency: str, common: Template) -> Template:
    """The agency's own text, or the common one."""
    own = find_override(work.connection, agency, common.channel, common.language, common.name)
    return common if own is None else template_of(own)


def send_test(work: UnitOfWork, agency: str, template: Template, typed: str, by: str) -> None:
    """Sends a text with sample values to a number or address typed; who did it stays in the log of deliveries.

    Args:
        work: the transaction.
        agency: for which; it bears the cost.
        template: what is sent.
        typed: a telephone number or an e-mail address.
        by: the subject of the token.

    Raises:
        NoSuchTemplate: the channel cannot be tried.
        UnusableAddress: nothing can be sent there.
        TooManyTests: there were :data:`MAX_TESTS` within an hour.
    """
    if template.channel not in TESTABLE:
        raise NoSuchTemplate
    contact = Contact("", "", typed, typed.strip(), work.now)
    try:
        address = contact.reached_at(template.channel)
    except NotReachable as error:
        raise UnusableAddress from error
    recent = select(func.count()).where(
        deliveries.c.agency == agency,
        deliveries.c.kind == TEST,
        deliveries.c.created_at > work.now - timedelta(hours=1),
    )
    if work.connection.execute(recent).scalar_one() >= MAX_TESTS:
        raise TooManyTests
    composed = compose(template, SAMPLE_VALUES)
    parts = {name: value for name, value in asdict(composed.shown).items() if value}
    delivery = NewDelivery(
        id=new_id(),
        message=new_id(),
        dossier=f"{TEST} {by}"[:100],
        kind=TEST,
        agency=agency,
        channel=template.channel,
        language=template.language,
        position=BESIDES,
        wait_seconds=None,
        state=State.QUEUED,
        address=address,
        text=parts.pop("text"),
        parts=orjson.dumps(parts).decode() if parts else None,
        secret_parts=None,
        template_version=template.version,
        reason="",
        created_at=work.now,
        urgent=True,
        due_at=work.clock.wall(),
        finished_at=None,
    )
    add_delivery(work, delivery)
    work.hint(hint_of(template.channel))
