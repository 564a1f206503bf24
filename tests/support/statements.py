"""Stores of tests share the statements that they have compiled, as all requests of a process that runs for long do.

SQLAlchemy compiles a statement once for each engine. Most tests have a store of their own and use each statement only a few times, so
compiling took a fifth of their time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Dialect

from shared.persistence.personal_data import use_data_keys
from shared.persistence.store import Store
from shared.runtime.generated_keys import generated_file

KEYS = b"k1:the-one-key-of-personal-data-of-most-tests-which-share-statements"

_Kind = tuple[str, tuple[tuple[str, str], ...]]
_shared: dict[_Kind, tuple[Dialect, dict[Any, Any]]] = {}
"""Kind of database and keys of personal data → the dialect, and what was compiled for it. Compiled statements seal by its keys."""


def with_keys_of_tests(data: Path) -> Path:
    """A service's data directory, with the same keys of personal data as in other tests."""
    generated_file(data / "data.keys", lambda: KEYS)
    return data


def share_statements(store: Store) -> Store:
    """Lets a new store use the statements that stores with the same keys have compiled, and gives it back."""
    keys = store.data_keys
    kind = (store.engine.dialect.name, tuple(vars(keys)["_keys"].items()) if keys else ())
    if kind not in _shared:
        _shared[kind] = store.engine.dialect, {}
    store.engine.dialect, compiled = _shared[kind]
    store.engine.update_execution_options(compiled_cache=compiled)
    if keys:
        use_data_keys(store.engine.dialect, keys)
    return store
