"""The version of the SDK, and how it names itself to the broker and in the log."""

from __future__ import annotations

VERSION = "1.0.0"
"""Semantic version; the same number in the Node SDK. What changed is in docs/agency.md of the platform."""
PRODUCT = "motcua-agency-python"
