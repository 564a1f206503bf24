"""What a handler may return for a step: a decision, or a request to be called again later."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_DELAY_SECONDS = 20 * 60
"""Longest delay of `retry_later`. The broker takes back a message that stays unacknowledged for 30 minutes."""

# Limits of the platform's contract: characters of a short text, a long text, an outcome and a paper's name; papers; VND.
MAX_SHORT_TEXT, MAX_TEXT, MAX_OUTCOME, MAX_PAPER, MAX_PAPERS, MAX_AMOUNT = 200, 2000, 50, 500, 50, 10**15


@dataclass(frozen=True)
class Decision:
    """A decision on a step. Use the functions below to make one.

    Attributes:
        event: short name of the event it is sent as, such as ``step.completed``.
        fields: the fields that only this kind of event has.
        note: for the official who handles the dossier next; may be empty.
        by: the official's identifier in the agency; empty when software decided alone.
    """

    event: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        _check_text("note", self.note, minimum=0)
        _check_text("by", self.by, MAX_SHORT_TEXT, minimum=0)


@dataclass(frozen=True)
class RetryLater:
    """The handler asks to be called again after so many seconds. Use `retry_later` to make one."""

    seconds: float


def completed(outcome: str, *, note: str = "", by: str = "") -> Decision:
    """The step is done.

    Args:
        outcome: one of the step's `outcomes`.
    """
    return Decision("step.completed", {"outcome": _check_text("outcome", outcome, MAX_OUTCOME)}, note, by)


def obligation(outcome: str, amount: int, *, note: str = "", by: str = "") -> Decision:
    """The citizen must pay (financial obligation, nghĩa vụ tài chính); the step is done when they have paid.

    Args:
        outcome: the step's `obligation_outcome`, or one of its `outcomes`.
        amount: VND, more than 0.
    """
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MAX_AMOUNT:
        raise ValueError(f"amount must be a whole number of VND above 0, not {amount!r}")
    fields = {"outcome": _check_text("outcome", outcome, MAX_OUTCOME), "amount": amount}
    return Decision("obligation.requested", fields, note, by)


def returned(reason: str, *, note: str = "", by: str = "") -> Decision:
    """The step goes back to the agency that sent it.

    Args:
        reason: for officials; required.
    """
    return Decision("step.returned", {"reason": _check_text("reason", reason)}, note, by)


def needs_supplement(reason: str, papers: Iterable[str], *, note: str = "", by: str = "") -> Decision:
    """The citizen must bring more papers. The law allows one such request per dossier.

    Args:
        reason: for the citizen; required.
        papers: what to bring, one text per paper; at least one.
    """
    requested = [papers] if isinstance(papers, str) else list(papers)
    if not 0 < len(requested) <= MAX_PAPERS:
        raise ValueError(f"papers must name 1 to {MAX_PAPERS} papers")
    checked = [_check_text("papers", paper, MAX_PAPER) for paper in requested]
    fields = {"reason": _check_text("reason", reason), "papers": checked}
    return Decision("supplement.requested", fields, note, by)


def accepted(*, note: str = "", by: str = "") -> Decision:
    """The agency takes the step over and decides later with `AgencyService.send_decision`; the platform does not send it again.

    The message is acknowledged, so the handler must store the step (`Step.to_json`) before it returns this.
    """
    return Decision("step.accepted", {}, note, by)


def retry_later(seconds: float) -> RetryLater:
    """Call the handler again after a delay of minutes, not days. When people decide, use `accepted`.

    Args:
        seconds: more than 0, at most `MAX_DELAY_SECONDS`.
    """
    if not 0 < seconds <= MAX_DELAY_SECONDS:
        raise ValueError(f"seconds must be above 0 and at most {MAX_DELAY_SECONDS}, not {seconds!r}")
    return RetryLater(seconds)


def _check_text(name: str, text: str, maximum: int = MAX_TEXT, minimum: int = 1) -> str:
    if not isinstance(text, str) or not minimum <= len(text.strip()) or len(text) > maximum:
        raise ValueError(f"{name} must be a text of {minimum} to {maximum} characters, not {text!r}")
    # The platform refuses these.
    if any(unicodedata.category(char) in ("Cc", "Cs", "Co") and char not in "\n\r\t" for char in text):
        raise ValueError(f"{name} must be a text that can be printed, not {text!r}")
    return text
