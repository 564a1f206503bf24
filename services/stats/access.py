"""Who may see what in stats. The API asks only this module.

Leaders and operators may see the numbers of all agencies and the codes of the dossiers behind them. The board of totals is public: it
shows no dossier and no person. Nobody may change a fact: facts follow from events.
"""

from __future__ import annotations

from shared.auth import Principal

STATISTICS_READERS = ("leader", "operator")
"""Roles that may see statistics, of any agency."""


class NotStatisticsReader(Exception):
    """The actor may not see statistics."""


def require_statistics_reader(actor: Principal) -> None:
    """Checks that the actor may see statistics.

    Raises:
        NotStatisticsReader: the actor has none of the roles :data:`STATISTICS_READERS`.
    """
    if not actor.has(*STATISTICS_READERS):
        raise NotStatisticsReader
