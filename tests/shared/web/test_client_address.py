"""The caller's address: only the operator's own proxies are believed."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from shared.runtime.settings import SettingsError, read_settings
from shared.web.client_address import nearest_stranger

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # no proxy of ours: what it says of itself is not believed
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the beginning may be the caller's invention
        ("127.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "10.0.0.9", "10.0.0.9"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "", "203.0.113.5"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours(peer: str, forwarded: str, expected: str) -> None:
    assert nearest_stranger(peer, forwarded, PROXIES) == expected


def test_proxies_are_a_setting(tmp_path: Path) -> None:
    given = {"MOTCUA_DATA": str(tmp_path), "MOTCUA_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"}
    assert read_settings(given).trusted_proxies == PROXIES[::-1]
    with pytest.raises(SettingsError, match="neither an address nor a network"):
        read_settings(given | {"MOTCUA_TRUSTED_PROXIES": "proxy.example"})
