"""Sends the deliveries of one channel until it is killed: ``python -m tests.notify.channels.sender_process CHANNEL``."""

from __future__ import annotations

import sys
import time

from services.notify.channels.domain import Channel
from services.notify.delivery.sweeps import send_due
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings


def main(channel: str) -> None:
    """Sends batch after batch."""
    context = open_context("notify", read_settings())
    while True:
        if not send_due(context, Channel(channel)):
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1])
