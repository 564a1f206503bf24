"""``motcua agency``: connect agencies' own software to the platform."""

from __future__ import annotations

from shared.cli.lazy_group import LazyGroup

COMMANDS = {
    "grant": "shared.cli.agency_grants:grant",
    "revoke": "shared.cli.agency_grants:revoke",
    "connect": "shared.cli.agency_http:connect",
    "disconnect": "shared.cli.agency_http:disconnect",
    "deliveries": "shared.cli.agency_http:deliveries",
    "list": "shared.cli.agency_grants:list_",
    "key": "shared.cli.agency_keys:key",
    "replay": "shared.cli.agency_grants:replay",
    "resend": "shared.cli.agency_resend:resend",
    "new": "shared.cli.agency_new:new",
    "check": "shared.cli.agency_check:check",
    "sandbox": "shared.cli.agency_sandbox:sandbox",
}

agency = LazyGroup(
    "agency",
    COMMANDS,
    short_help="Connect agencies' own software.",
    help="Connects agencies' own software to the platform.\n\n"
    "For the platform's operators: grant, revoke, connect, disconnect, deliveries, list, key, replay, resend (docs/agency-access.md).\n"
    "For an agency's developers: new, check, sandbox (docs/agency.md).\n\n"
    "Example: motcua agency grant H12.14.02",
)
