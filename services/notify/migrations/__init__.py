"""The migrations of notify's database, and the metadata of all its tables as they are now."""

from __future__ import annotations

from services.notify.channels import receipts as _receipts  # noqa: F401 - adds its table to the metadata
from services.notify.contacts import store as _contacts  # noqa: F401 - adds its table to the metadata
from services.notify.database import metadata
from services.notify.messages import store as _messages  # noqa: F401 - adds its tables to the metadata

__all__ = ["metadata"]
