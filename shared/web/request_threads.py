"""The threads that answer requests. They take them from a queue: an executor would make a future with two locks for each."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any


class RequestThreads:
    """Some threads that work until the process ends or they are told to stop.

    They keep no process alive: who must wait for an answer does so before (`shared.web.buffered_worker`).

    Args:
        count: of threads.
        work: what each does with one item; must not raise.
    """

    def __init__(self, count: int, work: Callable[[Any], None]) -> None:
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._work = work
        self._threads = [Thread(target=self._run, name=f"request-{number}", daemon=True) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def put(self, item: Any) -> None:
        """Gives an item to a thread that has nothing to do, or to the next that has not."""
        self._queue.put(item)

    def shutdown(self, wait: bool = True) -> None:
        """Stops the threads when all items are done.

        Args:
            wait: until then.
        """
        for _ in self._threads:
            self._queue.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            self._work(item)
