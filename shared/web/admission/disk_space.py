"""Whether there is room on the disk: nothing new is accepted before the last of it is used up, which the work under way still needs."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from shared.observability.metrics import gauge
from shared.web.admission.overload import OVERLOAD

log = logging.getLogger(__name__)

disk_free = gauge("motcua_disk_free_bytes", "Free space where the data directory is.", mode="livemin")
ENOUGH_AGAIN = 1.1
"""Times the least space: so much must be free before requests are accepted again."""


class DiskSpace:
    """Looks how much space is left. Used by one thread.

    Args:
        folder: of the data; nothing is looked at while it does not exist, as where all data are on other servers.
        least: bytes that must be free; 0 not to look.
    """

    def __init__(self, folder: Path, least: int) -> None:
        self._folder = folder
        self._least = least

    def look(self, services: list[str]) -> None:
        """Notes whether there is room, and shows how much.

        Args:
            services: of this process.
        """
        if not self._least or not self._folder.is_dir():
            return
        free = shutil.disk_usage(self._folder).free
        was_full = OVERLOAD.disk_full
        OVERLOAD.disk_full = free < self._least * (ENOUGH_AGAIN if was_full else 1)
        if OVERLOAD.disk_full != was_full:
            state = "nearly full: nothing is accepted" if OVERLOAD.disk_full else "free again"
            log.warning("the disk of %s is %s (%d MiB left)", self._folder, state, free >> 20)
        for service in services:
            disk_free.labels(service).set(free)
