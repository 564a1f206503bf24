"""The provider file: a good one, and every fault named with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.notify.channels.config.reader import configured_file, read_providers
from services.notify.channels.domain import Channel
from shared.data_files import DataError

ENVIRON = {"A_SECRET": "pass1234", "B_SECRET": "a-long-key-of-the-gateway"}
SMPP: dict[str, Any] = {
    "name": "network-a",
    "channel": "sms",
    "kind": "smpp",
    "weight": 3,
    "rate_per_second": 100,
    "price": 450,
    "address": "smpp.example.vn:2776",
    "system_id": "motcua",
    "secret_env": "A_SECRET",
    "sender": "MOTCUA",
    "agency_senders": {"H57.10.01": "UBND TP"},
}
HTTP: dict[str, Any] = {
    "name": "gateway-b",
    "channel": "sms",
    "kind": "http-sms",
    "price": 500,
    "address": "https://sms.example.vn/messages",
    "secret_env": "B_SECRET",
    "sender": "8088",
}


def read(directory: Path, *providers: dict[str, Any], environ: dict[str, str] | None = None) -> Any:
    file = directory / "providers.json"
    file.write_text(json.dumps({"providers": list(providers)}))
    return read_providers(file, ENVIRON if environ is None else environ)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    network, gateway, spool = read(tmp_path, SMPP, HTTP, {"name": "files", "channel": "email", "kind": "spool"})
    assert (network.name, network.channel, network.weight, network.rate_per_second) == (
        "network-a",
        Channel.SMS,
        3,
        100,
    )
    assert (gateway.weight, gateway.rate_per_second, gateway.reports) == (1, 0, True)
    assert spool.channel is Channel.EMAIL
    assert not network.reports
    assert "pass1234" not in repr(network)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"name": "Network A"}, "name:"),
        ({"channel": "fax"}, "channel: 'fax' is none of"),
        ({"channel": "letter"}, "kind: smpp takes no letter"),
        ({"kind": "carrier-pigeon"}, "kind: 'carrier-pigeon' is none of"),
        ({"weight": 0}, "weight: must be a number from 1 to 1000, not 0"),
        ({"weight": 1.5}, "weight: must be a whole number"),
        ({"rate_per_second": -1}, "rate_per_second: must be a number"),
        ({"price": "450"}, "price: must be a number"),
        ({"address": "smpp.example.vn:99999"}, "address: 'smpp.example.vn:99999' is not HOST:PORT"),
        ({"address": "http://smpp.example.vn"}, "is not HOST:PORT"),
        ({"secret_env": "MISSING"}, "secret_env: the environment variable MISSING is not set"),
        ({"secret_env": "my secret"}, "secret_env: must be the name of an environment variable"),
        ({"secret_env": "B_SECRET"}, "secret_env: a password of SMPP has at most 8 characters"),
        ({"password": "pass1234"}, "password: unknown"),
        ({"sender": "A NAME TOO LONG"}, "sender: 'A NAME TOO LONG' is neither a brandname"),
        ({"agency_senders": {"H57": "Uỷ ban"}}, "agency_senders.H57: 'Uỷ ban' is neither a brandname"),
        ({"version": "4.0"}, "version: '4.0' is none of 3.4, 5.0"),
        ({"window": 0}, "window:"),
        ({"system_id": "a-name-that-is-too-long"}, "system_id: must be at most 15"),
        ({"tls_ca": "/no/such/file"}, "tls_ca: /no/such/file cannot be read"),
        ({"concatenation": "glue"}, "concatenation: 'glue' is none of"),
    ],
)
def test_each_fault_is_named_with_its_place(tmp_path: Path, changed: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, {**SMPP, **changed})
    text = str(caught.value)
    assert fault in text
    assert "providers[0]" in text
    assert "pass1234" not in text


@pytest.mark.parametrize(
    "address", ["http://sms.example.vn/messages", "ftp://sms.example.vn", "sms.example.vn", "https://"]
)
def test_numbers_are_posted_only_encrypted_or_to_this_machine(tmp_path: Path, address: str) -> None:
    with pytest.raises(DataError, match="address: must be https"):
        read(tmp_path, {**HTTP, "address": address})
    assert read(tmp_path, {**HTTP, "address": "http://127.0.0.1:8080/messages"})


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, {**SMPP, "weight": 0}, {**HTTP, "price": -1}, SMPP, environ={})
    faults = str(caught.value)
    for part in ("weight", "price", "A_SECRET", "B_SECRET", "two providers are called network-a"):
        assert part in faults


def test_an_empty_list_and_a_missing_file_are_faults(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least 1"):
        read(tmp_path)
    with pytest.raises(DataError, match="cannot read"):
        read_providers(tmp_path / "none.json", ENVIRON)


def test_without_the_setting_there_is_no_file() -> None:
    assert configured_file({}) is None
    assert configured_file({"MOTCUA_NOTIFY_PROVIDERS": " "}) is None
