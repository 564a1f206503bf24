"""The adapter of a postal provider that speaks signed JSON over HTTPS.

``POST /parcels`` registers, ``DELETE /parcels/<our id>`` cancels, ``GET /parcels/<number>/tracking`` lists the reports, and the provider
reports by a POST to ours. Calls are signed over method, path and a line feed before the body, call-backs over the body
(:mod:`shared.auth.message_signature`). docs/post.md describes it for whoever connects a provider.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson
from marshmallow import Schema, ValidationError

from services.notify.post.providers.port import (
    NoticeRefused,
    ParcelOrder,
    PostRefused,
    PostUnavailable,
    RegisteredParcel,
    TrackingEvent,
)
from services.notify.post.providers.schemas import NoticeSchema, RegisteredSchema
from shared.auth.message_signature import HEADER, BadSignature, check_signature, sign
from shared.runtime.http_call import Answer, NoAnswer, check_address, http_call

PDF = b"%PDF-"
_REGISTERED, _NOTICE = RegisteredSchema(), NoticeSchema()


@dataclass(frozen=True, slots=True)
class HttpPostSettings:
    """How to reach a postal provider.

    Attributes:
        name: as in addresses and tables.
        address: without a slash at the end.
        key: signs messages in both directions.
        timeout_seconds: for one call.
    """

    name: str
    address: str
    key: str = field(repr=False)
    timeout_seconds: float = 8.0

    def __post_init__(self) -> None:
        check_address(self.address)


class HttpPost:
    """A postal provider; an implementation of :class:`services.notify.post.providers.port.PostalProvider`.

    Args:
        settings: how to reach it.
        now: gives real time.
    """

    def __init__(self, settings: HttpPostSettings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now

    @property
    def name(self) -> str:
        """Short, as in addresses and tables."""
        return self._settings.name

    def register(self, order: ParcelOrder) -> RegisteredParcel:
        """Registers a parcel; see the port."""
        body = {
            "id": order.id,
            "service": order.service,
            "desk": {"code": order.agency, "name": order.desk},
            "citizen": {"name": order.name, "phone": order.phone, "address": order.address},
            "grams": order.grams,
        }
        taken = self._loaded(self._call("POST", "/parcels", orjson.dumps(body), order.id), _REGISTERED)
        try:
            label = base64.b64decode(taken["label"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise PostUnavailable("the label cannot be read") from error
        if label and not label.startswith(PDF):
            raise PostUnavailable("the label is no PDF file")
        return RegisteredParcel(taken["number"], taken["fee"], label)

    def cancel(self, id: str) -> None:
        """Cancels a parcel; see the port."""
        try:
            self._call("DELETE", f"/parcels/{quote(id, safe='')}", b"", id, well=(200, 204, 404))
        except PostRefused as error:
            raise PostRefused("the post has the parcel already") from error

    def tracking(self, number: str) -> Sequence[TrackingEvent]:
        """All reports about a parcel; see the port."""
        answer = self._call("GET", f"/parcels/{quote(number, safe='')}/tracking", b"", well=(200, 404))
        if answer.status == 404:
            return ()
        events: list[TrackingEvent] = self._loaded(answer, _NOTICE)["events"]
        return [one for one in events if one.number == number]

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[TrackingEvent]:
        """Authenticates a call-back and reads it; see the port."""
        try:
            check_signature(self._settings.key, body, headers.get(HEADER, ""), now)
            events: Sequence[TrackingEvent] = _NOTICE.loads(body)["events"]
        except (BadSignature, ValidationError, ValueError) as error:
            raise NoticeRefused(str(error)) from error
        return events

    def _call(self, method: str, path: str, body: bytes, key: str = "", well: Sequence[int] = (200, 201)) -> Answer:
        signed = f"{method} {path}\n".encode() + body
        headers = {HEADER: sign(self._settings.key, signed, self._now().astimezone(UTC))}
        if body:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = http_call(
                method, f"{self._settings.address}{path}", headers, body or None, self._settings.timeout_seconds
            )
        except NoAnswer as error:
            raise PostUnavailable("no answer in time") from error
        if answer.status in well:
            return answer
        if 400 <= answer.status < 500 and answer.status not in (401, 403, 408, 425, 429):
            raise PostRefused(f"{method} was answered with {answer.status}")
        raise PostUnavailable(f"{method} was answered with {answer.status}")

    @staticmethod
    def _loaded(answer: Answer, schema: Schema) -> dict[str, Any]:
        try:
            data: dict[str, Any] = schema.loads(answer.body)
        except (ValidationError, ValueError) as error:
            raise PostUnavailable("the answer cannot be read") from error
        return data
