"""Logging: one JSON object per line on standard error. No personal data, no query strings, no bodies."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from typing import Any

import orjson

from shared.runtime.clock import VIETNAM


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object; ``extra={"fields": {…}}`` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        members: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, VIETNAM).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        members.update(getattr(record, "fields", {}))
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(members, str).decode()


def configure_logging(level: str = "INFO") -> None:
    """Sends all log records of this process to standard error, as JSON.

    Args:
        level: the lowest level that is logged.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
