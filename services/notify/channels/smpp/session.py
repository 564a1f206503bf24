"""A bound SMPP session: requests with their answers, enquire_link, and what the network delivers to us."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from services.notify.channels.smpp.connection import Connection, LinkLost, connect
from services.notify.channels.smpp.pdu import (
    MAX_SEQUENCE,
    Command,
    Message,
    Pdu,
    decode_message_id,
    encode_bind,
)
from services.notify.channels.smpp.settings import SmppSettings
from services.notify.channels.smpp.statuses import statuses

UNBIND_SECONDS = 1.0
LOST = -1
"""Stands for the status of an answer that will never come."""
INVALID_COMMAND = 0x00000003
DELIVERED_AT_ONCE = 200
"""At most so many deliver_sm are stored in one transaction."""

Deliver = Callable[[Sequence[Pdu]], Sequence[int]]
"""Stores what deliver_sm bring; gives the command status of each answer."""


class BindRefused(ConnectionError):
    """The network refuses the bind; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a submit_sm.

    Attributes:
        token: as given to :meth:`SmppSession.submit`.
        sequence: of the request.
        status: command status; :data:`LOST` if the link ended before.
        message_id: the network's own id; empty in errors.
    """

    token: object
    sequence: int
    status: int
    message_id: str = ""


class SmppSession:
    """A session from bind to unbind.

    Args:
        settings: of the network.
        deliver: stores receipts and messages of citizens; called in a thread of its own.
    """

    def __init__(self, settings: SmppSettings, deliver: Deliver) -> None:
        self.settings = settings
        self.reason = ""
        self._deliver = deliver
        self._lock = threading.Lock()
        self._sequence = 0
        self._pending: dict[int, tuple[SimpleQueue[Answer], object]] = {}
        self._bound: SimpleQueue[int] = SimpleQueue()
        self._unbound = threading.Event()
        self._delivered: SimpleQueue[Pdu | None] = SimpleQueue()
        self._enquired_at: float | None = None
        self._connection: Connection | None = None
        self._deliverer = threading.Thread(target=self._store, name=f"{settings.name} receipts", daemon=True)

    def open(self) -> None:
        """Connects and binds.

        Raises:
            OSError: the network cannot be reached, or does not answer.
            BindRefused: it refuses the bind.
        """
        settings = self.settings
        opened = connect(settings.host, settings.port, settings.tls_context(), settings.connect_seconds)
        self._connection = Connection(opened, f"{settings.name} link", self._on_pdu, self._on_tick, self._on_end)
        self._connection.start()
        self._deliverer.start()
        body = encode_bind(settings.system_id, settings.password, settings.system_type, settings.version)
        self._connection.write(Pdu(Command.BIND_TRANSCEIVER, 0, self._next_sequence(), body))
        try:
            status = self._bound.get(timeout=settings.connect_seconds)
        except Empty:
            self._connection.close()
            raise TimeoutError("no answer to the bind") from None
        if status:
            self._connection.close()
            raise BindRefused(self.reason if status == LOST else f"the bind was refused: {statuses().reason(status)}")

    @property
    def alive(self) -> bool:
        """Whether messages can be submitted."""
        return self._connection is not None and self._connection.alive and not self._unbound.is_set()

    def submit(self, message: Message, answers: SimpleQueue[Answer], token: object) -> int:
        """Sends a submit_sm; its answer is put into `answers`, also when the link ends first.

        Args:
            message: the body.
            answers: where the answer is put.
            token: given back with it.

        Returns:
            the sequence number.

        Raises:
            LinkLost: the link has ended; nothing was sent, and no answer will come.
        """
        if self._connection is None:
            raise LinkLost("the link is not open")
        sequence = self._next_sequence()
        with self._lock:
            self._pending[sequence] = answers, token
        try:
            self._connection.write(Pdu(Command.SUBMIT_SM, 0, sequence, message.encode()))
        except LinkLost:
            with self._lock:
                unanswered = self._pending.pop(sequence, None)
            if unanswered is None:  # the end of the link has answered it already
                return sequence
            raise
        return sequence

    def forget(self, sequence: int) -> None:
        """Awaits an answer no longer."""
        with self._lock:
            self._pending.pop(sequence, None)

    def close(self) -> None:
        """Unbinds, and ends the link."""
        connection = self._connection
        if connection is None:
            return
        try:
            connection.write(Pdu(Command.UNBIND, 0, self._next_sequence()))
            self._unbound.wait(UNBIND_SECONDS)
        except LinkLost:
            pass
        connection.close()
        if threading.current_thread() is not self._deliverer:
            self._deliverer.join(UNBIND_SECONDS)

    def _next_sequence(self) -> int:
        with self._lock:
            self._sequence = self._sequence % MAX_SEQUENCE + 1
            return self._sequence

    def _on_pdu(self, pdu: Pdu) -> None:
        self._enquired_at = None  # whatever comes proves that the link works
        match pdu.command:
            case Command.SUBMIT_SM_RESP:
                self._answer(pdu.sequence, pdu.status, decode_message_id(pdu.body))
            case Command.DELIVER_SM:
                self._delivered.put(pdu)
            case Command.ENQUIRE_LINK:
                self._reply(Command.ENQUIRE_LINK_RESP, 0, pdu.sequence)
            case Command.ENQUIRE_LINK_RESP | Command.DELIVER_SM_RESP:
                pass
            case Command.BIND_TRANSCEIVER_RESP:
                self._bound.put(pdu.status)
            case Command.UNBIND:
                self._reply(Command.UNBIND_RESP, 0, pdu.sequence)
                self._end("the network has unbound")
            case Command.UNBIND_RESP:
                self._unbound.set()
            case Command.GENERIC_NACK:
                self._answer(pdu.sequence, pdu.status or INVALID_COMMAND, "")
            case _:
                self._reply(Command.GENERIC_NACK, INVALID_COMMAND, pdu.sequence)

    def _reply(self, command: Command, status: int, sequence: int, body: bytes = b"") -> None:
        if self._connection is not None:
            self._connection.write(Pdu(command, status, sequence, body))

    def _end(self, reason: str) -> None:
        if self._connection is not None:
            self._connection.close(reason)

    def _answer(self, sequence: int, status: int, message_id: str) -> None:
        with self._lock:
            found = self._pending.pop(sequence, None)
        if found is not None:
            answers, token = found
            answers.put(Answer(token, sequence, status, message_id))

    def _on_tick(self) -> None:
        """Looks whether the other side is still there: a cut line says nothing by itself."""
        connection, settings, now = self._connection, self.settings, time.monotonic()
        if connection is None:
            return
        stalled = connection.stalled_since
        if stalled is not None and now - stalled > settings.response_seconds:
            raise LinkLost("the network reads nothing")
        if self._enquired_at is not None:
            if now - self._enquired_at > settings.response_seconds:
                raise LinkLost("no answer to enquire_link")
        elif now - connection.last_read > settings.enquire_seconds:
            self._enquired_at = now
            connection.write(Pdu(Command.ENQUIRE_LINK, 0, self._next_sequence()))

    def _on_end(self, reason: str) -> None:
        self.reason = reason
        self._unbound.set()
        self._bound.put(LOST)
        self._delivered.put(None)
        with self._lock:
            pending, self._pending = self._pending, {}
        for sequence, (answers, token) in pending.items():
            answers.put(Answer(token, sequence, LOST))

    def _store(self) -> None:
        """Stores what is delivered, and answers only then: what is not answered, the network delivers again."""
        ended = False
        while not ended:
            batch = [self._delivered.get()]
            while batch[-1] is not None and len(batch) < DELIVERED_AT_ONCE and not self._delivered.empty():
                batch.append(self._delivered.get())
            ended = batch[-1] is None
            pdus = [pdu for pdu in batch if pdu is not None]
            if not pdus:
                continue
            for pdu, status in zip(pdus, self._deliver(pdus), strict=True):
                try:
                    self._reply(Command.DELIVER_SM_RESP, status, pdu.sequence, b"\0")
                except LinkLost:
                    break
