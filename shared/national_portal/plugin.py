"""The plug-in process: the SDK receives and stores events, a second thread sends messages, and both stop together."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

from shared.agencies import UnknownAgency
from shared.national_portal.delivery import PortalClient
from shared.national_portal.history import TIME_FIELDS, DossierEvent
from shared.national_portal.maintenance import QueueMaintenance
from shared.national_portal.mapping import Names
from shared.national_portal.metrics import PortalMetrics
from shared.national_portal.queue import Queue
from shared.national_portal.sender import Sender
from shared.national_portal.settings import PortalSettings, read_portal_settings
from shared.plugin_sdk.sdk import AgencyService, Observation
from shared.plugin_sdk.sdk.access_tokens import AccessTokens
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference, load_reference

log = logging.getLogger("motcua.portal")

STORE_PAUSE = 1.0
DAY = 24 * 3600.0


class AlreadyRunning(RuntimeError):
    """Another process sends from the same file. Two would break the order."""


class Plugin:
    """The national portal's plug-in; `run` it once.

    Args:
        environ: the environment; see `PortalSettings` and the SDK's settings.

    Raises:
        SettingsError: something is missing or malformed.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.settings: PortalSettings = read_portal_settings(environ)
        self.agency = AgencyService.from_environment(environ)
        self._reference = load_reference(self.settings.agencies_dir)
        self._metrics = PortalMetrics(self.settings.file)
        self.agency.metrics.include(self._metrics.text)
        self.agency.observe(*TIME_FIELDS)(self._receive)
        self._incoming: Queue | None = None
        self._sender: Sender | None = None
        self._stopping = Event()
        self._crash: BaseException | None = None

    def run(self) -> None:
        """Receives and sends until SIGTERM or SIGINT, then finishes the current call.

        Raises:
            AlreadyRunning: another process sends from the same file.
            BaseException: the error that stopped the sender thread.
        """
        with _exclusive(self.settings.file):
            Queue(self.settings.file).close()  # create the file before several threads open it
            thread = Thread(target=self._send, name="sender")
            thread.start()
            try:
                self.agency.run()
            finally:
                self._stop()
                thread.join()
        if self._crash is not None:
            raise self._crash

    def _stop(self) -> None:
        self._stopping.set()
        if self._sender is not None:
            self._sender.stop()

    # -- the SDK's thread of handlers

    def _receive(self, seen: Observation) -> None:
        """Stores an event, and retries until that succeeds: a deferred event would be overtaken by the next one."""
        event = DossierEvent(seen.event, dict(seen.data))
        _ = event.at  # fails for an event without its time: a dead letter is better than a blocked dossier
        while True:
            try:
                self._store(seen, event)
                return
            except sqlite3.OperationalError:
                log.exception("an event about %s cannot be stored; retrying in %.0f s", seen.dossier, STORE_PAUSE)
                if self._stopping.wait(STORE_PAUSE):
                    raise

    def _store(self, seen: Observation, event: DossierEvent) -> None:
        if self._incoming is None:
            self._incoming = Queue(self.settings.file)
        now = time.time()
        if self._incoming.store(seen.event_id, seen.dossier, event, now, self._deadline(now)) and self._sender:
            self._sender.wake()

    def _deadline(self, now: float) -> float:
        moment = datetime.fromtimestamp(now, VIETNAM)
        calendar = self._reference.calendar(self.agency.settings.code, moment.date())
        return calendar.add_working_hours(moment, self.settings.rules.deadline_hours).at.timestamp()

    # -- the sender's thread

    def _send(self) -> None:
        try:
            settings = self.settings
            tokens = AccessTokens(self.agency.settings, self.agency.metrics)
            client = PortalClient(settings.endpoints, tokens, settings.rules, names_of(self._reference))
            with Queue(settings.file) as queue:
                self._sender = Sender(queue, client.deliver, settings.rules, self._metrics.count)
                with _daily_cleanup(settings.file, settings.rules.keep_days * DAY, self._stopping):
                    if not self._stopping.is_set():
                        self._sender.run()
        # Without the sender nothing would be sent, unnoticed; so the whole process stops.
        except BaseException as error:  # noqa: BLE001
            self._crash = error
            self.agency.stop()


def names_of(reference: Reference) -> Names:
    """Gives the name of an agency by its code; the code itself when it is unknown."""

    def name(code: str) -> str:
        try:
            return reference.agencies.get(code).name
        except UnknownAgency:
            return code

    return name


@contextmanager
def _exclusive(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{file}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another process sends from {file}") from error
        yield


@contextmanager
def _daily_cleanup(file: Path, age: float, ending: Event) -> Iterator[None]:
    """Deletes old messages once a day while the block runs."""

    def daily() -> None:
        while not ending.is_set():
            try:
                with QueueMaintenance(file) as queue:
                    queue.delete_sent_before(time.time() - age)
            except sqlite3.Error:
                log.exception("old messages could not be deleted; retrying tomorrow")
            ending.wait(DAY)

    thread = Thread(target=daily, name="cleanup", daemon=True)
    thread.start()
    yield
