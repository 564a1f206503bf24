"""The way of a job to the printer, within a few seconds: a printer that is off, silent or slow holds nobody up."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections import defaultdict
from typing import Literal

from services.intake.kiosk.printing.escpos import PAPER_STATUS_NOW, PAPER_STATUS_THEN, is_out_of_paper, is_status
from services.intake.kiosk.printing.printers import Printer

SECONDS = 4.0
"""How long a job may take altogether, real time; a slip takes one to two."""
CONNECT_SECONDS = 1.5
Fault = Literal["unreachable", "silent", "slow", "no-paper", "busy"]


class NotPrinted(Exception):
    """The printer has not confirmed the job.

    Args:
        fault: ``unreachable``: nobody listens, or the connection broke; ``silent``: it does not answer; ``slow``: it does not take the
            job, or does not say that it was printed; ``no-paper``; ``busy``: another slip is being printed.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


_locks: dict[Printer, threading.Lock] = defaultdict(threading.Lock)


def deliver(printer: Printer, job: bytes, seconds: float = SECONDS) -> None:
    """Prints a job.

    Args:
        printer: where.
        job: as made by :func:`services.intake.kiosk.printing.escpos.print_job`.
        seconds: after which it is given up.

    Raises:
        NotPrinted: it was given up. Unless the fault is ``slow``, nothing or little was sent, and nothing will be printed later.
    """
    deadline = time.monotonic() + seconds
    lock = _locks[printer]  # two jobs at once would be printed into each other
    if not lock.acquire(timeout=seconds):
        raise NotPrinted("busy")
    try:
        if printer.path:
            _write(printer.path, job, deadline)
        else:
            _send(printer, job, deadline)
    finally:
        lock.release()


def _left(deadline: float, fault: Fault) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NotPrinted(fault)
    return left


def _send(printer: Printer, job: bytes, deadline: float) -> None:
    begun = False
    try:
        timeout = min(CONNECT_SECONDS, _left(deadline, "busy"))
        with socket.create_connection((printer.host, printer.port), timeout) as link:
            if printer.answers:
                link.sendall(PAPER_STATUS_NOW)
                if is_out_of_paper(_answer(link, deadline, "silent", is_real_time=True)):
                    raise NotPrinted("no-paper")
            begun = True
            _send_all(link, job + (PAPER_STATUS_THEN if printer.answers else b""), deadline)
            if printer.answers:
                _answer(link, deadline, "slow")
    except OSError as error:
        # what the printer has of the job it may still print
        raise NotPrinted("slow" if begun else "unreachable") from error


def _send_all(link: socket.socket, job: bytes, deadline: float) -> None:
    rest = memoryview(job)
    while rest:
        link.settimeout(_left(deadline, "slow"))
        try:
            rest = rest[link.send(rest) :]
        except TimeoutError:
            raise NotPrinted("slow") from None


def _answer(link: socket.socket, deadline: float, fault: Fault, is_real_time: bool = False) -> int:
    """The next byte of status; what else a printer says by itself is passed over."""
    until = min(deadline, time.monotonic() + CONNECT_SECONDS) if is_real_time else deadline
    while True:
        link.settimeout(_left(until, fault))
        try:
            heard = link.recv(1)
        except TimeoutError:
            raise NotPrinted(fault) from None
        if not heard:
            raise ConnectionAbortedError
        if not is_real_time or is_status(heard[0]):
            return heard[0]


def _write(path: str, job: bytes, deadline: float) -> None:
    """Writes to a device or at the end of a file, without ever waiting longer than until the deadline."""
    created = 0 if path.startswith("/dev/") else os.O_CREAT
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | created, 0o600)
    except OSError as error:
        raise NotPrinted("unreachable") from error
    try:
        rest = memoryview(job)
        while rest:
            ready = select.select([], [file], [], _left(deadline, "slow"))[1]
            if not ready:
                raise NotPrinted("slow")
            try:
                rest = rest[os.write(file, rest) :]
            except BlockingIOError:
                continue
    except OSError as error:
        raise NotPrinted("unreachable") from error
    finally:
        os.close(file)
