"""What ``motcua simulate --profile`` prints: the seed's numbers beside the platform's, and where the time went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from shared.client.profiles import Profile
from shared.client.profiles.figures import PAPER, Figure, on_time_share
from shared.client.profiles.spent import PARTS, Spent


@dataclass(frozen=True)
class Played:
    """A profile that was played to its end.

    Attributes:
        figures: the seed's numbers and the platform's, wherever they were read.
        seconds: real time from the first filing to the last event.
        shares: what the simulation did and for what it waited → real seconds.
        checks: what was asked afterwards → real seconds.
        spent: where the services' time went.
        processors: process → seconds of the processor.
        faults: what went wrong.
    """

    figures: list[Figure]
    seconds: float
    shares: Mapping[str, float]
    checks: Mapping[str, float]
    spent: Sequence[Spent]
    processors: Mapping[str, float]
    faults: list[str]

    @property
    def differing(self) -> list[Figure]:
        """The figures that are not the seed's."""
        return [one for one in self.figures if not one.agrees]


def show(profile: Profile, played: Played, console: Console) -> None:
    """Prints the figures and times of a profile."""
    table = Table("read in", profile.title, "seed", "motcua", "")
    for one in played.figures:
        table.add_row(one.where, one.name, _text(one.wanted), _text(one.found), "" if one.agrees else "[red]differs")
    for group in profile.groups:
        if group.on_time is not None:
            share = f"{on_time_share(played.figures, group.name):.1f} %"
            table.add_row("API", f"{group.name}: on time, of those received", "", share, "")
    console.print(table)
    if not any(one.where == PAPER for one in played.figures):
        console.print("no report was drawn up: this program reads no PDF")
    console.print(_times("people and waiting", {**played.shares, "all": played.seconds}))
    console.print(_times("reading and checking", played.checks))
    console.print(_times("processor", played.processors))
    by_service = Table(
        "service", "requests", *PARTS, title="seconds; of the processor, but commands until their answer"
    )
    for spent in played.spent:
        by_service.add_row(spent.service, f"{spent.requests:,}", *(f"{spent.seconds[part]:,.1f}" for part in PARTS))
    console.print(by_service)


def _times(name: str, seconds: Mapping[str, float]) -> Table:
    table = Table(name, "seconds")
    for what, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        table.add_row(what, f"{spent:,.1f}")
    return table


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
