"""``motcua bounce``: takes a mail server's report about an e-mail that it could not deliver, from standard input."""

from __future__ import annotations

import os
import sys

import click

from shared.cli.text_type import CleanLine

MAX_BYTES = 2 << 20
MAX_ADDRESS = 320


@click.command(short_help="Take a mail server's report about an undelivered e-mail.")
@click.argument("recipient", required=False, default="", type=CleanLine(MAX_ADDRESS))
def bounce(recipient: str) -> None:
    """For the pipe of a mail server: reads a report (RFC 3464) from standard input. RECIPIENT is the address to which it was delivered;
    without it the address is looked for in the report. See docs/email-and-chat.md.

    The exit status is that of sysexits.h: 0 if it was taken, 65 (EX_DATAERR) if it is no report about an e-mail of ours, so that the mail
    server drops it, and 75 (EX_TEMPFAIL) for all that is wrong here, so that the mail server tries again.

    Example: motcua bounce "$RECIPIENT" < report.eml
    """
    content = sys.stdin.buffer.read(MAX_BYTES)
    try:
        outcome = _take(content, recipient)
    except Exception as error:  # noqa: BLE001 - whatever is wrong here, the mail server must keep the report
        first_line = (str(error).splitlines() or [""])[0]
        click.echo(f"motcua: the report cannot be taken now: {type(error).__name__}: {first_line}", err=True)
        sys.exit(os.EX_TEMPFAIL)
    if outcome is None:
        click.echo("motcua: this is no report about an e-mail of ours", err=True)
        sys.exit(os.EX_DATAERR)
    click.echo(outcome)


def _take(content: bytes, recipient: str) -> str | None:
    """What the report says; None if it is none of ours. All that may fail is imported here."""
    from services import operations
    from shared.cli.store_access import migrated_context
    from shared.runtime.settings import read_settings

    with migrated_context("notify", read_settings()) as context:
        return operations.take_bounce(context, content, recipient)
