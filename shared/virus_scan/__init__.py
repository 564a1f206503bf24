"""Looking for viruses in files that people upload: one port, an adapter for ClamAV's daemon, and none."""

from __future__ import annotations

from shared.virus_scan.clamd import ClamdScanner
from shared.virus_scan.port import NoScanner, Scanner, ScannerUnavailable, TooLargeToScan
from shared.virus_scan.settings import read_scanner

__all__ = ["ClamdScanner", "NoScanner", "Scanner", "ScannerUnavailable", "TooLargeToScan", "read_scanner"]
