"""Complaints in several states on a platform, for tests that walk over pages."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import cast

import orjson

from services.rating.complaints.domain import Lodged
from services.rating.complaints.public.opened import OPENED, PLACE
from shared.runtime.context import Context
from tests.rating.complaints.complaint_fixture import ANSWER, TEXT, Office
from tests.support.service import ServiceUnderTest


@dataclass(frozen=True)
class SampleComplaints:
    """Complaints of which one waits for its complainant, one is answered, one rejected, and one published."""

    asked: Lodged
    answered: Lodged
    rejected: Lodged
    published: Lodged

    def opened_by(self, reader: tuple[str, str]) -> dict[tuple[str, str], str]:
        """What the browser of a reader holds: each has opened one in another state."""
        by_role = {"": self.asked, "citizen": self.answered, "clerk": self.rejected}
        return opened(by_role.get(reader[0], self.published))


def opened(one: Lodged) -> dict[tuple[str, str], str]:
    """What a browser holds that has opened a complaint."""
    known = {"code": one.code, "secret": one.secret, "visit": ""}
    return {(OPENED, PLACE): b64encode(orjson.dumps(known)).decode()}


def sample_complaints(context: Context) -> SampleComplaints:
    """Lodges and handles them.

    Args:
        context: of rating.
    """
    office = Office(cast(ServiceUnderTest, context))  # of which it needs the store alone
    asked, rejected = office.lodge(), office.lodge()
    office.act("request_more", asked.code, "Ông/bà đến quầy ngày nào?")
    office.act("reject", rejected.code, "other_authority", "Mời gửi đến Công an tỉnh.")
    answered, published = office.answered(), office.answered(field="land")
    office.act("publish", published.code, TEXT, ANSWER)
    return SampleComplaints(asked, answered, rejected, published)
