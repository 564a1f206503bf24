"""Slips on thermal printers: what reaches the printer, and what happens when it is off, silent, slow or out of paper."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Event, Thread

import pytest
from PIL import Image

from services.intake.kiosk.printing.delivery import NotPrinted, deliver
from services.intake.kiosk.printing.escpos import PAPER_STATUS_NOW, PAPER_STATUS_THEN, WIDTH
from services.intake.kiosk.printing.printers import Printer, read_printers
from services.intake.kiosk.printing.slip import Slip, slip_job, slip_picture
from shared.runtime.settings import SettingsError

PAPER, NO_PAPER = b"\x12", b"\x72"
SLIP = Slip("Bộ phận Một cửa xã Phước Vinh", "SỐ THỨ TỰ", "A012", ("Đất đai",), ("Dự kiến chờ 15–25 phút.",))
SHORT = 0.6


class FakePrinter:
    """A printer at a port of this machine.

    Args:
        answers_now: the paper's status, when asked at once; empty: none.
        answers_then: the status behind the job; empty: none.
        takes: whether it takes the job; otherwise its buffer stays full.
        hangs_up: whether it closes the connection once it has the job.
    """

    def __init__(
        self, answers_now: bytes = PAPER, answers_then: bytes = b"\x00", takes: bool = True, hangs_up: bool = False
    ) -> None:
        self._now, self._then, self._takes, self._hangs_up = answers_now, answers_then, takes, hangs_up
        self.received = b""
        self.done = Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.printer = Printer("127.0.0.1", self._listening.getsockname()[1])
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> FakePrinter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            link, _ = self._listening.accept()
            with link:
                self._talk(link)

    def _talk(self, link: socket.socket) -> None:
        link.settimeout(5)
        self.received += link.recv(len(PAPER_STATUS_NOW))
        link.sendall(self._now)
        while self._takes and (heard := link.recv(65536)):
            self.received += heard
            if self.received.endswith(PAPER_STATUS_THEN):
                link.sendall(self._then)
                break
        if self._hangs_up:
            return
        self.done.wait(5)


def test_a_job_is_the_slip_in_dots_and_is_confirmed() -> None:
    job = slip_job(SLIP)
    with FakePrinter() as fake:
        deliver(fake.printer, job)
        fake.done.set()
    assert fake.received == PAPER_STATUS_NOW + job + PAPER_STATUS_THEN
    # the same dots as the picture, band by band
    rows, rest = [], job[2:]
    while rest.startswith(b"\x1dv0\x00"):
        width, height = int.from_bytes(rest[4:6], "little"), int.from_bytes(rest[6:8], "little")
        rows += [rest[8 + width * line : 8 + width * (line + 1)] for line in range(height)]
        rest = rest[8 + width * height :]
    assert (rest, {len(row) * 8 for row in rows}) == (b"\x1dVB\x03", {WIDTH})
    picture = Image.open(BytesIO(slip_picture(SLIP))).convert("L")
    assert picture.size == (WIDTH, len(rows))
    dark = sum(picture.histogram()[:160])
    assert sum(byte.bit_count() for row in rows for byte in row) == dark > 10_000


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: FakePrinter(answers_now=b""), "silent"),
        (lambda: FakePrinter(answers_now=NO_PAPER), "no-paper"),
        (lambda: FakePrinter(answers_then=b""), "slow"),
        (lambda: FakePrinter(answers_then=b"", hangs_up=True), "slow"),
        (lambda: FakePrinter(takes=False), "slow"),
    ],
    ids=["silent", "out of paper", "never confirms", "hangs up", "takes nothing"],
)
def test_a_printer_that_does_not_print_is_given_up_soon(make: Callable[[], FakePrinter], fault: str) -> None:
    with make() as fake:
        with pytest.raises(NotPrinted) as given_up:
            deliver(fake.printer, slip_job(SLIP) * 60, SHORT)
        if fault in ("silent", "no-paper"):
            assert fake.received == PAPER_STATUS_NOW  # nothing comes out later, when nobody waits for it
    assert given_up.value.fault == fault


def test_a_printer_that_is_off_or_is_no_file_is_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for printer in (Printer("127.0.0.1", port), Printer(path=str(tmp_path / "none" / "lp0"))):
        with pytest.raises(NotPrinted, match="unreachable"):
            deliver(printer, b"job", SHORT)


def test_a_file_gets_one_job_after_the_other(tmp_path: Path) -> None:
    file = tmp_path / "slips"
    for job in (b"first", b"second"):
        deliver(Printer(path=str(file)), job)
    assert file.read_bytes() == b"firstsecond"


def test_printers_are_named_by_desk_and_kiosk() -> None:
    text = "H12.31.01/1=tcp://10.0.0.5, H12.31.01/2=file:/dev/usb/lp0,H12.31.01/3=tcp://p:9101?status=none,H12.31.01/4=browser:"
    assert read_printers({"MOTCUA_KIOSK_PRINTERS": text}) == {
        ("H12.31.01", 1): Printer("10.0.0.5", 9100),
        ("H12.31.01", 2): Printer(path="/dev/usb/lp0", answers=False),
        ("H12.31.01", 3): Printer("p", 9101, answers=False),
        ("H12.31.01", 4): Printer(by_browser=True),
    }
    assert read_printers({}) == {}


@pytest.mark.parametrize(
    "text",
    ["tcp://10.0.0.5", "D/0=tcp://h", "D/1=http://h", "D/1=tcp://h:x", "D/1=file:lp0", "D/1=tcp://h?a=b", "D/1=tcp://"],
)
def test_a_printer_that_cannot_be_read_is_told_at_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_KIOSK_PRINTERS"):
        read_printers({"MOTCUA_KIOSK_PRINTERS": text})
