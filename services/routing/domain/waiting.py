"""In which step a dossier waits without its time being counted, and when the clock resumes by itself.

Time is not counted while only uncounted steps are open. A public posting is uncounted no longer than it must last: from then on the
time counts against its agency, unless the dossier waits in another uncounted step as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol


class OpenStep(Protocol):
    """What the clock needs of an open step."""

    @property
    def step(self) -> str:
        """Its id in the route."""

    @property
    def counted(self) -> bool:
        """Whether the route counts its time."""

    @property
    def wait_until(self) -> datetime | None:
        """Until when a public posting must last; None for any other step."""


def waiting_step(open_steps: Iterable[OpenStep], at: datetime) -> str | None:
    """The step in which a dossier waits uncounted at a moment; None while its time is counted.

    Args:
        open_steps: in order of their assignment; of several that wait, the first is returned.
        at: the moment.
    """
    steps = list(open_steps)
    if any(step.counted for step in steps):
        return None
    return next((step.step for step in steps if step.wait_until is None or at < step.wait_until), None)


def resumes_at(open_steps: Iterable[OpenStep]) -> datetime | None:
    """When the clock of a waiting dossier resumes although no step is completed; None: never.

    Args:
        open_steps: all of the dossier.
    """
    steps = list(open_steps)
    ends = [step.wait_until for step in steps if step.wait_until is not None and not step.counted]
    return max(ends) if ends and len(ends) == len(steps) else None
