"""``motcua signing-key``: the key pair of a platform that issues its own tokens."""

from __future__ import annotations

from pathlib import Path

import click

from shared.cli.errors import CommandError
from shared.runtime.signing_key import UnusableSigningKey, key_set, read_signing_key, write_signing_key


@click.command(short_help="Make a key that signs tokens, and print what checks them.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE...")
def signing_key(files: tuple[Path, ...]) -> None:
    """Makes the private key FILE if it does not exist, and prints the public key set for MOTCUA_JWKS, on one line.

    Services get the public set and can only check tokens. The private file stays where `motcua token` is run, with
    MOTCUA_JWT_SIGNING_KEY_FILE. To change keys, name the new and the old file until the old tokens have expired.

    Example: motcua signing-key token-2026.pem
    """
    try:
        for file in files:
            if not file.exists():
                write_signing_key(file)
        click.echo(key_set(*(read_signing_key(str(file)) for file in files)))
    except (OSError, UnusableSigningKey) as error:
        raise CommandError(str(error)) from error
