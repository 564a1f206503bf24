"""Starts the mail server of `mail_server`, and reads what it has taken."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.certificates import own_certificate
from tests.support.processes import Proc, python, wait_port


@dataclass(frozen=True)
class TakenMail:
    """An e-mail that the server has taken, with its envelope.

    Attributes:
        sender: of the envelope.
        recipients: of the envelope.
        options: of MAIL FROM.
        dsn: the parameters of the request for reports.
        tls: whether the connection was encrypted.
        user: who had logged in.
        peer: address and port of the client: the same for all e-mails of one connection.
        message: the e-mail.
    """

    sender: str
    recipients: list[str]
    options: list[str]
    dsn: dict[str, str]
    tls: bool
    user: str
    peer: tuple[str, int]
    message: EmailMessage

    def text(self, kind: str) -> str:
        """The text of its part ``plain`` or ``html``."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


class MailServer:
    """A server; use it as a context manager.

    Args:
        folder: for certificate, log and e-mails.
        security: ``starttls``, ``tls`` or ``none``.
        options: of the process.
        port: an own one by default; for a server that comes back.
    """

    def __init__(self, folder: Path, security: str, *options: str, port: int = 0) -> None:
        self.port = port or free_port()
        self.taken = folder / "taken"
        self.taken.mkdir(parents=True, exist_ok=True)
        self.certificate, key = own_certificate(folder, "127.0.0.1")
        module = ("-m", "tests.support.mail_server")
        arguments = (str(self.port), str(self.taken), self.certificate, key, security, *options)
        self.process = Proc(python(*module, *arguments), log=folder / "mail_server.log")

    def mails(self) -> list[TakenMail]:
        """What it has taken, in order."""
        return [_read(file) for file in sorted(self.taken.glob("[!.]*.json"))]

    def forget(self) -> None:
        """Forgets what it has taken."""
        for file in self.taken.iterdir():
            file.unlink()

    def __enter__(self) -> Self:
        wait_port(self.port, process=self.process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill9()


def _read(file: Path) -> TakenMail:
    found = json.loads(file.read_text())
    message = email.message_from_string(found["content"], policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return TakenMail(
        found["from"],
        found["to"],
        found["options"],
        found["dsn"],
        found["tls"],
        found["user"],
        tuple(found["peer"]),
        message,
    )
