"""The migrations of notify's database, and the metadata of all its tables as they are now."""

from __future__ import annotations

# each of these stores adds its tables to the metadata
from services.notify.channels import receipt_store as _receipts  # noqa: F401
from services.notify.channels.chat import store as _chat_tokens  # noqa: F401
from services.notify.channels.health import store as _health  # noqa: F401
from services.notify.channels.parts import store as _parts  # noqa: F401
from services.notify.contacts import store as _contacts  # noqa: F401
from services.notify.database import metadata
from services.notify.delivery import store as _deliveries  # noqa: F401
from services.notify.inbound import status as _statuses  # noqa: F401
from services.notify.inbound import store as _inbound  # noqa: F401
from services.notify.messages import store as _messages  # noqa: F401
from services.notify.post import tables as _post  # noqa: F401
from services.notify.reports import store as _report_recipients  # noqa: F401
from services.notify.surveys import store as _surveys  # noqa: F401
from services.notify.templates import store as _templates  # noqa: F401

__all__ = ["metadata"]
