"""What a page of a kiosk does with a slip: which printer stands here, and what the visitor is told of it."""

from __future__ import annotations

import logging

from flask import Response, jsonify, request

from services.intake.components import components
from services.intake.kiosk.printing.delivery import Fault, NotPrinted, deliver
from services.intake.kiosk.printing.metrics import slips_printed
from services.intake.kiosk.printing.printers import Printer
from services.intake.kiosk.printing.slip import Slip, slip_job
from services.intake.kiosk.session import current_kiosk
from shared.web.language import text
from shared.web.views import context

log = logging.getLogger(__name__)

FAULTS: dict[Fault, tuple[str, str]] = {
    "unreachable": ("Máy in không trả lời.", "The printer does not answer."),
    "silent": ("Máy in không trả lời.", "The printer does not answer."),
    "slow": ("Máy in chưa báo đã in xong.", "The printer has not said that it has printed."),
    "no-paper": ("Máy in đã hết giấy.", "The printer has run out of paper."),
    "busy": ("Máy in đang bận.", "The printer is busy."),
}
"""What the visitor reads."""


def printer_here() -> Printer | None:
    """The printer beside this kiosk; None if there is none."""
    kiosk = current_kiosk()
    return components().printers.get((kiosk.desk, kiosk.number)) if kiosk else None


def printed_answer(slip: Slip) -> tuple[Response | None, bool]:
    """Prints a slip, within some seconds.

    Returns:
        the answer for a script, None where the browser wants a page; and whether the slip was printed.
    """
    printer, kiosk = printer_here(), current_kiosk()
    message, printed = text("Ở đây không có máy in.", "There is no printer here."), False
    if printer is not None and kiosk is not None and not printer.by_browser:
        try:
            deliver(printer, slip_job(slip))
            printed, result = True, "printed"
            message = text("Mời ông/bà lấy phiếu ở khe in.", "Please take the slip from the printer.")
        except NotPrinted as error:
            result = error.fault
            message = text(*FAULTS[error.fault])
            log.warning("the printer of kiosk %d at %s did not print: %s", kiosk.number, kiosk.desk, error.fault)
        slips_printed.labels(context().service, kiosk.desk, result).inc()
    if request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "text/html":
        return None, printed
    return jsonify(printed=printed, message=message), printed
