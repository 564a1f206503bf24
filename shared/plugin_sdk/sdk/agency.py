"""The agency: its handlers, and what its service does with them."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from threading import current_thread, main_thread
from typing import Any, Self, TypeVar

from .decisions import Decision, Later
from .events import KNOWN, Answer, Notice, Observation, Step, answer
from .metrics import Metrics, served
from .papers import Paper, fetch_papers
from .settings import Settings, SettingsError, read_settings

Handler = TypeVar("Handler", bound=Callable[[Any], Decision | Later | None])
Observer = TypeVar("Observer", bound=Callable[[Observation], Later | None])


class InvalidDecision(ValueError):
    """A handler's answer that the platform would refuse."""


class Agency:
    """An agency's service: say what to do on which event, then `run`.

    Args:
        settings: see `Settings`; from the environment by `from_environment`.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.metrics = Metrics()
        self._settings = settings
        self._environ: Mapping[str, str] = os.environ
        self._handlers: dict[str, Callable[[Any], Decision | Later | None]] = {}
        self._observers: dict[str, Callable[[Observation], Later | None]] = {}
        self._stop: Callable[[], None] | None = None
        self._stopping = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """An agency whose settings are the environment's ``MOTCUA_*``, read when they are first needed: tests need none.

        Args:
            environ: the environment; the process's own by default.
        """
        made = cls()
        made._environ = os.environ if environ is None else environ
        return made

    @property
    def settings(self) -> Settings:
        """The agency, its broker and its limits.

        Raises:
            SettingsError: the environment lacks something.
        """
        if self._settings is None:
            self._settings = read_settings(self._environ)
        return self._settings

    def on(self, event: str) -> Callable[[Handler], Handler]:
        """Registers the decorated function for an event.

        ``step.assigned`` gives a `Step` and must return a decision or `later`. ``step.cancelled`` and ``decision.rejected`` give a
        `Notice`; the first takes no answer, the second may return a better decision. Handlers are called one after the other, in a
        thread; one that raises is called again after a pause. The same event may come twice: a handler must bear that.

        Raises:
            ValueError: no such event, or it has a handler already.
        """
        if event not in KNOWN or event in self._handlers:
            raise ValueError(
                f"{event!r} {'has a handler already' if event in KNOWN else 'is none of ' + ', '.join(KNOWN)}"
            )

        def register(handler: Handler) -> Handler:
            self._handlers[event] = handler
            return handler

        return register

    def observe(self, *events: str) -> Callable[[Observer], Observer]:
        """Registers the decorated function for events that the platform says to all who listen, such as ``dossier.received``.

        Only an agency that was granted the right to observe receives them. The function gets an `Observation` and returns nothing,
        or `later`; the message is acknowledged when it has returned, so what must not be lost is stored by then. Observed events
        are a matter of their own: ``step.assigned`` observed is any agency's step, `on` is about this agency's.

        Raises:
            ValueError: one of them is observed already, or is addressed to agencies.
        """
        taken = [event for event in events if event in self._observers or event.startswith("agency.")]
        if taken or not events:
            raise ValueError(f"cannot be observed: {', '.join(taken) or 'nothing'}")

        def register(handler: Observer) -> Observer:
            self._observers.update(dict.fromkeys(events, handler))
            return handler

        return register

    def decide(self, notice: Notice) -> Decision | Later | None:
        """What the registered handler says, checked as the platform will check it. For tests, and used by `run`.

        Raises:
            InvalidDecision: no decision for a step, an outcome that the step does not have, or an answer where none is asked for.
        """
        if isinstance(notice, Observation):
            return self._observed(notice)
        said = self._handlers[notice.event](notice) if notice.event in self._handlers else None
        if isinstance(notice, Step):
            if not isinstance(said, Decision | Later):
                raise InvalidDecision(f"a step needs a decision or later(…), not {said!r}")
            check_outcome(notice, said)
        elif said is not None and (notice.event != "decision.rejected" or not isinstance(said, Decision)):
            raise InvalidDecision(f"{notice.event} takes no {type(said).__name__}")
        return said

    def answer(self, step: Notice, decision: Decision) -> None:
        """Sends a decision about a step that was `accepted` before, from wherever the agency's people work; returns when it is
        confirmed. Sending the same again is harmless.

        Raises:
            InvalidDecision: the step does not have this outcome.
            pika.exceptions.AMQPError: not confirmed; try again.
        """
        from .once import publish

        if isinstance(step, Step):
            check_outcome(step, decision)
        publish(self.settings, answer(self.settings.code, step, decision))

    def run(self) -> None:
        """Serves until SIGTERM or SIGINT: then finishes what is in hand and returns.

        Ends the program with one clear line when a setting is missing.
        """
        try:
            settings = self.settings
        except SettingsError as error:
            sys.exit(f"motcua: {error}")
        # Imported here, so that an agency's tests need not even have pika.
        from .service import Service

        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("pika").setLevel(logging.CRITICAL)  # a lost connection is one line here, not a dozen there
        service = Service(settings, self._react, self._papers, self.metrics, frozenset(self._observers))
        self._stop = service.stop
        if current_thread() is main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda _number, _frame: service.stop())
        if self._stopping:  # said before there was anything to stop
            service.stop()
        try:
            with served(self.metrics, self.settings.metrics_port):
                service.run()
        finally:
            self._stop, self._stopping = None, False

    def stop(self) -> None:
        """Ends `run` in good order, from any thread; also one that is only just beginning."""
        self._stopping = True
        if self._stop is not None:
            self._stop()

    def _observed(self, notice: Observation) -> Later | None:
        said = self._observers[notice.event](notice)
        if said is not None and not isinstance(said, Later):
            raise InvalidDecision(f"nobody asked for a decision about an observed {notice.event}: {said!r}")
        return said

    def _react(self, notice: Notice) -> Answer | Later | None:
        if isinstance(notice, Observation):
            return self._observed(notice)
        if notice.event not in self._handlers:
            self.metrics.add("ignored_total")
            if notice.event == "step.assigned":
                raise InvalidDecision("there is no handler for step.assigned")
            return None
        said = self.decide(notice)
        return answer(self.settings.code, notice, said) if isinstance(said, Decision) else said

    def _papers(self, task: str) -> list[Paper]:
        return fetch_papers(self.settings.url, self.settings.token, task)


def check_outcome(step: Step, said: Decision | Later) -> None:
    """Raises InvalidDecision when a decision has an outcome that the step does not have."""
    outcome = said.fields.get("outcome") if isinstance(said, Decision) else None
    possible = {*step.outcomes, step.obligation_outcome}
    if outcome is not None and outcome not in possible:
        raise InvalidDecision(f"outcome {outcome!r} is none of {', '.join(sorted(filter(None, possible)))}")
