"""A fake provider of any channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from services.notify.channels.port import Accepted, Outcome, Outgoing

Before = Callable[[Outgoing], Outcome | None]


class Gateway:
    """It first asks `before` what becomes of a delivery; where that says nothing, it keeps the delivery by its id."""

    def __init__(self, before: Before = lambda _: None) -> None:
        self.before = before
        self.taken: dict[str, Outgoing] = {}
        self.calls = 0
        self.closed = False

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Takes the deliveries one by one."""
        for outgoing in batch:
            self.calls += 1
            outcome = self.before(outgoing)
            if outcome is None:
                self.taken[outgoing.id] = outgoing
                outcome = Accepted(f"ref-{outgoing.id}", "gateway")
            yield outgoing, outcome

    def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True


def always(outcome: Outcome) -> Before:
    """The same becomes of every delivery."""
    return lambda _: outcome
