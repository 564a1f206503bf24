"""A signed-in citizen's browser, and samples of the files that citizens upload."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any, Protocol

from services.intake.sign_in import store as sessions
from services.intake.sign_in.domain import Citizen, citizen_subject
from services.intake.sign_in.session import COOKIE
from shared.runtime.context import Context
from tests.intake.service_fixture import DESK, LAND

OWN = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


def png(width: int = 1, height: int = 1) -> bytes:
    """A whole picture in PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"".join(b"\0" + b"\xff" * 3 * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf(extra: bytes = b"") -> bytes:
    """A whole document of one empty page in PDF."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj" % number + one + b"endobj\n"
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer<</Size 4/Root 1 0 R" + extra + b">>\nstartxref\n%d\n%%%%EOF\n" % len(body)


JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x7f\xff\xd9"
)
"""The frame of a picture of one pixel in JPEG."""


class IntakeApp(Protocol):
    """Intake as a browser meets it: its context, and a client of its app."""

    @property
    def context(self) -> Context: ...

    @property
    def client(self) -> Any: ...


class CitizenBrowser:
    """A citizen with a session at intake.

    Args:
        intake: the service.
        id_number, name: who they are.
    """

    def __init__(self, intake: IntakeApp, id_number: str = "096190002345", name: str = "Trần Thị An") -> None:
        self.intake = intake
        settings = intake.context.settings
        subject = citizen_subject(settings.hash_key, id_number)
        self.citizen = Citizen(subject, name, id_number, "citizen_id", "0912345670", "an@example.vn", "Khóm 3")
        self.client: Any = intake.client.application.test_client()
        self.token = intake.context.store.run(lambda work: sessions.begin(work, self.citizen))
        self.client.set_cookie(COOKIE, self.token, path="/intake")

    def get(self, path: str) -> Any:
        """Opens a page below ``/intake/online``."""
        return self.client.get(f"/intake/online{path}", headers=OWN)

    def dossiers(self) -> Any:
        """Opens the list of the citizen's dossiers."""
        return self.client.get("/intake/mine", headers=OWN)

    def post(self, path: str, **form: Any) -> Any:
        """Sends a form to a page below ``/intake/online``."""
        return self.client.post(f"/intake/online{path}", data=form, headers=OWN)

    def begin(self, procedure: str = LAND) -> str:
        """Begins a draft; its id."""
        answer = self.post("/drafts", procedure=procedure)
        assert answer.status_code == 303, answer.text
        found = re.search(r"/drafts/([0-9a-f-]{36})", answer.headers["Location"])
        assert found
        return found[1]

    def upload(self, draft: str, paper: str, content: bytes, name: str = "anh.png") -> Any:
        """Uploads a file for a paper."""
        return self.post(f"/drafts/{draft}/papers/{paper}", file=(io.BytesIO(content), name))

    def fill(self, draft: str) -> None:
        """Answers everything of a land transfer."""
        self.post(f"/drafts/{draft}/case", case="transfer")
        self.post(f"/drafts/{draft}/desk", desk=DESK)
        self.post(f"/drafts/{draft}/applicant", phone="0912 345 670", email="", address="Khóm 3")
        self.post(f"/drafts/{draft}/others")
        for paper in ("application", "certificate", "contract"):
            assert self.upload(draft, paper, png()).status_code == 303
        self.post(f"/drafts/{draft}/papers")
        self.post(f"/drafts/{draft}/result", delivery="electronic")
        self.post(f"/drafts/{draft}/fee")

    def submit(self, draft: str) -> Any:
        """Submits a draft."""
        return self.post(f"/drafts/{draft}/check", confirmed="yes")
