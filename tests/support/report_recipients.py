"""Somebody who gets e-mails about reports."""

from __future__ import annotations

from services.notify.reports import store
from services.notify.reports.commands import add_recipient
from shared.runtime.context import Context


def recipient_token(context: Context, agency: str) -> str:
    """Enters a recipient of an agency's reports; returns the token of the link that ends them.

    Args:
        context: of notify.
        agency: whose reports.
    """
    id_ = context.store.run(lambda work: add_recipient(work, agency, "van-phong@example.vn", "vi", "operator-1"))
    with context.store.read() as connection:
        found = store.find(connection, id_)
    assert found is not None
    return store.token_of(found)
