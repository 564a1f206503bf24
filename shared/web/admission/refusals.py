"""What those are told whose requests are refused because too much is asked of the platform."""

from __future__ import annotations

from typing import Any

from flask import current_app

from shared.web.admission.measures import requests_shed
from shared.web.admission.overload import OVERLOAD
from shared.web.problem import Problem


def busy(seconds: int, cause: str = "", **more: Any) -> Problem:
    """The problem of a request that should come again.

    Args:
        seconds: after how many seconds.
        cause: for the log.
        more: members of the problem.
    """
    headers = {"Retry-After": str(seconds)}
    return Problem(503, "unavailable", headers=headers, cause=cause, retry_after=seconds, **more)


def database_busy(cause: str) -> Problem:
    """The problem of a request for which the database had no connection, no lock or no time.

    Args:
        cause: for the log.
    """
    requests_shed.labels(current_app.name, "database", "", "").inc()
    return busy(OVERLOAD.refuse(by_process=False), cause)


def disk_full() -> Problem:
    """The problem of a request that would write to a disk that is nearly full."""
    requests_shed.labels(current_app.name, "disk", "", "").inc()
    return busy(
        60 + OVERLOAD.refuse(by_process=False),
        "the disk is nearly full",
        detail="Máy chủ sắp hết chỗ lưu trữ; yêu cầu chưa được ghi nhận.",
        detail_en="The server is running out of disk space; nothing was recorded.",
    )
