"""The metric of slips."""

from __future__ import annotations

from shared.observability.metrics import counter

slips_printed = counter(
    "motcua_kiosk_slips",
    "Slips sent to the printers of kiosks, by what became of them: printed, unreachable, silent, slow, no-paper, busy.",
    "agency",
    "result",
)
