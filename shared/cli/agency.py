"""``motcua agency``: agencies that plug in their own programs."""

from __future__ import annotations

from shared.cli.lazy_group import LazyGroup

COMMANDS = {
    "grant": "shared.cli.agency_grants:grant",
    "revoke": "shared.cli.agency_grants:revoke",
    "list": "shared.cli.agency_grants:list_",
    "replay": "shared.cli.agency_grants:replay",
    "new": "shared.cli.agency_new:new",
    "check": "shared.cli.agency_check:check",
    "sandbox": "shared.cli.agency_sandbox:sandbox",
}

agency = LazyGroup(
    "agency",
    COMMANDS,
    short_help="Let agencies plug in their own programs.",
    help="Agencies that plug in their own programs: their rights at the broker, and a kit for their developers.\n\n"
    "Example: motcua agency grant H12.14.02",
)
