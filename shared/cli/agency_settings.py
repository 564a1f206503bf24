"""The settings of an agency's program, as ``motcua agency grant`` prints them: every line is one of an .env file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from services.operations.agency_keys import (
    ListedKey,
    NewKey,
    agency_keys,
    check_room_for_agency_key,
    make_agency_key,
)
from shared.cli.agency_keys import SECRET_SETTING, acting_operator
from shared.cli.errors import CommandError
from shared.messaging.rabbitmq.endpoint import PORTS, Endpoint
from shared.messaging.sender_identity import agency_name
from shared.persistence.store import Store
from shared.runtime.settings import Settings

BROKER_SETTING = "MOTCUA_AGENCY_BROKER"
EXAMPLE = "amqps://broker.example.gov.vn:5671/motcua"
PLACEHOLDER = "PASSWORD"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where agencies reach the broker; without an account.

    Attributes:
        scheme: ``amqp`` or ``amqps``.
        place: host and port.
        vhost: the virtual host.
        stated: whether the operators have stated it; if not, it is where the platform itself reaches the broker.
    """

    scheme: str
    place: str
    vhost: str
    stated: bool

    def url(self, code: str, password: str) -> str:
        """The whole URL with an agency's account."""
        account = f"{quote(agency_name(code), safe='')}:{quote(password, safe='')}"
        return f"{self.scheme}://{account}@{self.place}/{quote(self.vhost, safe='')}"


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """What a grant does about keys.

    Attributes:
        agency: its code.
        issued_here: whether the platform gives agencies' tokens itself.
        makes: whether a key is made.
        kept: the valid keys that the agency has.
    """

    agency: str
    issued_here: bool
    makes: bool
    kept: tuple[ListedKey, ...]

    def make(self, store: Store) -> NewKey | None:
        """Makes the key, if one is to be made.

        Args:
            store: routing's.

        Raises:
            CommandError: somebody else has made as many as may be since this was planned.
        """
        try:
            return make_agency_key(store, self.agency, acting_operator()) if self.makes else None
        except ValueError as error:
            raise CommandError(str(error)) from error


def broker_url(platforms: Endpoint) -> BrokerAddress:
    """Where agencies reach the broker.

    Args:
        platforms: where the platform itself does.

    Raises:
        CommandError: the setting cannot be read.
    """
    text = os.environ.get(BROKER_SETTING, "").strip()
    if not text:
        host = f"[{platforms.host}]" if ":" in platforms.host else platforms.host
        scheme = "amqps" if platforms.tls else "amqp"
        return BrokerAddress(scheme, f"{host}:{platforms.port}", platforms.vhost, False)
    try:
        parts = urlsplit(text)
        known = parts.scheme in PORTS and bool(parts.hostname) and not parts.username and not parts.query
        place = f"{parts.netloc}" if known and parts.port else f"{parts.netloc}:{PORTS.get(parts.scheme)}"
    except ValueError:
        known, place = False, ""
    if not known:
        raise CommandError(f"{BROKER_SETTING} is not an address without an account, such as {EXAMPLE}")
    return BrokerAddress(parts.scheme, place, parts.path.strip("/") or platforms.vhost, True)


def plan_key(store: Store, settings: Settings, agency: str, wanted: bool) -> KeyPlan:
    """What a grant is to do about keys, looked up before anything is changed.

    Args:
        store: routing's.
        settings: of the platform.
        agency: its code.
        wanted: whether another key is wanted although one is valid.

    Raises:
        CommandError: another is wanted, and none can be made.
    """
    if not settings.auth.agencies_have_keys:
        if wanted:
            raise CommandError("this platform accepts tokens of an identity provider, so it has no keys of agencies")
        return KeyPlan(agency, False, False, ())
    valid = tuple(key for key in agency_keys(store, agency) if key.state == "valid")
    if wanted:
        try:
            check_room_for_agency_key(store, agency)
        except ValueError as error:
            raise CommandError(str(error)) from error
    return KeyPlan(agency, True, wanted or not valid, valid)


def lines(
    code: str, broker: BrokerAddress, password: str, settings: Settings, plan: KeyPlan, key: NewKey | None
) -> Iterator[str]:
    """The settings of an agency's program, and what its operators must know of them, as comments.

    Args:
        code: the agency's.
        broker: its address.
        password: of the agency's account there; empty if it is known already and not to be shown.
        settings: of the platform.
        plan: what was done about keys.
        key: the one that was made.
    """
    yield "#"
    yield "# Dán vào tệp .env của phần mềm; mật khẩu và khóa chỉ hiện một lần."
    yield "# For the program's .env file; password and key are shown only this once."
    yield f"MOTCUA_AGENCY={code}"
    if not broker.stated:
        yield f"# Địa chỉ trong mạng của hệ thống · as the platform itself reaches it; for another set {BROKER_SETTING}"
    if not password:
        yield f"# Thay {PLACEHOLDER} bằng mật khẩu đã đặt · put the password that you have set in place of {PLACEHOLDER}"
    yield f"MOTCUA_AMQP_URL={broker.url(code, password or PLACEHOLDER)}"
    yield f"MOTCUA_URL={settings.public_url}"
    yield from _key_lines(plan, key)


def _key_lines(plan: KeyPlan, key: NewKey | None) -> Iterator[str]:
    if not plan.issued_here:
        yield "# MOTCUA_TOKEN: lấy ở nhà cung cấp định danh của hệ thống · get it from the platform's identity provider"
        return
    for kept in plan.kept:
        yield f"# Khóa {kept.id} giữ nguyên, có hiệu lực đến {_day(kept.expires_at)} · key {kept.id} stays valid until then"
    if key is not None:
        yield f"# Khóa mới · new key {key.id}, có hiệu lực đến · valid until {_day(key.expires_at)}"
        yield f"{SECRET_SETTING}={key.secret}"
    else:
        yield f"# {SECRET_SETTING}: như đã cấp · as given before; --new-key makes another"


def _day(moment: datetime) -> str:
    return f"{moment:%H:%M %d/%m/%Y}"
