"""The port of inbound SMS: what a provider's session calls when a citizen has written to us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

OnInbound = Callable[[str, str, str, datetime], None]
"""Called with sender, recipient, text and real time. It returns when the message is stored, so that the network may forget it; what it
raises makes the network send the message again. The same message may therefore come twice."""
