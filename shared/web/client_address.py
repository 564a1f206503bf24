"""The address of the caller of the current request. Behind proxies of the operator it is what they say, and only they are believed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import request

from shared.web.current_context import context

Network = IPv4Network | IPv6Network
IPV6_PREFIX = 64
"""The network that one connection has; its owner chooses the rest of the address freely."""


def client_address() -> str:
    """The caller's address; for IPv6 its network."""
    return nearest_stranger(
        request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), context().settings.trusted_proxies
    )


def nearest_stranger(peer: str, forwarded_for: str, trusted: Iterable[Network]) -> str:
    """The last address on the way here that is not one of the operator's proxies.

    Args:
        peer: the other end of the connection.
        forwarded_for: the header X-Forwarded-For, in which each proxy has added whom it heard; the caller may have written its beginning.
        trusted: the networks of the operator's proxies.
    """
    networks = tuple(trusted)
    found = _parsed(peer)
    for text in reversed(forwarded_for.split(",")):
        if found is None or not any(found in network for network in networks):
            break
        further = _parsed(text)
        if further is None:
            break
        found = further
    if isinstance(found, IPv6Address):
        return str(ip_network((found, IPV6_PREFIX), strict=False))
    return str(found) if found is not None else peer


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
