"""Whether this web process has been told to stop. It needs no other module, since gunicorn's parent process loads it too."""

from __future__ import annotations

import threading

DRAINING = threading.Event()
"""Set when this process has been told to stop: it still answers, but load balancers should send no more."""
