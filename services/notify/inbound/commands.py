"""Taking an inbound SMS, which is stored first, and answering it in a transaction with its reply."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from services.notify.channels.inbound_port import OnInbound
from services.notify.contacts.domain import Contact
from services.notify.contacts.store import add_contact, erase_contact, find_contact
from services.notify.inbound import store
from services.notify.inbound.domain import Request, answerable_number, kept_text, understood
from services.notify.inbound.rules import InboundRules, Purpose, inbound_rules
from services.notify.inbound.status import Stage, status_of
from services.notify.inbound.stopped import hash_number
from services.notify.inbound.store import ANSWERED, IGNORED, End, InboundMessage
from services.notify.messages.commands import queue_message
from services.notify.messages.erasure import erase_messages
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.keyed_hash import keyed_hash
from shared.runtime.lookup_secret import secret_matches
from shared.text import prints_something

KIND = "sms_reply"
SESSION = "session"
"""Who delivers what comes over the session of a provider."""
AT_ONCE = 50
WINDOW = timedelta(minutes=15)
"""In which wrong tries are counted, as in the public look-up."""
WRONG, HELP = "wrong", "help"
COMPLAINT = "complaint_passed_on"
"""Rating lodges the complaint; the message that says so is the reply."""
_NAMESPACE = uuid.UUID("b7d5a3a0-6f5e-5c39-8a55-0d5f6d3e8b21")


def take(
    work: UnitOfWork, provider: str, sender: str, recipient: str, text: str, sent_at: datetime, message: str = ""
) -> bool:
    """Stores an inbound SMS, to be answered at once by the worker; a message that comes again changes nothing.

    Args:
        work: the transaction.
        provider: that delivers it.
        sender, recipient: numbers as the network gives them.
        text: as it came.
        sent_at: as the network says.
        message: the provider's own id of the message; without one, all that it says is what makes it the same.

    Returns:
        whether it is new.
    """
    id = _id(provider, message) if message else _id(provider, sender, recipient, sent_at.isoformat(), text)
    known_as = _known_as(work, sender, recipient)
    now = work.clock.wall()
    work.hint(store.HINT)
    return store.add(work, InboundMessage(id, provider, sender[:40], known_as, recipient[:40], text, sent_at, now))


def take_from_session(work: UnitOfWork, sender: str, recipient: str, text: str, at: datetime) -> bool:
    """Stores an SMS that came over the session of a provider, which gives it no id, and no time that stays the same.

    A network that got no answer delivers again. So what equals the sender's last message is the same one for some minutes; after another
    message in between it is a new one (``TUCHOI``, ``NHAN``, ``TUCHOI``). Its id follows from the message before it: delivered over two
    sessions at once, it is still stored once.

    Args:
        work: the transaction.
        sender, recipient: numbers as the network gives them.
        text: as it came.
        at: real time at which it came.

    Returns:
        whether it is new.
    """
    now, known_as = work.clock.wall(), _known_as(work, sender, recipient)
    content = keyed_hash(work.hash_key, "content of an SMS", "\n".join((sender, recipient, text)))
    before, last, came = store.last_of(work.connection, known_as) or ("", "", now)
    if last == content and now - came < inbound_rules(work.now.date()).repeated:
        return False
    id = _id(SESSION, content, before)
    work.hint(store.HINT)
    return store.add(
        work, InboundMessage(id, SESSION, sender[:40], known_as, recipient[:40], text, at, now, content_hash=content)
    )


def _id(*identity: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(identity)))


def _known_as(work: UnitOfWork, sender: str, recipient: str) -> str:
    return hash_number(work.hash_key, answerable_number(sender, [recipient]) or sender)


def taker_of(context: Context) -> OnInbound:
    """What a provider's session calls with a citizen's message; it returns once the message is stored."""

    def take_message(sender: str, recipient: str, text: str, at: datetime) -> None:
        context.store.run(lambda work: take_from_session(work, sender, recipient, text, at))

    return take_message


def answer_new(context: Context) -> int:
    """Answers the messages that wait, the oldest first; returns how many there were."""
    return context.store.run(_answer_some)


def _answer_some(work: UnitOfWork) -> int:
    rules = inbound_rules(work.now.date())
    found = store.lock_new(work.connection, AT_ONCE)
    for message in found:
        _answer(work, message, rules)
    return len(found)


def _answer(work: UnitOfWork, message: InboundMessage, rules: InboundRules) -> None:
    number = answerable_number(message.sender, [message.recipient])
    refusal = _refusal(work, message, number, rules)
    if refusal:
        store.end(work, message.id, End(IGNORED, refusal))
        return
    request = understood(message.text, rules.keywords)
    reply = _reply(work, message, request, number, rules)
    state = IGNORED if reply.endswith("ignored") else ANSWERED
    agency = _agency_of(work, request)
    store.end(work, message.id, End(state, reply, kept_text(request), request.code[:60], request.purpose, agency))
    if state == ANSWERED and reply != COMPLAINT:
        _send(work, message, request, number, reply, rules)


def _agency_of(work: UnitOfWork, request: Request) -> str:
    """Whose staff see a message and its reply: the receiving agency; nobody if it rates, or names no dossier that is known.

    Nobody may see who has rated (NĐ 118/2025, Điều 29.3).
    """
    status = status_of(work.connection, request.code) if request.code and request.purpose is not Purpose.RATE else None
    return status.agency if status else ""


def _refusal(work: UnitOfWork, message: InboundMessage, number: str, rules: InboundRules) -> str:
    """Why a message gets no answer, whatever it asks for; empty if it may get one."""
    now = work.clock.wall()
    if not number:
        return "machine ignored"
    if now - message.sent_at > rules.late:
        return "late ignored"
    for most, span in ((rules.per_hour, timedelta(hours=1)), (rules.per_day, timedelta(days=1))):
        if store.answered_since(work.connection, message.sender_hash, now - span) >= most:
            return "limit ignored"
    return ""


def _reply(work: UnitOfWork, message: InboundMessage, request: Request, number: str, rules: InboundRules) -> str:
    """Does what a message asks for; the text that answers it, or why none does."""
    match request.purpose:
        case Purpose.LOOK_UP:
            return _look_up(work, message, request, rules)
        case Purpose.RATE:
            return _rate(work, message, request, rules)
        case Purpose.COMPLAIN:
            return _complain(work, message, request, number)
        case Purpose.STOP:
            store.stop(work, hash_number(work.hash_key, number))
            return "stop"
        case Purpose.START:
            store.start(work, hash_number(work.hash_key, number))
            return "start"
        case Purpose.HELP:
            return HELP
        case Purpose.UNKNOWN:
            since = work.clock.wall() - rules.help_after
            helped = store.answered_since(work.connection, message.sender_hash, since, HELP)
            return "help ignored" if helped else HELP


def _look_up(work: UnitOfWork, message: InboundMessage, request: Request, rules: InboundRules) -> str:
    stage = _stage_shown(work, request)
    return _wrong(work, message, request, rules) if stage is None else str(stage)


def _rate(work: UnitOfWork, message: InboundMessage, request: Request, rules: InboundRules) -> str:
    """Passes a rating on to rating, which alone knows whether it is the first one and in time; so the reply promises neither."""
    stage = _stage_shown(work, request)
    if stage is None:
        return _wrong(work, message, request, rules)
    if stage is not Stage.RETURNED:
        return "rating_not_open"
    given = {"dossier": request.code, "score": request.score, "submitted_at": work.now}
    work.emit("rating.submitted_by_sms", given)
    return "rating_passed_on"


def _complain(work: UnitOfWork, message: InboundMessage, request: Request, number: str) -> str:
    """Passes a complaint on to rating, which lodges it and tells its code; asks for words where there are none."""
    if not prints_something(request.words):
        return "complaint_empty"
    given = {"message": message.id, "phone": number, "text": request.words, "received_at": work.now}
    work.emit("complaint.lodged_by_sms", given)
    return COMPLAINT


def _stage_shown(work: UnitOfWork, request: Request) -> Stage | None:
    """How the dossier stands, for who knows its secret; None for anybody else."""
    status = status_of(work.connection, request.code)
    # compared even without a dossier, so that the time taken does not disclose whether there is one
    right = secret_matches(request.secret, status.lookup_hash if status else "", work.hash_key)
    return status.stage if right and status is not None else None


def _wrong(work: UnitOfWork, message: InboundMessage, request: Request, rules: InboundRules) -> str:
    since = work.clock.wall() - WINDOW
    tried = store.replies_about(work.connection, request.code, WRONG, since)
    by_sender = store.answered_since(work.connection, message.sender_hash, since, WRONG)
    too_many = tried >= rules.wrong_tries or by_sender >= rules.wrong_tries_of_sender
    return "wrong ignored" if too_many else WRONG


def _send(
    work: UnitOfWork, message: InboundMessage, request: Request, number: str, reply: str, rules: InboundRules
) -> None:
    """Queues the reply. Its number is kept as the contact of the inbound message, as appointments do it."""
    status = status_of(work.connection, request.code) if request.code and reply != WRONG else None
    known = find_contact(work.connection, request.code) if status else None
    language = known[0].language if known else "vi"
    add_contact(work, Contact(message.id, "", number, "", registered_at=work.now, language=language))
    due_at = status.due_at if status else None
    values: dict[str, object] = {
        "dossier": message.id,
        "about": request.code,
        "agency": _agency_of(work, request) if status else "",
    }
    values |= {str(one): rules.keyword_of(one) for one in Purpose if one is not Purpose.UNKNOWN}
    values |= {"due_at": due_at} if due_at else {}
    variant = "processing_undated" if reply == "processing" and due_at is None else reply
    queue_message(work, KIND, message.id, values, variant)


def delete_old(context: Context) -> int:
    """Deletes messages whose time is over, with the numbers and texts of their replies; returns how many."""

    def work(unit: UnitOfWork) -> int:
        kept = timedelta(days=inbound_rules(unit.now.date()).kept_days)
        ids = store.older(unit.connection, unit.clock.wall() - kept, AT_ONCE)
        for id in ids:
            erase_contact(unit, id)
            erase_messages(unit, id)
        store.remove(unit.connection, ids)
        return len(ids)

    return context.store.run(work)
