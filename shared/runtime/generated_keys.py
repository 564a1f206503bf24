"""Secret keys: those that a machine makes at its first start, and which of those that people set are too weak."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from shared.runtime.private_files import private_folder

MIN_KEY_CHARACTERS = 32
MIN_KEY_VARIETY = 8
WEAK = f"at least {MIN_KEY_CHARACTERS} random characters are needed, such as from `openssl rand -hex 32`"


def weak(key: str) -> bool:
    """Whether a secret key is too short, or too uniform to have been made at random."""
    return len(key) < MIN_KEY_CHARACTERS or len(set(key)) < MIN_KEY_VARIETY


def new_data_key(id_: str) -> str:
    """A new key for personal data, as ``ID:KEY``."""
    return f"{id_}:{secrets.token_urlsafe(48)}"


def generated_key(path: Path) -> str:
    """The key that a machine generates at its first start; readable by its owner alone.

    Args:
        path: the file; created with a new random key if it does not exist.
    """
    return generated_file(path, lambda: secrets.token_urlsafe(48).encode()).read_text().strip()


def generated_file(path: Path, make: Callable[[], bytes]) -> Path:
    """A file that a machine makes at its first start; readable by its owner alone.

    Args:
        path: the file; created if it does not exist.
        make: makes its content.
    """
    if not path.exists():
        private_folder(path.parent)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(make())
        try:
            os.link(draft, path)  # the first process wins; the others read its file
        except FileExistsError:
            return path
        finally:
            draft.unlink()
    return path
