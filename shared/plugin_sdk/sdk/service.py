"""An agency's service: its handlers, and how it runs them."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from threading import current_thread, main_thread
from typing import Any, Self, TypeVar

from .decision_message import DecisionMessage, encode_decision
from .decisions import Decision, RetryLater
from .events import HANDLED_EVENTS, DossierEvent, Observation, Step
from .metrics import Metrics, serve_metrics
from .papers import DossierDetails
from .platform_client import PlatformClient
from .settings import Settings, SettingsError, read_settings

Handler = TypeVar("Handler", bound=Callable[[Any], Decision | RetryLater | None])
Observer = TypeVar("Observer", bound=Callable[[Observation], RetryLater | None])


class InvalidDecision(ValueError):
    """A handler returned something that the platform would reject."""


class AgencyService:
    """Receives an agency's events, calls the registered handlers and sends their decisions.

    Register handlers with `on`, then call `run`.

    Args:
        settings: see `Settings`; `from_environment` reads them from the environment.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.metrics = Metrics()
        self._settings = settings
        self._environ: Mapping[str, str] = os.environ
        self._handlers: dict[str, Callable[[Any], Decision | RetryLater | None]] = {}
        self._observers: dict[str, Callable[[Observation], RetryLater | None]] = {}
        self._platform: PlatformClient | None = None
        self._stop_consumer: Callable[[], None] | None = None
        self._stopping = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """A service whose settings come from ``MOTCUA_*``. They are read on first use, so tests need none.

        Args:
            environ: the environment; the process's own by default.
        """
        service = cls()
        service._environ = os.environ if environ is None else environ
        return service

    @property
    def settings(self) -> Settings:
        """The agency's code, its broker and its limits.

        Raises:
            SettingsError: the environment lacks something.
        """
        if self._settings is None:
            self._settings = read_settings(self._environ)
        return self._settings

    def on(self, event: str) -> Callable[[Handler], Handler]:
        """Registers the decorated function as the handler of an event that is addressed to the agency.

        ``step.assigned`` passes a `Step`; its handler must return a decision or `retry_later`. ``step.cancelled`` and
        ``decision.rejected`` pass a `DossierEvent`; the first must return None, the second may return a better decision.
        Handlers run one after the other in one thread. A handler that raises, even SystemExit, is called again after a
        pause; `stop` ends the service. An event may be delivered twice, so handlers must be idempotent.

        Raises:
            ValueError: no such event, or it has a handler already.
        """
        if event not in HANDLED_EVENTS:
            raise ValueError(f"{event!r} is none of {', '.join(HANDLED_EVENTS)}")
        if event in self._handlers:
            raise ValueError(f"{event!r} has a handler already")

        def register(handler: Handler) -> Handler:
            self._handlers[event] = handler
            return handler

        return register

    def observe(self, *events: str) -> Callable[[Observer], Observer]:
        """Registers the decorated function for events that the platform publishes to all subscribers, such as ``dossier.received``.

        Only an agency with the right to observe receives them. The function gets an `Observation` and returns None or `retry_later`.
        The message is acknowledged when it returns, so it must have stored by then whatever must not be lost. An observed
        ``step.assigned`` may be a step of any agency; steps of this agency go to `on`.

        Raises:
            ValueError: no event is given, or one has an observer already or is addressed to agencies.
        """
        refused = [event for event in events if event in self._observers or event.startswith("agency.")]
        if refused or not events:
            raise ValueError(f"cannot be observed: {', '.join(refused) or 'nothing'}")

        def register(handler: Observer) -> Observer:
            self._observers.update(dict.fromkeys(events, handler))
            return handler

        return register

    def decide(self, event: DossierEvent) -> Decision | RetryLater | None:
        """Calls the registered handler and checks its result as the platform would. Used by `run`; call it in tests.

        Raises:
            InvalidDecision: no decision on a step, an outcome that the step does not have, or a decision where none is allowed.
        """
        if isinstance(event, Observation):
            return self._notify_observer(event)
        handler = self._handlers.get(event.event)
        result = handler(event) if handler is not None else None
        if isinstance(event, Step):
            if not isinstance(result, Decision | RetryLater):
                raise InvalidDecision(f"a step needs a decision or retry_later(…), not {result!r}")
            check_outcome(event, result)
        elif result is not None and (event.event != "decision.rejected" or not isinstance(result, Decision)):
            raise InvalidDecision(f"{event.event} takes no {type(result).__name__}")
        return result

    def send_decision(self, event: DossierEvent, decision: Decision) -> None:
        """Sends a decision on a step that was `accepted` before, from any process; returns when the broker has confirmed it.

        Sending the same decision again is harmless.

        Raises:
            InvalidDecision: the step does not have this outcome.
            pika.exceptions.AMQPError: not confirmed; try again.
        """
        from .publisher import publish_once

        if isinstance(event, Step):
            check_outcome(event, decision)
        publish_once(self.settings, encode_decision(self.settings.code, event, decision))

    def read_dossier(self, task: str) -> DossierDetails:
        """Reads the papers and the applicant of a step's dossier, from any process; only while the step is the agency's.

        Args:
            task: the step's `task`.

        Raises:
            PapersRefused: the step is not, or no longer, the agency's.
            PapersUnavailable: the platform gives none now; try again later.
        """
        if self._platform is None:
            self._platform = PlatformClient(self.settings, self.metrics)
        return self._platform.read_dossier(task)

    def run(self) -> None:
        """Runs until SIGTERM, SIGINT or `stop`; then finishes the running work and returns.

        Exits the process with one line of text if a setting is missing.
        """
        try:
            settings = self.settings
        except SettingsError as error:
            sys.exit(f"motcua: {error}")
        # Imported here, so that an agency's tests run without pika.
        from .consumer import Consumer

        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("pika").setLevel(logging.CRITICAL)  # we log one line per lost connection; pika logs a dozen
        consumer = Consumer(settings, self._handle, self.read_dossier, self.metrics, frozenset(self._observers))
        self._stop_consumer = consumer.stop
        if current_thread() is main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda _number, _frame: consumer.stop())
        if self._stopping:  # stop() was called before the consumer existed
            consumer.stop()
        try:
            with serve_metrics(self.metrics, self.settings.metrics_port):
                consumer.run()
        finally:
            self._stop_consumer, self._stopping = None, False

    def stop(self) -> None:
        """Ends `run` cleanly. Call it from any thread, also while `run` is starting."""
        self._stopping = True
        if self._stop_consumer is not None:
            self._stop_consumer()

    def _notify_observer(self, event: Observation) -> RetryLater | None:
        result = self._observers[event.event](event)
        if result is not None and not isinstance(result, RetryLater):
            raise InvalidDecision(f"an observed {event.event} takes no decision: {result!r}")
        return result

    def _handle(self, event: DossierEvent) -> DecisionMessage | RetryLater | None:
        if isinstance(event, Observation):
            return self._notify_observer(event)
        if event.event not in self._handlers:
            self.metrics.add("ignored_total")
            if event.event == "step.assigned":
                raise InvalidDecision("there is no handler for step.assigned")
            return None
        result = self.decide(event)
        return encode_decision(self.settings.code, event, result) if isinstance(result, Decision) else result


def check_outcome(step: Step, decision: Decision | RetryLater) -> None:
    """Raises InvalidDecision if the decision has an outcome that the step does not have."""
    outcome = decision.fields.get("outcome") if isinstance(decision, Decision) else None
    possible = {*step.outcomes, step.obligation_outcome}
    if outcome is not None and outcome not in possible:
        raise InvalidDecision(f"outcome {outcome!r} is none of {', '.join(sorted(filter(None, possible)))}")
