"""The ``motcua`` command."""

from __future__ import annotations

import gc
import os
import sys

import click

from shared.cli.errors import OneLineErrors
from shared.cli.lazy_group import LazyGroup
from shared.runtime.private_files import UMASK

GC_THRESHOLDS = (50_000, 20, 20)
"""Thresholds of the garbage collector. Higher than the defaults: a request makes hundreds of objects and leaves no cycle."""
COMMANDS = {
    "up": "shared.cli.up:up",
    "web": "shared.cli.serve:web",
    "worker": "shared.cli.serve:worker",
    "relay": "shared.cli.serve:relay",
    "migrate": "shared.cli.data:migrate",
    "import": "shared.cli.data:import_",
    "token": "shared.cli.token:token",
    "signing-key": "shared.cli.signing_key:signing_key",
    "data-keys": "shared.cli.data_keys:data_keys",
    "demo": "shared.cli.demo:demo",
    "simulate": "shared.cli.simulate:simulate",
    "parked": "shared.cli.parked:parked",
    "events": "shared.cli.events:events",
    "bus": "shared.cli.bus:bus",
    "store": "shared.cli.store:store",
    "stats": "shared.cli.stats:stats",
    "replay": "shared.cli.replay:replay",
    "control-sheets": "shared.cli.control_sheets:control_sheets",
    "contracts": "shared.cli.contracts:contracts",
    "access": "shared.cli.access:access",
    "agency": "shared.cli.agency:agency",
    "payments": "shared.cli.payments:payments",
    "reports": "shared.cli.reports:reports",
    "portal": "shared.cli.portal:portal",
    "bounce": "shared.cli.bounce:bounce",
}

cli = LazyGroup(
    "motcua",
    COMMANDS,
    help="Một cửa — the software of a one-stop public administrative service centre.\n\nExample: motcua up",
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(package_name="motcua", prog_name="motcua", message="%(prog)s %(version)s")(cli)


def main() -> None:
    """Entry point. Errors that the person at the terminal can correct are printed as one line, not as a traceback."""
    os.umask(UMASK)
    gc.set_threshold(*GC_THRESHOLDS)  # before the imports, which make many objects that stay
    with OneLineErrors():
        sys.exit(cli.main(prog_name="motcua", standalone_mode=True))
