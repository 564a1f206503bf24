"""The loop that sends one message at a time: always the head that has been ready for the longest time."""

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
"""Seconds after which the loop checks the queue without being woken: another process may have asked to resend."""


class Sender:
    """Sends the messages of the queue. For one thread.

    Args:
        queue: opened by this thread.
        deliver: sends a message to the portal.
        rules: the limits.
        count: called for each attempt with its service and its result.
        now: real time, Unix seconds.
        chance: gives a random number from 0 to 1.
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
            except sqlite3.OperationalError:  # such as a full disk; what was not recorded is repeated
                log.exception("the queue cannot be used; retrying in %.0f s", LONGEST_IDLE)
                self._wake.wait(LONGEST_IDLE)

    def wake(self) -> None:
        """Ends the wait, because there is a new message. Thread-safe."""
        self._wake.set()

    def stop(self) -> None:
        """Stops after the current call. Thread-safe."""
        self._stopping = True
        self._wake.set()

    def step(self) -> bool:
        """Sends one message if one is ready; returns whether one was."""
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
        elif self._should_switch(message, reply):
            self._queue.switched(message, reply.meaning is Meaning.ALREADY_THERE)
        elif reply.meaning is Meaning.RETRY or message.refusals + 1 < self._rules.attempts:
            pause = pause_after(message.failures + 1, self._rules, self._chance())
            log.warning("dossier %s: retrying in %.1f s: %s", message.dossier, pause, reply.reason)
            self._queue.failed(message, reply.reason, self._now() + pause, reply.meaning is not Meaning.RETRY)
        else:
            log.error("dossier %s is parked: %s", message.dossier, reply.reason)
            self._queue.park(message, reply.reason, self._now())

    def _should_switch(self, message: Message, reply: Reply) -> bool:
        """Whether to send the message again at once as the opposite: as an update instead of new, or as new instead of an update.

        Only once before a pause, because a portal might answer "already there" to the one and "not there" to the other for ever. A progress
        entry needs its dossier, so "not there" is a refusal then.
        """
        contrary = Meaning.NOT_THERE if message.updating else Meaning.ALREADY_THERE
        return reply.meaning is contrary and not message.switched

    def _idle(self) -> float:
        at = self._queue.next_attempt_at()
        return LONGEST_IDLE if at is None else min(LONGEST_IDLE, max(0.0, at - self._now()))
