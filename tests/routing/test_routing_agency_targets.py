"""Where webhooks may be sent, and what their answers lead to."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.agency_http.call import call
from services.routing.agency_http.domain import Answer, HttpRules, Verdict, pause, verdict
from services.routing.agency_http.settings import http_rules, load_http_rules
from services.routing.agency_http.targets import TargetRefused, check_address, parse_target
from shared.data_files import DataError
from shared.runtime.clock import VIETNAM
from tests.support.webhook_receiver import Receiver, receiver

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=VIETNAM)


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[Receiver]:
    """An agency's server."""
    with receiver(tmp_path) as made:
        yield made


BAD_URLS = (
    "http://land.example.vn/",
    "ftp://land.example.vn/",
    "https://",
    "land.example.vn",
    "https://user:word@land.example.vn/",
    "https://land.example.vn/#part",
    "https://land.example.vn:99999/",
    "https://land.example.vn/a b",
    "https://land.example.vn/\r\nX: y",
    "https://đấtđai.vn/",
    "https://[::1/",
    "https://land.example.vn/" + "x" * 500,
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://[::1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:192.168.0.1]/",
)


@pytest.mark.parametrize("url", BAD_URLS)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        parse_target(url, allow_private=False)


def test_an_address_in_its_parts() -> None:
    target = parse_target("https://land.example.vn:8443/in/steps?x=1", allow_private=False)
    assert (target.host, target.port, target.path, target.authority) == (
        "land.example.vn",
        8443,
        "/in/steps?x=1",
        "land.example.vn:8443",
    )
    assert parse_target("https://land.example.vn", allow_private=False).authority == "land.example.vn"


PRIVATE = ("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "0.1.2.3",
           "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1")  # fmt: skip
NEVER = ("169.254.169.254", "224.0.0.1", "255.255.255.255", "0.0.0.0", "240.0.0.1", "::", "fe80::1", "ff02::1",
         "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe")  # fmt: skip
PUBLIC = ("203.113.152.10", "2405:4800::1", "::ffff:203.113.152.10")


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_the_operators_leave(address: str) -> None:
    check_address(ip_address(address), allow_private=True)
    with pytest.raises(TargetRefused):
        check_address(ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_no_leave_opens(address: str) -> None:
    with pytest.raises(TargetRefused):
        check_address(ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    check_address(ip_address(address), allow_private=False)


def test_a_name_that_leads_into_the_own_network_is_refused_when_it_is_called(agency: Receiver) -> None:
    """The name was public when it was checked, and its server answers otherwise now."""
    target = parse_target(agency.url.replace("127.0.0.1", "land.example.vn"), allow_private=False)
    tls = ssl.create_default_context(cafile=agency.ca_file)

    def lead(*addresses: str) -> Answer:
        return call(target, {}, b"{}", timedelta(seconds=2), NOW, tls=tls, addresses=lambda _host, _port: addresses)

    for addresses in (("127.0.0.1",), ("203.113.152.10", "127.0.0.1"), ("fe80::1%eth0",)):
        assert lead(*addresses).error == "refused_address"
    assert agency.received == []


def test_the_certificate_must_be_the_hosts_own(agency: Receiver) -> None:
    target = parse_target(agency.url.replace("127.0.0.1", "land.example.vn"), allow_private=True)
    tls = ssl.create_default_context(cafile=agency.ca_file)
    answer = call(target, {}, b"{}", timedelta(seconds=2), NOW, True, tls, lambda _host, _port: ["127.0.0.1"])
    assert (answer.status, answer.error) == (None, "certificate")


DAYS = timedelta(days=3)


@pytest.mark.parametrize(
    ("answer", "event_for", "target_for", "wanted"),
    [
        (Answer(200, "", 1), DAYS * 2, DAYS * 2, Verdict.DONE),
        (Answer(204, "", 1), timedelta(0), timedelta(0), Verdict.DONE),
        (Answer(301, "", 1), timedelta(0), timedelta(0), Verdict.RETRY),
        (Answer(410, "", 1), timedelta(0), timedelta(0), Verdict.DISABLE),
        (Answer(None, "timeout", 1), timedelta(0), timedelta(0), Verdict.RETRY),
        (Answer(500, "", 1), DAYS - timedelta(seconds=1), timedelta(0), Verdict.RETRY),
        (Answer(500, "", 1), DAYS, timedelta(hours=1), Verdict.GIVE_UP),
        (Answer(500, "", 1), DAYS, DAYS, Verdict.DISABLE),
        (Answer(500, "", 1), timedelta(0), DAYS, Verdict.DISABLE),
    ],
)
def test_what_an_attempt_leads_to(answer: Answer, event_for: timedelta, target_for: timedelta, wanted: Verdict) -> None:
    assert verdict(answer, http_rules(), NOW, NOW - event_for, NOW - target_for) is wanted


@given(st.integers(1, 10_000), st.integers(0, 10**9), st.floats(0, 1))
def test_pauses_grow_and_have_bounds(attempts: int, asked: int, chance: float) -> None:
    rules = http_rules()
    answer = Answer(503, "", 1, timedelta(seconds=asked))
    found = pause(attempts, answer, rules, chance)
    assert rules.retries[0] <= found <= max(rules.longest_retry_after, rules.retries[-1] * (1 + rules.jitter))
    assert pause(attempts + 1, Answer(503, "", 1), rules, chance) >= pause(attempts, Answer(503, "", 1), rules, chance)


def test_faults_of_the_numbers_are_named(tmp_path: Path) -> None:
    file = tmp_path / "agency_http.json"
    file.write_text('{"retries": [], "jitter_percent": 200, "keep": 3}')
    with pytest.raises(DataError) as error:
        load_http_rules(file)
    assert all(word in str(error.value) for word in ("retries", "jitter_percent", "call_seconds", "keep"))
    assert isinstance(http_rules(), HttpRules)
