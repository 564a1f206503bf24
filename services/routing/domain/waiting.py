"""Where a dossier waits without its time being counted, and when that ends by itself.

Time is not counted while a dossier stands at uncounted steps only. A public posting is uncounted no longer than it must last: from
then on it lies idle, and the time is its agency's own again, unless the dossier waits in another uncounted step besides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol


class Standing(Protocol):
    """What the clock needs of a step at which a dossier stands."""

    @property
    def step(self) -> str:
        """Its id in the route."""

    @property
    def counted(self) -> bool:
        """Whether the route counts its time."""

    @property
    def wait_until(self) -> datetime | None:
        """Until when a public posting must last; None for any other step."""


def waiting_step(standing: Iterable[Standing], at: datetime) -> str | None:
    """The step in which a dossier waits uncounted at a moment; None while its time is counted.

    Args:
        standing: all steps at which it stands, in order of their assignment; of several that wait, the first is named.
        at: the moment.
    """
    steps = list(standing)
    if any(step.counted for step in steps):
        return None
    return next((step.step for step in steps if step.wait_until is None or at < step.wait_until), None)


def resumes_at(standing: Iterable[Standing]) -> datetime | None:
    """When the time of a waiting dossier is counted again although nobody does anything; None: never.

    Args:
        standing: all steps at which it stands.
    """
    steps = list(standing)
    ends = [step.wait_until for step in steps if step.wait_until is not None and not step.counted]
    return max(ends) if ends and len(ends) == len(steps) else None
