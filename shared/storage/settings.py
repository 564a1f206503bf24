"""Where files are kept, from the environment: a folder beside the other data, or a bucket of an S3-compatible server; sealed, unless
they are made to be published."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from shared.runtime.settings import Settings, SettingsError
from shared.storage.folder import FolderStorage
from shared.storage.port import Storage
from shared.storage.s3 import S3Settings, S3Storage
from shared.storage.sealed import SealedStorage

FOLDER = "uploads"
NEEDED = ("MOTCUA_S3_ENDPOINT", "MOTCUA_S3_BUCKET", "MOTCUA_S3_ACCESS_KEY", "MOTCUA_S3_SECRET_KEY")
DEFAULT_REGION = "us-east-1"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]*/)*")


def open_storage(settings: Settings, environ: Mapping[str, str] | None = None, area: str = FOLDER) -> SealedStorage:
    """The storage of the platform's files; nothing is connected to yet.

    Args:
        settings: of the platform; must have keys of personal data.
        environ: the process's environment by default.
        area: of which service's files: a folder, or what the names in the bucket begin with; each area has one owner.

    Raises:
        SettingsError: there are no data keys, or ``MOTCUA_S3_*`` is not complete or not valid.
    """
    return SealedStorage(_open(settings, environ, area), settings.require_data_keys())


def open_public_storage(settings: Settings, area: str, environ: Mapping[str, str] | None = None) -> Storage:
    """A storage of files that hold no personal data and are made to be published: they are not sealed, so no data keys are needed.

    Args:
        settings: of the platform.
        area: as for :func:`open_storage`; never the same one.
        environ: the process's environment by default.

    Raises:
        SettingsError: ``MOTCUA_S3_*`` is not complete or not valid.
    """
    return _open(settings, environ, area)


def _open(settings: Settings, environ: Mapping[str, str] | None, area: str) -> Storage:
    s3 = read_s3_settings(environ)
    if s3 and area != FOLDER:
        s3 = replace(s3, prefix=f"{s3.prefix}{area}/")
    return S3Storage(s3) if s3 else FolderStorage(settings.data / area)


def read_s3_settings(environ: Mapping[str, str] | None = None) -> S3Settings | None:
    """Reads ``MOTCUA_S3_*``; None where no server is named.

    Raises:
        SettingsError: with all faults.
    """
    values = os.environ if environ is None else environ
    endpoint, bucket, access_key, secret_key = (values.get(name, "").strip() for name in NEEDED)
    region, prefix = (values.get(name, "").strip() for name in ("MOTCUA_S3_REGION", "MOTCUA_S3_PREFIX"))
    if not any((endpoint, bucket, access_key, secret_key, region, prefix)):
        return None
    faults = [f"{name} is not set, but other settings of S3 are" for name in NEEDED if not values.get(name, "").strip()]
    parts = urlsplit(endpoint)
    if endpoint and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query):
        faults.append("MOTCUA_S3_ENDPOINT is not an address such as https://s3.example.vn")
    if bucket and not BUCKET.fullmatch(bucket):
        faults.append("MOTCUA_S3_BUCKET is not a name of a bucket, such as motcua-files")
    if not PREFIX.fullmatch(prefix):
        faults.append("MOTCUA_S3_PREFIX does not end with a slash, such as motcua/")
    if faults:
        raise SettingsError(faults)
    return S3Settings(endpoint.rstrip("/"), bucket, region or DEFAULT_REGION, access_key, secret_key, prefix)
