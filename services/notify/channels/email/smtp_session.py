"""One connection to a mail server (RFC 5321): what becomes of each e-mail that is handed over through it.

An e-mail is taken once the server has answered the line with a single dot. So whatever ends the connection before that line was sent
leaves the e-mail untaken, and only what ends it between that line and the answer leaves it in doubt.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage

from services.notify.channels.email.address import EmailAddress
from services.notify.channels.email.settings import STARTTLS, TLS, SmtpSettings
from services.notify.channels.email.status_codes import in_words, status_of
from services.notify.channels.port import Accepted, InDoubt, Outcome, PermanentlyFailed, TemporarilyFailed, Throttled

SHUTTING_DOWN, NO_ROOM = 421, 452
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)
_LOST = (OSError, ValueError)
"""What smtplib raises when a connection ends (its own errors are OSErrors). ValueError: reading from a TLS socket that is closed."""
_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")


class CannotConnect(Exception):
    """No e-mail can be handed over through this server now; none was.

    Attributes:
        outcome: of each delivery that waits for it.
    """

    def __init__(self, outcome: TemporarilyFailed | Throttled) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class ConnectionLost(Exception):
    """The connection ended, or the server asked to end it, before it had the whole e-mail: the e-mail was not taken.

    Attributes:
        outcome: of the e-mail, if it is not tried again through another connection.
    """

    def __init__(self, outcome: TemporarilyFailed | Throttled) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, for the mail servers on the way.

    Attributes:
        sender: reports about this e-mail go there.
        recipient: one.
        identity: repeated in reports (ENVID, RFC 3461); empty for none.
    """

    sender: EmailAddress
    recipient: EmailAddress
    identity: str


