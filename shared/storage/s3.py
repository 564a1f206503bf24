"""Files in a bucket of an S3-compatible server: requests signed by Signature Version 4, with time limits and few repetitions.

Paths name the bucket (path-style), so that the server needs no names of its own in the DNS. A new file is written under the condition that
there is none of its key (``If-None-Match: *``), which AWS and current S3-compatible servers keep. A server makes a single PUT visible whole
or not at all.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

from shared.storage.port import FileExists, NoSuchFile, StorageUnavailable, check_key

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
ATTEMPTS = 2
"""With the time limits: less than a web request may take."""
_PUT = "motcua-put"
"""Name of the metadata that tell our own earlier attempt from another file of the same key."""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where the bucket is.

    Attributes:
        endpoint: the server's address.
        bucket: its name; it exists.
        region: as the server's signatures need it.
        access_key, secret_key: of an account that may read, write, list and delete there.
        prefix: before each key, such as ``motcua/``; where several installations share a bucket.
        connect_seconds, read_seconds: time limits of one attempt.
    """

    endpoint: str
    bucket: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    prefix: str = ""
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS


class S3Storage:
    """Files in one bucket; thread-safe. Nothing is loaded or connected to before the first use.

    Args:
        settings: where.
    """

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings

    def put(self, key: str, content: IO[bytes], size: int) -> None:
        """As the port says."""
        name, mark = self._name(key), secrets.token_hex(8)
        with _as_storage_errors():
            try:
                self._put(name, content, size, Metadata={_PUT: mark}, IfNoneMatch="*")
            except FileExists:
                # An attempt whose answer was lost may have succeeded; then the repeated one meets its own file.
                head = self._client().head_object(Bucket=self._settings.bucket, Key=name)
                if head["Metadata"].get(_PUT) != mark:
                    raise

    def replace(self, key: str, content: IO[bytes], size: int) -> None:
        """As the port says."""
        with _as_storage_errors():
            self._put(self._name(key), content, size)

    def open(self, key: str) -> IO[bytes]:
        """As the port says."""
        name = self._name(key)
        with _as_storage_errors():
            body = self._client().get_object(Bucket=self._settings.bucket, Key=name)["Body"]
        return io.BufferedReader(_Body(body))

    def delete(self, key: str) -> None:
        """As the port says."""
        name = self._name(key)
        with _as_storage_errors():
            self._client().delete_object(Bucket=self._settings.bucket, Key=name)

    def keys(self, before: datetime) -> Iterator[str]:
        """As the port says."""
        prefix = self._settings.prefix
        with _as_storage_errors():
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._settings.bucket, Prefix=prefix):
                for one in page.get("Contents", ()):
                    key = one["Key"][len(prefix) :]
                    if one["LastModified"] < before and "/" not in key:  # else it is of another area
                        yield key

    def discard_leftovers(self, before: datetime) -> int:
        """None: a PUT that failed has left nothing."""
        return 0

    def _put(self, name: str, content: IO[bytes], size: int, **more: Any) -> None:
        with _as_storage_errors():
            self._client().put_object(
                Bucket=self._settings.bucket,
                Key=name,
                Body=content,
                ContentLength=size,
                ContentType="application/octet-stream",
                **more,
            )

    def _name(self, key: str) -> str:
        return self._settings.prefix + check_key(key)

    def _client(self) -> Any:
        return _make_client(self._settings, os.getpid())


@lru_cache(maxsize=4)
def _make_client(settings: S3Settings, _process: int) -> Any:
    """A client with its connections, which no two processes may share."""
    # Imported here: only an installation that uses S3 pays for loading it.
    from botocore.config import Config
    from botocore.session import Session

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=settings.connect_seconds,
        read_timeout=settings.read_seconds,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        # Trailing checksums are unknown to some servers; sealed files carry their own.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        proxies={},
    )
    return Session().create_client(
        "s3",
        region_name=settings.region,
        endpoint_url=settings.endpoint,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        config=config,
    )


class _Body(io.RawIOBase):
    """The body of an answer, with the errors of the port."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        with _as_storage_errors():
            piece = self._body.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._body.close()
        super().close()


@contextmanager
def _as_storage_errors() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "NoSuchKey":
            raise NoSuchFile("no such file") from error
        if code in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise FileExists("there is a file of this key") from error
        raise StorageUnavailable(f"the server refused: {code}") from error
    except (BotoCoreError, HTTPClientError, OSError) as error:
        raise StorageUnavailable(type(error).__name__) from error
