"""An e-mail as it is sent (RFC 5322): plain text and HTML with the same content."""

from __future__ import annotations

import email.policy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from services.notify.channels.email.address import EmailAddress
from services.notify.channels.email.settings import DEFAULT_AGENCY
from services.notify.channels.port import EmailContent, Outgoing
from shared.runtime.clock import VIETNAM
from shared.text import comparable_line

MAX_NAME, MAX_SUBJECT = 120, 200
"""Characters; what is longer is cut."""


@dataclass(frozen=True)
class Letterhead:
    """In whose name e-mails are written.

    Attributes:
        sender: the address in From, one for all, so that the domain's rules about senders (SPF, DKIM, DMARC) hold for each e-mail.
        agency_name: the name of an agency by its code; it stands before the address.
        reply_to: agency → the address that answers go to; ``default`` is for all others. Without one, nobody reads answers.
    """

    sender: EmailAddress
    agency_name: Callable[[str], str]
    reply_to: Mapping[str, EmailAddress]

    def write(self, outgoing: Outgoing, recipient: EmailAddress, at: datetime) -> EmailMessage:
        """Writes an e-mail.

        Its Message-ID follows from the delivery, so a recipient's server that gets it twice can know it. ``Auto-Submitted``
        (RFC 3834) keeps the answering machines of others silent.

        Args:
            outgoing: with the content of an e-mail.
            recipient: its address.
            at: real time.

        Raises:
            TypeError: the content is another channel's.
        """
        content = outgoing.content
        if not isinstance(content, EmailContent):
            raise TypeError(f"{type(content).__name__} is no content of an e-mail")
        name = comparable_line(self.agency_name(outgoing.agency))[:MAX_NAME]
        subject = comparable_line(content.subject)[:MAX_SUBJECT]
        message = EmailMessage(policy=email.policy.SMTPUTF8 if recipient.international else email.policy.SMTP)
        message["From"] = _header_address(self.sender, name)
        message["To"] = _header_address(recipient)
        reply_to = self.reply_to.get(outgoing.agency) or self.reply_to.get(DEFAULT_AGENCY)
        if reply_to is not None:
            message["Reply-To"] = _header_address(reply_to, name)
        message["Subject"] = subject
        message["Date"] = at.astimezone(VIETNAM)
        message["Message-ID"] = f"<{outgoing.id}@{self.sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(content.text, charset="utf-8", cte="quoted-printable")
        message.add_alternative(content.html, subtype="html", charset="utf-8", cte="quoted-printable")
        message["Content-Language"] = (
            outgoing.language
        )  # last: what makes the parts moves headers of the content into them
        return message


def _header_address(address: EmailAddress, name: str = "") -> Address:
    return Address(name, address.local, address.domain)
