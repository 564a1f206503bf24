"""The ``motcua`` command."""

from __future__ import annotations

import sys

from shared.cli.lazy import LazyGroup, OneLineErrors

COMMANDS = {
    "up": "shared.cli.up:up",
    "web": "shared.cli.serve:web",
    "worker": "shared.cli.serve:worker",
    "relay": "shared.cli.serve:relay",
    "migrate": "shared.cli.data:migrate",
    "import": "shared.cli.data:import_",
    "token": "shared.cli.token:token",
    "demo": "shared.cli.demo:demo",
    "simulate": "shared.cli.simulate:simulate",
    "parked": "shared.cli.parked:parked",
    "control-sheet": "shared.cli.control_sheet:control_sheet",
    "contracts": "shared.cli.contracts:contracts",
    "agency": "shared.cli.agency:agency",
    "portal": "shared.cli.portal:portal",
}

cli = LazyGroup(
    "motcua",
    COMMANDS,
    help="Một cửa — the software of a one-stop public administrative service centre.\n\nExample: motcua up",
)


def main() -> None:
    """Entry point: what a person can cause ends in one clear line, not in a traceback."""
    with OneLineErrors():
        sys.exit(cli.main(standalone_mode=True))
