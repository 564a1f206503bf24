"""What a fork of the prepared parent is asked to run: tells what it finds, or waits with a child."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading

from shared.messaging.event import new_id
from shared.observability import metrics


def tell() -> None:
    """Prints its circumstances, counts, fails."""
    metrics.sent_messages.labels("intake", "confirmed").inc()
    print(os.environ["WORD"], os.environ.get("HOME"), os.getcwd(), os.getsid(0) == os.getpid(), flush=True)
    print(threading.active_count(), gc.isenabled(), len(os.listdir("/proc/self/fd")), new_id())
    print(metrics.exposition("intake")[0].decode())
    raise RuntimeError("told")


def wait() -> None:
    """Waits with a child until both are killed."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
    signal.pause()


if __name__ == "__main__":
    {"tell": tell, "wait": wait}[sys.argv[1]]()