class SmtpSession:
    """A connection; use it as a context manager.

    Args:
        client: connected, and logged in if need be.
        settings: of the server.
        until: monotonic time by which it ends.

    Attributes:
        answered: e-mails that the server took or refused.
        usable: whether another e-mail can be handed over.
    """

    def __init__(self, client: smtplib.SMTP, settings: SmtpSettings, until: float) -> None:
        self._client = client
        self._settings = settings
        self._until = until
        self.answered = 0
        self.usable = True

    def hand_over(self, envelope: Envelope, message: EmailMessage) -> Outcome:
        """Hands one e-mail over.

        Raises:
            ConnectionLost: as it says; this session is not usable any more.
        """
        international = envelope.recipient.international
        if international and not self._client.has_extn("smtputf8"):
            return PermanentlyFailed("the mail server takes no addresses with letters outside ASCII")
        content = _LINE_DOT.sub(b"..", message.as_bytes())
        try:
            self._allow(self._settings.timeout_seconds)
            refused = self._begin(envelope, ["SMTPUTF8"] if international else [])
            if refused is not None:
                return self._after_refusal(refused)
            self._client.send(content)
        except _LOST as error:
            raise self._lost(error) from error
        return self._end()

    def close(self) -> None:
        """Says goodbye if the server still listens, and ends the connection."""
        try:
            if self.usable:
                self._allow(2)
                self._client.quit()
        except _LOST:
            self.usable = False
        finally:
            self._client.close()

    def _begin(self, envelope: Envelope, options: list[str]) -> Outcome | None:
        """Names sender and recipient and begins the content; the outcome if the server refuses any of them."""
        reports: list[str] = []
        if envelope.identity and self._client.has_extn("dsn"):
            options = [*options, "RET=HDRS", f"ENVID={xtext(envelope.identity)}"]
            reports = ["NOTIFY=FAILURE,DELAY"]
            if not envelope.recipient.international:
                reports.append(f"ORCPT=rfc822;{xtext(str(envelope.recipient))}")
        code, answer = self._client.mail(str(envelope.sender), options)
        if code != 250:
            return self._refusal(code, answer, "the sender", ours=True)
        code, answer = self._client.rcpt(str(envelope.recipient), reports)
        if code not in (250, 251):
            return self._refusal(code, answer, "the recipient")
        code, answer = self._client.docmd("DATA")
        if code != 354:
            return self._refusal(code, answer, "the e-mail")
        return None

    def _end(self) -> Outcome:
        try:
            self._allow(
                self._until - time.monotonic()
            )  # the longest wait of all: an answer that comes late is worth it
            code, answer = self._client.docmd(".")
            if code != 250:
                _require_refusal(code)
        except _LOST as error:
            self.usable = False
            return InDoubt(f"the connection ended before the mail server answered: {type(error).__name__}")
        if code == 250:
            self.answered += 1
            return Accepted()
        return self._after_refusal(self._refusal(code, answer, "the e-mail"))

    def _after_refusal(self, refused: Outcome) -> Outcome:
        """Makes the session ready for the next e-mail."""
        self.answered += 1
        if self.usable:
            try:
                self._client.rset()
            except _LOST:
                self.usable = False
        return refused

    def _refusal(self, code: int, answer: bytes, what: str, *, ours: bool = False) -> Outcome:
        """What the server's answer means for the delivery.

        Args:
            code: of the answer.
            answer: its text; only a status code in it is kept.
            what: is refused.
            ours: whether this is no fault of the recipient: then another attempt, or another server, may succeed.

        Raises:
            ConnectionLost: the server ends the connection.
        """
        if code == SHUTTING_DOWN:
            self.usable = False
            raise ConnectionLost(Throttled("the mail server ends the connection (421)", self._settings.retry_seconds))
        _require_refusal(code)
        reason = refusal_reason(code, answer, what)
        about_mailbox = status_of(answer.decode("ascii", "replace")).startswith("4.2.")
        if code == NO_ROOM and not about_mailbox:
            return Throttled(reason, self._settings.retry_seconds)
        if code >= 500 and not ours:
            return PermanentlyFailed(reason)
        return TemporarilyFailed(reason)

    def _lost(self, error: Exception) -> ConnectionLost:
        self.usable = False
        reason = f"the connection to the mail server ended: {type(error).__name__}"
        return ConnectionLost(TemporarilyFailed(reason))

    def _allow(self, seconds: float) -> None:
        left = min(seconds, self._until - time.monotonic())
        if left <= 0:
            raise TimeoutError("the time of the batch is over")
        if self._client.sock is not None:
            self._client.sock.settimeout(left)

    def __enter__(self) -> SmtpSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(client: smtplib.SMTP, settings: SmtpSettings) -> None:
    """Connects a client and logs in.

    Args:
        client: made by :func:`new_client`.
        settings: of the server.

    Raises:
        CannotConnect: as it says.
    """
    try:
        code, answer = client.connect(settings.host, settings.port)
        if code != 220:
            raise CannotConnect(_no_service(code, answer, "the connection", settings))
        client.ehlo_or_helo_if_needed()
        if settings.security == STARTTLS:
            client.starttls(context=tls_context(settings))
            client.ehlo_or_helo_if_needed()
        if settings.user:
            client.login(settings.user, settings.password)
    except ssl.SSLCertVerificationError as error:
        reason = f"the mail server's certificate is not valid: {error.verify_message}"
        raise CannotConnect(TemporarilyFailed(reason)) from error
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        raise CannotConnect(_no_service(error.smtp_code, text, "the log-in", settings)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise CannotConnect(TemporarilyFailed("the mail server offers no TLS, or no log-in")) from error
    except _LOST as error:
        raise CannotConnect(TemporarilyFailed(f"the mail server cannot be reached: {_named(error)}")) from error


def new_client(settings: SmtpSettings, seconds: float) -> smtplib.SMTP:
    """A client that is not connected yet.

    Args:
        settings: of the server.
        seconds: for each wait.
    """
    name = settings.sender.domain  # in our greeting; by default smtplib would ask the network for the machine's name
    if settings.security == TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=name, timeout=seconds, context=tls_context(settings))
    else:
        client = smtplib.SMTP(local_hostname=name, timeout=seconds)
    # The name that the certificate must have. Only a constructor that connects sets it, and then nobody could cut the connection off.
    client._host = settings.host  # type: ignore[attr-defined]
    return client


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Checks certificate and name of the server."""
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def refusal_reason(code: int, answer: bytes, what: str) -> str:
    """What is stored and shown of a refusal.

    Args:
        code: of the answer.
        answer: its text; it often repeats the address, so only a status code in it is kept.
        what: is refused.
    """
    status = status_of(answer.decode("ascii", "replace"))
    words = in_words(status)
    numbers = f"{code} {status}" if status else str(code)
    return (
        f"the mail server refuses {what}: {words} ({numbers})"
        if words
        else f"the mail server refuses {what} ({numbers})"
    )


def _require_refusal(code: int) -> None:
    """Anything but 4yz and 5yz is no refusal (RFC 5321, 4.2.1): a line that was cut off, or another protocol.

    Raises:
        smtplib.SMTPServerDisconnected: as it says.
    """
    if not 400 <= code <= 599:
        raise smtplib.SMTPServerDisconnected("not an answer")


def xtext(text: str) -> str:
    """A text as the value of a parameter (RFC 3461, 4)."""
    return _NOT_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text)


def _no_service(code: int, answer: bytes, what: str, settings: SmtpSettings) -> TemporarilyFailed | Throttled:
    reason = refusal_reason(code, answer, what)
    return Throttled(reason, settings.retry_seconds) if code == SHUTTING_DOWN else TemporarilyFailed(reason)


def _named(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else "") or type(error).__name__
