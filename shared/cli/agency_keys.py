"""``motcua agency key``: the keys with which agencies' own software gets access tokens."""

from __future__ import annotations

import getpass
from datetime import datetime

import click

from services.operations import agency_keys as operations
from shared.agencies import UnknownAgency
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_store
from shared.cli.text_type import LINE
from shared.messaging.sender_identity import agency_name
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import Settings, read_settings

SECRET_SETTING = "MOTCUA_CLIENT_SECRET"
"""The setting of an agency's program that holds the secret of its key."""
STATES = {
    "valid": "có hiệu lực · valid",
    "expired": "hết hạn · expired",
    "revoked": "đã thu hồi · revoked",
}


def acting_operator() -> str:
    """Who runs this command, for the record."""
    return f"cli:{getpass.getuser()}"


@click.group(short_help="Keys with which an agency's program gets access tokens.")
def key() -> None:
    """Keys with which an agency's program gets access tokens. Two may be valid at once, so that one is replaced without a gap: make
    another, wait until `list` shows that it is used, revoke the old one. See docs/agency-access.md.

    Example: motcua agency key new H12.14.02
    """


@key.command(short_help="Make a key.")
@click.argument("code", type=LINE)
def new(code: str) -> None:
    """Makes a key for the agency CODE and prints it, ready for an .env file, only this once. Its other keys stay valid.

    Example: motcua agency key new H12.14.02
    """
    settings = read_settings()
    _check_agency(code, settings)
    if not settings.auth.agencies_have_keys:
        raise CommandError("this platform accepts tokens of an identity provider, so it has no keys of agencies")
    with migrated_store("routing", settings) as store:
        try:
            made = operations.make_agency_key(store, code, acting_operator())
        except ValueError as error:
            raise CommandError(str(error)) from error
    click.echo(f"# Khóa mới của cơ quan {code} · new key of agency {code}: {made.id}")
    click.echo(f"# Có hiệu lực đến · valid until {_written(made.expires_at)}; chỉ hiện một lần · shown only this once")
    click.echo(f"{SECRET_SETTING}={made.secret}")


@key.command(name="list", short_help="List an agency's keys.")
@click.argument("code", type=LINE)
def list_(code: str) -> None:
    """Lists the keys of the agency CODE, the oldest first: until when each is valid, and when it was last used (an hour late at most).

    Example: motcua agency key list H12.14.02
    """
    settings = read_settings()
    with migrated_store("routing", settings) as store:
        found = operations.agency_keys(store, code)
    for one in found:
        used = _written(one.used_at) if one.used_at else "chưa · never"
        click.echo(
            f"{one.id}  {STATES[one.state]:22} đến · until {_written(one.expires_at)}  dùng · used {used:16}  "
            f"cấp · made {_written(one.made_at)} {one.made_by}"
        )
    if not found:
        click.echo("chưa có khóa nào · no keys")


@key.command(short_help="Revoke a key at once.")
@click.argument("code", type=LINE)
@click.argument("key_id", type=LINE, metavar="KEY")
def revoke(code: str, key_id: str) -> None:
    """Revokes the KEY of the agency CODE: it gives no tokens any more. A token that it gave before is good until its end, an hour at most.

    Example: motcua agency key revoke H12.14.02 3f9a12bc
    """
    settings = read_settings()
    with migrated_store("routing", settings) as store:
        try:
            revoked = operations.revoke_agency_key(store, code, key_id, acting_operator())
        except LookupError as error:
            raise CommandError(str(error)) from error
    result = "đã bị thu hồi · is revoked" if revoked else "đã bị thu hồi từ trước · was revoked before"
    click.echo(f"Khóa {key_id} của cơ quan {code} {result}")


def _check_agency(code: str, settings: Settings) -> None:
    try:
        agency_name(code)
        load_reference(settings.agencies_dir).agencies.get(code)
    except (ValueError, UnknownAgency) as error:
        raise CommandError(str(error)) from error


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
