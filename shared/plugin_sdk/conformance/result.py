"""What became of a check, and all of them as a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """One check's outcome.

    Attributes:
        name: the check's identifier.
        title: Vietnamese and English.
        passed: whether everything was as expected.
        expected: what a correct program does.
        seen: what was seen instead; when passed, a short account.
        seconds: how long it took.
    """

    name: str
    title: tuple[str, str]
    passed: bool
    expected: str
    seen: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """All checks of one program.

    Attributes:
        command: as given.
        agency: the agency's code.
        time_limit: seconds for one decision.
        stream: steps of the SIGKILL check.
        results: in the order of the checks.
    """

    command: str
    agency: str
    time_limit: float
    stream: int
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(result.passed for result in self.results)

    @property
    def failed(self) -> list[str]:
        """The names of the checks that did not pass."""
        return [result.name for result in self.results if not result.passed]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        checks = [
            {**asdict(result), "title": {"vi": result.title[0], "en": result.title[1]}} for result in self.results
        ]
        return {
            "passed": self.passed,
            "agency": self.agency,
            "command": self.command,
            "time_limit_seconds": self.time_limit,
            "stream": self.stream,
            "checks": checks,
        }


Progress = Callable[[Result], None]
