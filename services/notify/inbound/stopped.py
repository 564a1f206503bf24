"""Whether an SMS may still go to a number whose holder has stopped ours."""

from __future__ import annotations

from services.notify.inbound.store import is_stopped
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash

ASKED_FOR = frozenset({"sms_reply", "one_time_code", "complaint_notice.lodged"})
"""Kinds of messages, and templates, that their recipient has asked for at that moment: they are sent in any case."""


def hash_number(key: str, number: str) -> str:
    """The keyed hash of a telephone number, by which limits and refusals know it.

    Args:
        key: of the platform.
        number: in national form.
    """
    return keyed_hash(key, "telephone number of an SMS", number)


def refuses_sms(work: UnitOfWork, number: str, kind: str, template: str = "") -> bool:
    """Whether the holder of a number has stopped such messages; the next channel then has its turn.

    Args:
        work: the transaction.
        number: in national form.
        kind: of the message.
        template: of its text.
    """
    return not {kind, template} & ASKED_FOR and is_stopped(work, hash_number(work.hash_key, number))
