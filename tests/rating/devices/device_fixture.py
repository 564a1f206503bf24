"""A paired tablet of a desk, for tests without a browser: it speaks as ``static/device.js`` does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from services.rating.devices.commands import new_pairing_code
from services.rating.devices.session import COOKIE, PATH
from shared.persistence.store import Store
from shared.runtime.keyed_hash import keyed_hash
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DESK, OTHER_DESK = "H12.31.01", "H12.32.01"
OWN = {"Origin": "http://localhost", "Accept": "text/html"}


def pairing_code(store: Store, number: int = 1, counter: int | None = 3, desk: str = DESK) -> str:
    """A code that pairs a tablet."""
    return store.run(lambda work: new_pairing_code(work, desk, number, counter, "clerk-7"))


def served(act: str, ticket: str, at: datetime, number: str = "A012", counter: int = 3, place: int = 1) -> Any:
    """What intake tells of a visitor at a counter."""
    about: dict[str, Any] = {
        "official": "clerk-ax",
        "desk": DESK,
        "counter": counter,
        "ticket": ticket,
        "number": number,
    }
    return event("official.served", place, act=act, at=at.isoformat(), **about)


def visit_id(service: ServiceUnderTest, ticket: str) -> str:
    """How a device names a visit."""
    return keyed_hash(service.context.settings.hash_key, "visit", ticket)


class Tablet:
    """A paired tablet.

    Args:
        app: rating's web app.
        service: on which it runs.
        ahead: how far its clock is ahead of the platform's.
    """

    def __init__(
        self,
        app: Flask,
        service: ServiceUnderTest,
        number: int = 1,
        counter: int | None = 3,
        ahead: timedelta = timedelta(0),
    ) -> None:
        self.client: Any = app.test_client()
        self._service = service
        self.ahead = ahead
        self._sequence = 0
        self.pair(number, counter)

    def pair(self, number: int = 1, counter: int | None = 3) -> None:
        """Types in a new code."""
        code = pairing_code(self._service.store, number, counter)
        answer = self.client.post("/rating/device-pairing", data={"code": code}, headers=OWN)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/rating/device/?lang=vi")
        self.pairing: str = self.state()["pairing"]

    def clock(self) -> datetime:
        """What its own clock shows."""
        return self._service.store.clock.now() + self.ahead

    @property
    def token(self) -> str:
        """What its cookie says."""
        found: str = self.client.get_cookie(COOKIE, path=PATH).value
        return found

    def show(self, token: str) -> None:
        """Puts a token into its cookie, as of a time before an answer was lost."""
        self.client.set_cookie(COOKIE, token, path=PATH)

    def state(self) -> dict[str, Any]:
        """What its counter does."""
        answer = self.client.get("/rating/device/state.json")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def tap(
        self, score: int = 5, visit: str | None = None, offset: timedelta | None = None, **further: Any
    ) -> dict[str, Any]:
        """A rating as it keeps it."""
        self._sequence += 1
        kept = {"id": str(uuid.uuid4()), "sequence": self._sequence, "pairing": self.pairing, "visit": visit}
        kept |= {"tapped_at": self.clock().isoformat(), "score": score, "courtesy": {"greeting": True}}
        return kept | {"offset_ms": None if offset is None else round(offset.total_seconds() * 1000)} | further

    def deliver(self, *ratings: dict[str, Any], **report: Any) -> Any:
        """Reports and delivers; the whole answer."""
        said = {"sent_at": self.clock().isoformat(), "version": "v1", "waiting": len(ratings)} | report
        return self.client.post(
            "/rating/device/contact", json=said | {"ratings": ratings}, headers=OWN | {"Accept": "application/json"}
        )

    def delivered(self, ratings: Sequence[dict[str, Any]]) -> dict[str, str]:
        """Delivers; rating → what became of it."""
        answer = self.deliver(*ratings)
        assert answer.status_code == 200, answer.text
        return dict.fromkeys(answer.json["kept"], "kept") | dict(answer.json["aside"])
