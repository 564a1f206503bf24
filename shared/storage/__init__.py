"""Where files are kept that people upload: one port, and an adapter for a folder."""

from __future__ import annotations

from shared.storage.folder import FolderStorage
from shared.storage.port import NoSuchFile, Storage, StorageUnavailable

__all__ = ["FolderStorage", "NoSuchFile", "Storage", "StorageUnavailable"]
