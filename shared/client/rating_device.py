"""A rating device at a counter, played by a program: paired with a code, it delivers what visitors press."""

from __future__ import annotations

import http.client
import json
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from shared.client.http import TIMEOUT_SECONDS, ApiError

CODE_COOKIE, DEVICE_COOKIE = "motcua_device_pairing", "motcua_rating_device"
BETWEEN = timedelta(seconds=20)
"""Between two visitors who rate at one device; closer together they are put aside."""
VERSION = "simulated"


class RatingDevice:
    """One device of a desk. For one thread at a time.

    Args:
        address: where the platform is.
        number: of the device at its desk.
    """

    def __init__(self, address: str, number: int) -> None:
        self.address = address
        self.number = number
        self._token = ""
        self._pairing = ""
        self._sequence = 0

    @property
    def paired(self) -> bool:
        """Whether it is paired."""
        return bool(self._pairing)

    def pair(self, staff_token: str, counter: int) -> None:
        """A clerk of the desk makes a code, which is typed into the device.

        Args:
            staff_token: bearer token of the clerk.
            counter: at which it stands.

        Raises:
            ApiError: the platform refuses.
        """
        form = {"number": str(self.number), "counter": str(counter)}
        made = self._send("POST", "/rating/devices", form, {"Authorization": f"Bearer {staff_token}"})
        code = json.loads(urlsafe_b64decode(made[CODE_COOKIE]))["code"]
        self._token = self._send("POST", "/rating/device-pairing", {"code": code})[DEVICE_COOKIE]
        self._pairing = self._answer("GET", "/rating/device/state.json")["pairing"]

    def deliver(self, scores: Sequence[int], now: datetime) -> int:
        """Delivers what visitors have pressed just before, one after the other; returns how many count.

        Args:
            scores: 1 to 5 each, the first visitor's first.
            now: business time, which the device's clock shows.
        """
        ratings = [self._rating(score, now - BETWEEN * (len(scores) - place)) for place, score in enumerate(scores)]
        body = {"sent_at": now.isoformat(), "version": VERSION, "waiting": len(ratings), "ratings": ratings}
        return len(self._answer("POST", "/rating/device/contact", body)["kept"])

    def _rating(self, score: int, at: datetime) -> dict[str, Any]:
        self._sequence += 1
        return {
            "id": str(uuid.uuid4()),
            "sequence": self._sequence,
            "pairing": self._pairing,
            "visit": None,
            "tapped_at": at.isoformat(),
            "offset_ms": 0,
            "score": score,
            "courtesy": {"greeting": True, "thanks": True},
        }

    def _send(
        self, method: str, path: str, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Sends a form; returns the cookies of the answer."""
        typed = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        _, cookies = self._once(method, path, urlencode(form).encode(), typed)
        return cookies

    def _answer(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Accept": "application/json", "Cookie": f"{DEVICE_COOKIE}={self._token}"}
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        raw, cookies = self._once(method, path, sent, headers)
        self._token = cookies.get(DEVICE_COOKIE, self._token)
        return json.loads(raw)

    def _once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, {"Origin": self.address, **headers})
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise ApiError(response.status, {"title": f"{method} {path}", "detail": raw[:300].decode(errors="replace")})
        pairs = [text.partition(";")[0].partition("=") for text in response.headers.get_all("Set-Cookie", [])]
        return raw, {name.strip(): value.strip('"') for name, _, value in pairs}
