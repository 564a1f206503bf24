"""Reads keywords and limits of inbound SMS from ``data/inbound_sms.json``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "inbound_sms.json"
KEYWORD = re.compile(r"[A-Z]{2,20}")


class Purpose(StrEnum):
    """What somebody writes for."""

    LOOK_UP = "look_up"
    RATE = "rate"
    COMPLAIN = "complain"
    STOP = "stop"
    START = "start"
    HELP = "help"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InboundRules:
    """Keywords and limits since a day.

    Attributes:
        valid_from: the first day.
        keywords: keyword, in capitals without diacritics and spaces → what it is for.
        per_hour, per_day: how many messages of one sender are answered.
        wrong_tries: how many wrong pairs of code and secret are answered for one code, in a window of the throttle.
        wrong_tries_of_sender: the same for one sender.
        help_after: how soon a sender whose message is not understood gets help again.
        late: how late a message may reach us and still be answered.
        repeated: how long the same words, delivered again over a session, are the same message.
        kept_days: how many days a message is kept.
    """

    valid_from: date
    keywords: Mapping[str, Purpose] = field(hash=False)
    per_hour: int
    per_day: int
    wrong_tries: int
    wrong_tries_of_sender: int
    help_after: timedelta
    late: timedelta
    repeated: timedelta
    kept_days: int

    def keyword_of(self, purpose: Purpose) -> str:
        """The keyword that replies name for a purpose: the first one."""
        return next(word for word, meant in self.keywords.items() if meant is purpose)


@cache
def _all() -> tuple[InboundRules, ...]:
    return read_rules(FILE, _rules)


def _rules(one: Record) -> InboundRules:
    keywords: dict[str, Purpose] = {}
    for purpose in Purpose:
        if purpose is Purpose.UNKNOWN:
            continue
        for word in one.texts(purpose, at_least=1):
            if not KEYWORD.fullmatch(word):
                one.fault(purpose, f"{word}: chỉ gồm 2 đến 20 chữ cái hoa không dấu")
            elif word in keywords:
                one.fault(purpose, f"{word}: đã dùng cho việc khác")
            keywords[word] = purpose
    return InboundRules(
        valid_from=one.day("valid_from"),
        keywords=keywords,
        per_hour=one.integer("per_hour", 1),
        per_day=one.integer("per_day", 1),
        wrong_tries=one.integer("wrong_tries", 1),
        wrong_tries_of_sender=one.integer("wrong_tries_of_sender", 1),
        help_after=timedelta(hours=one.integer("help_hours", 1)),
        late=timedelta(hours=one.integer("late_hours", 1)),
        repeated=timedelta(minutes=one.integer("repeated_minutes", 1)),
        kept_days=one.integer("kept_days", 1),
    )


def inbound_rules(on: date) -> InboundRules:
    """The rules in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
