"""Personal data of a database that was restored from before the replacement of a data key: sealed again with the first key, by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import MetaData

from shared.persistence import epoch
from shared.persistence.key_rotation import reseal, sealed_tables
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)


class SealRestored:
    """Seals what older keys have sealed, in a database that was ever restored; of others the operator does it, when a key is replaced.

    Args:
        metadata: of the service's tables.
        files: does the same with the service's files; returns how many were changed.
    """

    def __init__(self, metadata: MetaData, files: Callable[[Context], int] = lambda _context: 0) -> None:
        self._tables = sealed_tables(metadata)
        self._files = files
        self._done = 0

    def run(self, context: Context) -> int:
        """Seals what is to be sealed, once in each epoch and process; what is in use is left for the next time.

        Raises:
            shared.storage.StorageUnavailable: the next time goes on.
        """
        keys = context.store.data_keys
        with context.store.read() as connection:
            number = epoch.present(connection).number
        if keys is None or len(keys.ids) < 2 or number in (0, self._done):
            return 0
        done = [reseal(context.store, table) for table in self._tables]
        files = self._files(context)
        if not any(one.left for one in done):
            self._done = number
        rows = sum(one.rows for one in done)
        if rows or files:
            told = "%s was restored from before a key was replaced: %s rows and %s files are sealed with %s again"
            log.warning(told, context.service, rows, files, keys.first)
        return 0

    def sweep(self) -> Sweep:
        """The sweep of the service's worker."""
        return Sweep("seal restored personal data with the first key", timedelta(hours=1), self.run)
