"""All providers of one channel as one provider: shares the deliveries out by weight, and passes on what one of them could not take."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import SimpleQueue
from typing import Protocol, runtime_checkable

from services.notify.channels.domain import Channel
from services.notify.channels.pool.domain import WeightedTurns
from services.notify.channels.pool.member import Member, ProviderHealth
from services.notify.channels.pool.metrics import count_outcome
from services.notify.channels.port import Outcome, Outgoing, TemporarilyFailed, Throttled

PACE_SECONDS = 5.0
"""How long a batch waits for rate limits. After that what is left goes back, so that urgent deliveries get their turn."""
NOTHING_READY = "no provider takes more at present"
TIME_OVER = "the time of the batch is over"

Results = Iterator[tuple[Outgoing, Outcome]]


@runtime_checkable
class Attended(Protocol):
    """A provider that keeps a session, over which receipts come at any time."""

    def attend(self) -> None:
        """Opens the session if there is none; raises nothing."""
        ...


class ProviderPool:
    """The providers of one channel.

    A delivery that a provider could not take goes to the next one at once. One that a provider may have taken (in doubt) does not: it
    would reach the citizen twice.

    Args:
        channel: whose deliveries they take.
        members: one or more providers.
        monotonic: a monotonic clock, in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        channel: Channel,
        members: Sequence[Member],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.channel = channel
        self.members: Mapping[str, Member] = {member.name: member for member in members}
        self._turns = WeightedTurns()
        self._monotonic = monotonic
        self._sleep = sleep

    def send(self, batch: Sequence[Outgoing], until: float) -> Results:
        """Sends a batch; see :class:`services.notify.channels.port.Provider`.

        Args:
            batch: the deliveries, the most urgent first.
            until: monotonic time by which it ends.
        """
        waiting = list(batch)
        refused: dict[str, dict[str, Outcome]] = defaultdict(dict)  # delivery → provider that could not take it → how
        patient_until = min(until, self._monotonic() + PACE_SECONDS)
        while waiting:
            now = self._monotonic()
            if now >= until:
                yield from ((outgoing, Throttled(TIME_OVER, 0.0)) for outgoing in waiting)
                return
            groups = self._share_out(waiting, refused, now)
            if not groups:
                pause = min(member.ready_in(now) for member in self.members.values())
                if now + pause < patient_until and not self._only_refusers_ready(now, pause, waiting, refused):
                    self._sleep(max(pause, 0.001))
                    continue
                yield from ((one, self._put_off(one, refused, pause)) for one in waiting)
                return
            given = {one.id for group in groups.values() for one in group}
            waiting = [one for one in waiting if one.id not in given]
            for member, outgoing, outcome in self._run(groups, until):
                if self._passes_on(member, outgoing, outcome, refused):
                    waiting.append(outgoing)
                else:
                    yield outgoing, outcome

    def close(self) -> None:
        """Ends the providers' connections."""
        for member in self.members.values():
            member.provider.close()

    def attend(self) -> None:
        """Lets providers that keep a session bind it, also while nothing is sent."""
        for member in self.members.values():
            if isinstance(member.provider, Attended):
                member.provider.attend()

    def health(self) -> list[ProviderHealth]:
        """How each provider does; any thread may ask."""
        now = self._monotonic()
        return [member.health(self.channel, now) for member in self.members.values()]

    def _share_out(
        self, waiting: Sequence[Outgoing], refused: Mapping[str, Mapping[str, Outcome]], now: float
    ) -> dict[str, list[Outgoing]]:
        """Which provider gets which deliveries now."""
        rooms = {name: member.room(now) for name, member in self.members.items()}
        groups: dict[str, list[Outgoing]] = {}
        for outgoing in waiting:
            known = refused.get(outgoing.id, {})
            weights = {
                name: member.weight for name, member in self.members.items() if rooms[name] != 0 and name not in known
            }
            if not weights:
                continue
            name = self._turns.choose(weights)
            groups.setdefault(name, []).append(outgoing)
            room = rooms[name]
            if room is not None:
                rooms[name] = room - 1
        for name, group in groups.items():
            self.members[name].take(len(group), now)
        return groups

    def _run(
        self, groups: Mapping[str, Sequence[Outgoing]], until: float
    ) -> Iterator[tuple[Member, Outgoing, Outcome]]:
        """Sends each group through its provider, all at the same time, so that a slow provider holds up only its own group."""
        if len(groups) == 1:
            ((name, group),) = groups.items()
            member = self.members[name]
            for outgoing, outcome in member.send(group, until):
                self._record(member, outcome)
                yield member, outgoing, outcome
            return
        results: SimpleQueue[tuple[Member, Outgoing, Outcome]] = SimpleQueue()

        def run(member: Member, group: Sequence[Outgoing]) -> None:
            for outgoing, outcome in member.send(group, until):
                results.put((member, outgoing, outcome))

        threads = [
            threading.Thread(target=run, args=(self.members[name], group), name=f"send {name}", daemon=True)
            for name, group in groups.items()
        ]
        for thread in threads:
            thread.start()
        for _ in range(sum(map(len, groups.values()))):
            member, outgoing, outcome = results.get()
            self._record(member, outcome)
            yield member, outgoing, outcome
        for thread in threads:
            thread.join()

    def _record(self, member: Member, outcome: Outcome) -> None:
        member.record(outcome, self._monotonic())
        count_outcome(self.channel, member.name, outcome)

    def _passes_on(
        self, member: Member, outgoing: Outgoing, outcome: Outcome, refused: dict[str, dict[str, Outcome]]
    ) -> bool:
        """Whether a delivery is tried again in this batch, by another provider or by the same one after its pause."""
        if isinstance(outcome, Throttled):
            return True
        if isinstance(outcome, TemporarilyFailed):
            refused[outgoing.id][member.name] = outcome
            return len(refused[outgoing.id]) < len(self.members)
        return False

    def _only_refusers_ready(
        self, now: float, pause: float, waiting: Sequence[Outgoing], refused: Mapping[str, Mapping[str, Outcome]]
    ) -> bool:
        """Whether those that are ready after the pause have refused all that waits, so that waiting helps nothing."""
        ready = [name for name, member in self.members.items() if member.ready_in(now) <= pause]
        return all(name in refused.get(one.id, {}) for one in waiting for name in ready)

    def _put_off(self, outgoing: Outgoing, refused: Mapping[str, Mapping[str, Outcome]], pause: float) -> Outcome:
        """What becomes of a delivery that no provider takes now: the failure of one that has tried, or else only a pause."""
        known = refused.get(outgoing.id)
        return list(known.values())[-1] if known else Throttled(NOTHING_READY, pause)
