"""Where webhooks may be sent: by HTTPS, and not into the platform's own network unless the operators allow it for an agency.

Source: RFC 6890 and the IANA registries of special-purpose addresses, as Python's `ipaddress` knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

MAX_URL = 500
_NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


class TargetRefused(ValueError):
    """Nothing may be sent to this address."""


@dataclass(frozen=True, slots=True)
class Target:
    """The address of a webhook in its parts; `path` includes the query."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def parse_target(url: str, allow_private: bool) -> Target:
    """Checks the address of a webhook.

    Args:
        url: as the operator has typed it.
        allow_private: whether the platform's own network is allowed.

    Raises:
        TargetRefused: says why.
    """
    if len(url) > MAX_URL or not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise TargetRefused(f"an address has at most {MAX_URL} ASCII characters, without spaces")
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise TargetRefused("it is no address such as https://host/path") from error
    if parts.scheme != "https" or not parts.hostname:
        raise TargetRefused("it is no address such as https://host/path")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetRefused("it must have no user, password or fragment")
    if (literal := _literal(parts.hostname)) is not None:
        check_address(literal, allow_private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port, path)


def check_address(address: Address, allow_private: bool) -> None:
    """Checks one IP address.

    Args:
        address: to which a connection is to be made.
        allow_private: whether the platform's own network is allowed; link-local addresses, where clouds give out credentials, and those
            of no single machine never are.

    Raises:
        TargetRefused: nothing may be sent there.
    """
    real = _embedded(address) or address
    nowhere = (
        real.is_multicast or real.is_unspecified or real.is_link_local or (real.is_reserved and not real.is_loopback)
    )
    if nowhere:
        raise TargetRefused(f"{address} is not the address of an agency's server")
    if not real.is_global and not allow_private:
        raise TargetRefused(f"{address} is in a private network")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
