"""The port of virus scanners."""

from __future__ import annotations

from typing import IO, Protocol


class ScannerUnavailable(Exception):
    """The scanner cannot be reached, does not answer in time, or answers something else; trying again later may help."""


class TooLargeToScan(ValueError):
    """The scanner takes no file of this size."""


class Scanner(Protocol):
    """Looks into files. A call never happens inside a transaction of a database."""

    def scan(self, content: IO[bytes]) -> str:
        """Looks for viruses.

        Args:
            content: read from where it stands to its end, in pieces.

        Returns:
            the name of what was found; empty for a clean file.

        Raises:
            TooLargeToScan: the scanner's own limit must be raised.
            ScannerUnavailable: nothing is known about the file.
        """


class NoScanner:
    """No scanner: every file passes."""

    def scan(self, content: IO[bytes]) -> str:
        """As the port says; finds nothing."""
        return ""
