"""``motcua stats``: the numbers of stats and the archive of events they come from."""

from __future__ import annotations

from shared.cli.lazy_group import LazyGroup

COMMANDS = {
    "archive": "shared.cli.stats_archive:archive",
    "rebuild": "shared.cli.stats_rebuild:rebuild",
    "verify": "shared.cli.stats_verify:verify",
}
"""Command → import path."""

stats = LazyGroup(
    "stats",
    COMMANDS,
    short_help="The numbers of stats, and the archive they come from.",
    help="Checks and rebuilds the numbers that leaders see.\n\nExample: motcua stats archive verify",
)
