"""The result of one check, and the report of all checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """The result of one check.

    Attributes:
        name: identifies the check.
        title: in Vietnamese and English.
        passed: whether the program met the expectation.
        expected: what a correct program does.
        seen: what the program did: the fault, or a short summary if it passed.
        seconds: duration.
    """

    name: str
    title: tuple[str, str]
    passed: bool
    expected: str
    seen: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """The results of all checks of one program.

    Attributes:
        command: starts the program.
        agency: the agency's code.
        time_limit: seconds for one decision.
        sigkill_steps: number of steps in the SIGKILL check.
        results: in the order of the checks.
    """

    command: str
    agency: str
    time_limit: float
    sigkill_steps: int
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(result.passed for result in self.results)

    @property
    def failed(self) -> list[str]:
        """The names of the failed checks."""
        return [result.name for result in self.results if not result.passed]

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-compatible values."""
        checks = [
            {**asdict(result), "title": {"vi": result.title[0], "en": result.title[1]}} for result in self.results
        ]
        return {
            "passed": self.passed,
            "agency": self.agency,
            "command": self.command,
            "time_limit_seconds": self.time_limit,
            "sigkill_steps": self.sigkill_steps,
            "checks": checks,
        }


Progress = Callable[[Result], None]
