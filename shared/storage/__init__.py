"""Where files are kept that people upload: one port, adapters for a folder and for S3, and the encryption of all files."""

from __future__ import annotations

from shared.storage.folder import FolderStorage
from shared.storage.port import FileExists, NoSuchFile, Storage, StorageUnavailable
from shared.storage.s3 import S3Settings, S3Storage
from shared.storage.sealed import SealedStorage
from shared.storage.settings import open_public_storage, open_storage

__all__ = [
    "FileExists",
    "FolderStorage",
    "NoSuchFile",
    "S3Settings",
    "S3Storage",
    "SealedStorage",
    "Storage",
    "StorageUnavailable",
    "open_public_storage",
    "open_storage",
]
