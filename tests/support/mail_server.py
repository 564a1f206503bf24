"""A mail server (SMTP) as a process, which does to each e-mail what the recipient's address says.

``python -m tests.support.mail_server PORT FOLDER CERTIFICATE KEY SECURITY [limit=N] [no-dsn] [no-utf8]``. SECURITY is ``starttls``,
``tls`` or ``none``. Each e-mail that it takes is a JSON file in FOLDER. The recipient's local part up to a ``+`` says what is done with it:
see the methods of the handler. Anything else is simply taken.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import ssl
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "motcua", "correct horse battery staple"
_DSN = re.compile(r" (RET|ENVID|NOTIFY|ORCPT)=(\S+)", re.IGNORECASE)
_NUMBERS = itertools.count(1)


class Server(SMTP):
    """Knows the parameters of requests for reports (RFC 3461), which aiosmtpd does not."""

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM."""
        await super().smtp_MAIL(self.without_parameters(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT TO."""
        await super().smtp_RCPT(self.without_parameters(arg))

    def without_parameters(self, arg: str | None) -> str | None:
        """Keeps the parameters for the handler."""
        if arg is None or not self.event_handler.dsn:
            return arg
        assert self.session is not None
        known = getattr(self.session, "dsn", {})
        self.session.dsn = known | {name.upper(): value for name, value in _DSN.findall(arg)}  # type: ignore[attr-defined]
        return _DSN.sub("", arg)


class Handler:
    """Takes e-mails, or does what the address says."""

    def __init__(self, folder: Path, options: list[str]) -> None:
        self.folder = folder
        self.dsn = "no-dsn" not in options
        limits = [int(option.removeprefix("limit=")) for option in options if option.startswith("limit=")]
        self.stopped = False
        self.limit = limits[0] if limits else 1_000_000

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Says what it can."""
        session.host_name = hostname
        return [*responses[:-1], *(["250-DSN"] if self.dsn else []), responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes so many e-mails through one connection."""
        taken = getattr(session, "taken", 0)
        if taken >= self.limit:
            hang_up(server)
            return "421 4.7.0 Too many messages in this connection"
        if address.startswith("refused@"):
            return "550 5.7.1 You are not allowed to write"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answers as the address says."""
        answers = {
            "refuse": f"550 5.1.1 <{address}>: no such user",
            "full": f"452 4.2.2 <{address}>: mailbox full",
            "busy": "452 4.3.1 Insufficient system storage",
            "later": "451 4.7.1 Greylisted",
            "closing": "421 4.3.2 Shutting down",
        }
        name = address.partition("@")[0].partition("+")[0]
        if name == "closing":
            hang_up(server)
        if name == "cut":
            transport(server).abort()
        if name in answers:
            return answers[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Takes the e-mail, or not."""
        name = envelope.rcpt_tos[0].partition("@")[0].partition("+")[0]
        if name == "spam":
            return "554 5.7.1 This looks like spam"
        if name == "tired":
            return "451 4.3.0 Try again later"
        if name == "hang":
            await asyncio.sleep(600)
        if name == "drip":
            await drip(server)
        if name == "slow":
            await asyncio.sleep(1)
        self.keep(server, session, envelope)
        if name == "drop":  # taken, and nobody hears of it
            transport(server).abort()
        if name == "stop" and not self.stopped:  # the same, the first time only
            self.stopped = True
            await asyncio.sleep(600)
        session.taken = getattr(session, "taken", 0) + 1  # type: ignore[attr-defined]
        return "250 OK"

    def keep(self, server: SMTP, session: Session, envelope: Envelope) -> None:
        """Writes what came as one file, complete from its first moment on."""
        content = envelope.content
        assert isinstance(content, bytes)
        found: dict[str, Any] = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "dsn": getattr(session, "dsn", {}),
            "tls": transport(server).get_extra_info("ssl_object") is not None,
            "user": session.auth_data.decode() if isinstance(session.auth_data, bytes) else "",
            "peer": session.peer,
            "content": content.decode("utf-8"),
        }
        draft = self.folder / f".{time.time_ns()}-{next(_NUMBERS)}"
        draft.write_text(json.dumps(found))
        draft.rename(self.folder / f"{draft.name[1:]}.json")


def transport(server: SMTP) -> asyncio.Transport:
    """The connection."""
    assert isinstance(server.transport, asyncio.Transport)
    return server.transport


def hang_up(server: SMTP) -> None:
    """Ends the connection after the answer."""
    asyncio.get_running_loop().call_later(0.1, transport(server).close)


async def drip(server: SMTP) -> None:
    """Sends byte after byte, for a minute."""
    for _ in range(600):
        transport(server).write(b"2")
        await asyncio.sleep(0.1)


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Knows one user."""
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False, auth_data=data.login if right else None)


async def serve(port: int, folder: Path, certificate: str, key: str, security: str, options: list[str]) -> None:
    """Serves until the process ends."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    handler = Handler(folder, options)

    def made() -> SMTP:
        return Server(
            handler,
            enable_SMTPUTF8="no-utf8" not in options,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=authenticate,
            auth_required=security != "none",
            auth_require_tls=security == "starttls",
        )

    listener = await asyncio.get_running_loop().create_server(
        made, "127.0.0.1", port, ssl=context if security == "tls" else None
    )
    await listener.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5], sys.argv[6:]))
