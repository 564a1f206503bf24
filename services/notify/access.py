"""Who may do and see what in notify. The API asks only this module.

Staff may only read messages. Nobody may send one by hand: messages follow from events.
"""

from __future__ import annotations

from shared.auth import Principal

MESSAGE_READERS = ("clerk", "leader")
"""Roles that may read messages, of any agency: a citizen may ask at any centre (NĐ 118/2025, Điều 14.2), not only where the dossier
was received. Each reading is recorded in the audit."""


class NotMessageReader(Exception):
    """The actor may not read messages."""


def require_message_reader(actor: Principal) -> None:
    """Checks that the actor may read the messages of any dossier.

    Raises:
        NotMessageReader: the actor has none of the roles :data:`MESSAGE_READERS`.
    """
    if not actor.has(*MESSAGE_READERS):
        raise NotMessageReader
