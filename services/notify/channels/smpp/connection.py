"""The socket of an SMPP link. One thread owns it, reads and writes; other threads only add to what is to be written."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from services.notify.channels.smpp.pdu import Malformed, Pdu, Splitter

READ_BYTES = 65_536
TICK_SECONDS = 0.25
CLOSING_SECONDS = 1.0
"""How long what is still to be written at the end may take."""


class LinkLost(ConnectionError):
    """The link ended; the text says why."""


def connect(host: str, port: int, tls: ssl.SSLContext | None, timeout: float) -> socket.socket:
    """Opens a connection.

    Args:
        host: of the network.
        port: of the network.
        tls: how to encrypt; None for not at all.
        timeout: seconds for each wait.

    Raises:
        OSError: it cannot be opened, or the certificate is wrong.
    """
    plain = socket.create_connection((host, port), timeout)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tls.wrap_socket(plain, server_hostname=host) if tls else plain
    except BaseException:
        plain.close()
        raise


class Connection:
    """Reads and writes PDUs until the link ends.

    Args:
        opened: a connected socket; closed at the end.
        name: of the thread.
        on_pdu: called with each PDU, in the connection's own thread; must not block.
        on_tick: called in that thread at least every quarter of a second; what it raises as :class:`LinkLost` ends the link.
        on_end: called once in that thread, with the reason.
    """

    def __init__(
        self,
        opened: socket.socket,
        name: str,
        on_pdu: Callable[[Pdu], None],
        on_tick: Callable[[], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._socket = opened
        self._on_pdu, self._on_tick, self._on_end = on_pdu, on_tick, on_end
        self._lock = threading.Lock()
        self._unwritten = bytearray()
        self._ended = False
        self._close_at: float | None = None
        self._close_reason = ""
        self._wake, self._woken = socket.socketpair()
        for each in (self._socket, self._wake, self._woken):
            each.setblocking(False)
        self.last_read = time.monotonic()
        self.last_written = self.last_read
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Starts reading."""
        self._thread.start()

    def write(self, pdu: Pdu) -> None:
        """Adds a PDU to what is to be written.

        Raises:
            LinkLost: the link has ended.
        """
        with self._lock:
            if self._ended or self._close_at is not None:
                raise LinkLost("the link has ended")
            idle = not self._unwritten
            self._unwritten += pdu.encode()
        if idle:
            self._wake_up()

    @property
    def alive(self) -> bool:
        """Whether the link has not ended."""
        return not self._ended

    @property
    def stalled_since(self) -> float | None:
        """Since when something waits to be written and the other side takes nothing; None if nothing waits."""
        return self.last_written if self._unwritten else None

    def close(self, reason: str = "closed") -> None:
        """Ends the link once all is written, and waits for that; in the connection's own thread it does not wait.

        Args:
            reason: why.
        """
        with self._lock:
            self._close_at = time.monotonic() + CLOSING_SECONDS
            self._close_reason = reason
        self._wake_up()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(CLOSING_SECONDS + 2 * TICK_SECONDS)

    def _wake_up(self) -> None:
        with suppress(OSError):  # full: it will wake anyway; closed: nobody is there to be woken
            self._wake.send(b"\0")

    def _run(self) -> None:
        reason = ""
        splitter = Splitter()
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._socket, selectors.EVENT_READ)
                selector.register(self._woken, selectors.EVENT_READ)
                while not self._may_end():
                    with self._lock:
                        waits = bool(self._unwritten)
                    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if waits else 0)
                    selector.modify(self._socket, wanted)
                    ready = {key.fileobj: events for key, events in selector.select(TICK_SECONDS)}
                    if self._woken in ready:
                        self._woken.recv(4096)
                    self._read(splitter)
                    self._write()
                    self._on_tick()
        except LinkLost as error:
            reason = str(error)
        except Malformed:
            reason = "the network sent what is no SMPP"
        except OSError as error:
            reason = error.strerror or type(error).__name__
        finally:
            with self._lock:
                self._ended = True
            for each in (self._socket, self._wake, self._woken):
                each.close()
            self._on_end(reason or self._close_reason)

    def _may_end(self) -> bool:
        with self._lock:
            return self._close_at is not None and (not self._unwritten or time.monotonic() > self._close_at)

    def _read(self, splitter: Splitter) -> None:
        while True:
            try:
                received = self._socket.recv(READ_BYTES)
            except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            if not received:
                raise LinkLost("the network ended the link")
            self.last_read = time.monotonic()
            for pdu in splitter.feed(received):
                self._on_pdu(pdu)
            if len(received) < READ_BYTES and not isinstance(self._socket, ssl.SSLSocket):
                return

    def _write(self) -> None:
        with self._lock:
            waiting = bytes(self._unwritten[:READ_BYTES])
        if not waiting:
            self.last_written = time.monotonic()
            return
        try:
            written = self._socket.send(waiting)
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        self.last_written = time.monotonic()
        with self._lock:
            del self._unwritten[:written]
