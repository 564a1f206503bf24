"""The rules of reports: their states, what a content is, and what has changed between two of them. A published report never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

SYMBOL = "BC"
"""Of reports in the number of a paper (báo cáo; NĐ 30/2020/NĐ-CP, appendix III)."""
Value = int | float | None
COLUMNS = ("now", "before", "last_year")
"""The columns of the table of numbers: this period, the one before, the one of last year."""
BREAKDOWNS = ("level", "agency", "field", "channel")
"""Of which there is a table of dossiers each; `level` is that of the receiving agency."""


class ReportState(StrEnum):
    """draft: may be counted again. submitted: a leader is to read it. signed: has its number and its paper. published: for everybody."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    PUBLISHED = "published"


class Action(StrEnum):
    """What people do with a report."""

    RECOUNT = "recount"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    SIGN = "sign"
    PUBLISH = "publish"
    CORRECT = "correct"


_FROM: Mapping[Action, ReportState] = {
    Action.RECOUNT: ReportState.DRAFT,
    Action.SUBMIT: ReportState.DRAFT,
    Action.SEND_BACK: ReportState.SUBMITTED,
    Action.SIGN: ReportState.SUBMITTED,
    Action.PUBLISH: ReportState.SIGNED,
    Action.CORRECT: ReportState.PUBLISHED,
}


class ReportError(Exception):
    """This cannot be done with a report."""


class UnknownReport(ReportError):
    """There is no such report, or not for the caller."""


class NotInThisState(ReportError):
    """The report is at another step.

    Attributes:
        state: at which.
    """

    def __init__(self, state: ReportState) -> None:
        super().__init__(state)
        self.state = state


class ChangedSinceRead(ReportError):
    """The report has changed since the caller read it."""


class PeriodRuns(ReportError):
    """The numbers were counted before the period was over: they are no report yet."""


class NothingChanged(ReportError):
    """The numbers are still those of the published report: there is nothing to correct."""


class ReplacedAlready(ReportError):
    """There is a newer version of the report.

    Attributes:
        newer: its identifier.
    """

    def __init__(self, newer: str) -> None:
        super().__init__(newer)
        self.newer = newer


class PaperMissing(ReportError):
    """The signed paper is not kept yet; it is made within a minute."""


class BrokenReport(RuntimeError):
    """A stored content or paper is not the one whose hash was kept when it was signed."""


def require_action(state: ReportState, action: Action) -> None:
    """Checks that something may be done with a report in a state.

    Raises:
        NotInThisState: it may not.
    """
    if _FROM[action] is not state:
        raise NotInThisState(state)


def possible_actions(state: ReportState) -> tuple[Action, ...]:
    """What may be done with a report in a state, by somebody who may."""
    return tuple(action for action, needed in _FROM.items() if needed is state)


def require_over(content: Mapping[str, Any], period_ends: datetime) -> None:
    """Checks that the numbers were counted after the period.

    Args:
        content: of the report.
        period_ends: the first moment after the period.

    Raises:
        PeriodRuns: they were not.
    """
    if datetime.fromisoformat(content["as_of"]) < period_ends:
        raise PeriodRuns


def content_text(content: Mapping[str, Any]) -> str:
    """The JSON text of a content: sorted, so that equal contents have equal texts."""
    return orjson.dumps(dict(content), option=orjson.OPT_SORT_KEYS).decode()


def read_content(text: str, digest: str) -> dict[str, Any]:
    """The content of a stored text.

    Raises:
        BrokenReport: it is another text than that of the digest.
    """
    if digest_of(text) != digest:
        raise BrokenReport("the content of a report is not the one that was kept")
    content: dict[str, Any] = orjson.loads(text)
    return content


def digest_of(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is another one in a newer content.

    Attributes:
        table: ``numbers``, or one of :data:`BREAKDOWNS`.
        row: the number's name, or the code of the level, the agency, the field or the channel.
        column: one of :data:`COLUMNS`, or the name of a measure.
        old, new: what the two contents say; None where there is nothing.
    """

    table: str
    row: str
    column: str
    old: Value
    new: Value


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Every number that differs between two contents, in the order of the tables. Names and times of counting make no difference.

    A row of a table of dossiers that is not there is one of zeros.
    """
    earlier, later = dict(_cells(old)), dict(_cells(new))
    places = dict.fromkeys([*later, *earlier])
    found = []
    for table, row, column in places:
        nothing: Value = None if table == "numbers" else 0
        was, now = (cells.get((table, row, column), nothing) for cells in (earlier, later))
        if was != now:
            found.append(Difference(table, row, column, was, now))
    return sorted(found, key=lambda one: ("numbers", *BREAKDOWNS).index(one.table))


def _cells(content: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], Value]]:
    for name, values in content["numbers"].items():
        for column in COLUMNS:
            yield ("numbers", name, column), values[column]
    for table in BREAKDOWNS:
        for row in content[table]:
            for measure, value in row["counts"].items():
                yield (table, row["code"], measure), value


def written_number(number: int, agency: str) -> str:
    """A report's number as printed: 05/BC-H12.20 (NĐ 30/2020/NĐ-CP, article 8 and appendix I)."""
    return f"{number:02d}/{SYMBOL}-{agency}"
