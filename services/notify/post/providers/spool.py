"""A postal provider without a network: orders are files in a folder, which a gateway or a clerk carries to the post.

``<data>/post/<id>.json`` is the order with its number. Reports about a parcel are read from ``<data>/post/tracking/<number>.json``, in
the form of a call-back, if somebody puts them there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import orjson
from marshmallow import ValidationError

from services.notify.post.fees import postal_fees
from services.notify.post.providers.port import (
    NoticeRefused,
    ParcelOrder,
    PostRefused,
    PostUnavailable,
    RegisteredParcel,
    TrackingEvent,
)
from services.notify.post.providers.schemas import NoticeSchema

SPOOL = "spool"
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_NOTICE = NoticeSchema()


class SpoolPost:
    """A folder; an implementation of :class:`services.notify.post.providers.port.PostalProvider`.

    Args:
        directory: created if missing, readable by its owner only because the files hold addresses.
        today: the business day, for the fee.
        name: short, as in addresses and tables.
    """

    def __init__(self, directory: Path, today: date, name: str = SPOOL) -> None:
        self.directory, self.today, self.name = directory, today, name

    def register(self, order: ParcelOrder) -> RegisteredParcel:
        """Writes an order; the same again overwrites the same file. The fee is estimated as within the province."""
        step = postal_fees(self.today).parcel_step(order.grams, same_province=True)
        if step is None:
            raise PostRefused("the parcel is too heavy")
        registered = RegisteredParcel(item_number(order.id), step.fee)
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._order(order.id), orjson.dumps(asdict(order) | {"number": registered.number}))
        except OSError as error:
            raise PostUnavailable(f"spool: {error.strerror}") from error
        return registered

    def cancel(self, id: str) -> None:
        """Removes an order."""
        try:
            self._order(id).unlink(missing_ok=True)
        except OSError as error:
            raise PostUnavailable(f"spool: {error.strerror}") from error

    def tracking(self, number: str) -> Sequence[TrackingEvent]:
        """The reports that were put into the folder; see the port."""
        if not number.isalnum():
            return ()
        try:
            content = (self.directory / "tracking" / f"{number}.json").read_bytes()
            events: Sequence[TrackingEvent] = _NOTICE.loads(content)["events"]
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError, ValueError) as error:
            raise PostUnavailable("the file of reports cannot be read") from error
        return [one for one in events if one.number == number]

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[TrackingEvent]:
        """A folder reports nothing by itself."""
        raise NoticeRefused("this provider sends no reports")

    def _order(self, id: str) -> Path:
        return self.directory / f"{id}.json"


def item_number(id: str) -> str:
    """A number of the form of UPU S10 (EP123456785VN) with its check digit, always the same for an id."""
    serial = f"{int(hashlib.sha256(id.encode()).hexdigest(), 16) % 10**8:08d}"
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, serial, strict=True)) % 11
    check_digit = {10: 0, 11: 5}.get(rest, rest)
    return f"EP{serial}{check_digit}VN"


def _write(path: Path, content: bytes) -> None:
    """Writes a file that is either there in full or not at all, also after a power failure."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
