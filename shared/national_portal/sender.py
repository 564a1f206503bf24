"""The loop that sends: always the head that has waited for its turn the longest, one message at a time."""

from __future__ import annotations

import logging
import random
import sqlite3
import time
from collections.abc import Callable
from threading import Event

from shared.national_portal.queue import Message, Queue
from shared.national_portal.reply import Meaning, Reply
from shared.national_portal.rules import Rules, pause_after

log = logging.getLogger("motcua.portal")

LONGEST_IDLE = 5.0
"""Seconds after which the loop looks again by itself: another process may have asked for something to be sent again."""


class Sender:
    """Used by one thread.

    Args:
        queue: this thread's own.
        deliver: takes a message to the portal.
        rules: limits.
        count: told of every attempt: its service and what became of it.
        now: real time, Unix seconds.
        chance: at random from 0 to 1.
    """

    def __init__(
        self,
        queue: Queue,
        deliver: Callable[[Message], Reply],
        rules: Rules,
        count: Callable[[str, Meaning], None],
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._queue = queue
        self._deliver = deliver
        self._rules = rules
        self._count = count
        self._now = now
        self._chance = chance
        self._wake = Event()
        self._stopping = False

    def run(self) -> None:
        """Sends until `stop`."""
        while not self._stopping:
            self._wake.clear()
            try:
                if not self.step():
                    self._wake.wait(self._idle())
            except sqlite3.OperationalError:  # disk full, say: whatever was not written down is done again
                log.exception("the queue cannot be used; again in %.0f s", LONGEST_IDLE)
                self._wake.wait(LONGEST_IDLE)

    def wake(self) -> None:
        """Something new waits. From any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Asks for an end after the call that is on its way. From any thread."""
        self._stopping = True
        self._wake.set()

    def step(self) -> bool:
        """Sends one message, if one may be sent; says whether there was one."""
        message = self._queue.next(self._now())
        if message is None:
            return False
        reply = self._deliver(message)
        if reply.meaning is Meaning.ALREADY_THERE and message.updating:
            reply = Reply(Meaning.DONE)
        self._count(message.service, reply.meaning)
        self._settle(message, reply)
        return True

    def _settle(self, message: Message, reply: Reply) -> None:
        if reply.meaning is Meaning.DONE:
            self._queue.sent(message, self._now())
        elif self._turns(message, reply):
            self._queue.turned(message, reply.meaning is Meaning.ALREADY_THERE)
        elif reply.meaning is Meaning.AGAIN or message.refusals + 1 < self._rules.attempts:
            pause = pause_after(message.failures + 1, self._rules, self._chance())
            log.warning("dossier %s: again in %.1f s: %s", message.dossier, pause, reply.reason)
            self._queue.failed(message, reply.reason, self._now() + pause, reply.meaning is not Meaning.AGAIN)
        else:
            log.error("dossier %s is parked for a person: %s", message.dossier, reply.reason)
            self._queue.park(message, reply.reason, self._now())

    def _turns(self, message: Message, reply: Reply) -> bool:
        """Whether the message goes out once more as the contrary: an update of what is there, or something new.

        Only once before a pause: a portal that says "already there" to the one and "not there" to the other must not be asked
        without end. An entry of progress is nothing without its dossier, so "not there" is a person's matter then.
        """
        contrary = Meaning.NOT_THERE if message.updating else Meaning.ALREADY_THERE
        return reply.meaning is contrary and not message.turned

    def _idle(self) -> float:
        at = self._queue.next_time()
        return LONGEST_IDLE if at is None else min(LONGEST_IDLE, max(0.0, at - self._now()))
