"""What a handler may say about a step: its decision, or that it cannot say yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_SECONDS = 20 * 60
"""Longest pause of `later`. A broker takes a message back that nobody acknowledges for 30 minutes."""


SHORT, LONG, MOST_PAPERS, MOST_VND = 200, 4000, 100, 10**15
"""What the platform takes: letters of a name and of a text, papers, and VND."""


@dataclass(frozen=True)
class Decision:
    """An answer to a step, made by the functions below.

    Attributes:
        event: the event that says it, such as ``step.completed``.
        fields: what this kind of event carries beside the usual fields.
        note: for whoever handles the dossier next; may be empty.
        by: the official's identifier in the agency; empty when software decided alone.
    """

    event: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        _said("note", self.note, least=0)
        _said("by", self.by, SHORT, least=0)


@dataclass(frozen=True)
class Later:
    """The handler wants to be asked again after so many seconds."""

    seconds: float


def completed(outcome: str, *, note: str = "", by: str = "") -> Decision:
    """The step is done.

    Args:
        outcome: one of the step's `outcomes`.
    """
    return Decision("step.completed", {"outcome": _said("outcome", outcome, SHORT)}, note, by)


def obligation(outcome: str, amount: int, *, note: str = "", by: str = "") -> Decision:
    """The step is done as soon as the citizen has paid.

    Args:
        outcome: the step's `obligation_outcome`, or one of its `outcomes`.
        amount: VND, more than 0.
    """
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MOST_VND:
        raise ValueError(f"amount must be a whole number of VND above 0, not {amount!r}")
    return Decision("obligation.requested", {"outcome": _said("outcome", outcome, SHORT), "amount": amount}, note, by)


def returned(reason: str, *, note: str = "", by: str = "") -> Decision:
    """The step goes back to whoever gave it.

    Args:
        reason: read by officials; required.
    """
    return Decision("step.returned", {"reason": _said("reason", reason)}, note, by)


def needs_supplement(reason: str, papers: Iterable[str], *, note: str = "", by: str = "") -> Decision:
    """The citizen must bring more papers; the law allows to ask once.

    Args:
        reason: read by the citizen; required.
        papers: what must be brought, one text each; at least one.
    """
    wanted = [papers] if isinstance(papers, str) else list(papers)
    if not 0 < len(wanted) <= MOST_PAPERS:
        raise ValueError(f"papers must name 1 to {MOST_PAPERS} papers")
    fields = {"reason": _said("reason", reason), "papers": [_said("papers", paper) for paper in wanted]}
    return Decision("supplement.requested", fields, note, by)


def accepted(*, note: str = "", by: str = "") -> Decision:
    """The agency has taken the step over and decides in its own time, by `Agency.answer`; the platform stops asking.

    The message is acknowledged, so the agency must have stored the step (`Step.to_json`) before it returns this.
    """
    return Decision("step.accepted", {}, note, by)


def later(seconds: float) -> Later:
    """Ask again, in minutes rather than days: for people's work use `accepted`.

    Args:
        seconds: more than 0, at most `MOST_SECONDS`.
    """
    if not 0 < seconds <= MOST_SECONDS:
        raise ValueError(f"seconds must be above 0 and at most {MOST_SECONDS}, not {seconds!r}")
    return Later(seconds)


def _said(name: str, text: str, most: int = LONG, least: int = 1) -> str:
    if not isinstance(text, str) or not least <= len(text.strip()) or len(text) > most or "\x00" in text:
        raise ValueError(f"{name} must be a text of {least} to {most} characters, not {text!r}")
    return text
