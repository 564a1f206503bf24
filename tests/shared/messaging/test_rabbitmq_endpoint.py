"""Parsing the bus URL."""

from __future__ import annotations

import pytest

from shared.messaging.rabbitmq import RabbitMqBus
from shared.messaging.rabbitmq.endpoint import parse_endpoint

SECRET = "bí mật/@:?"
QUOTED = "b%C3%AD%20m%E1%BA%ADt%2F%40%3A%3F"


def test_all_parts_of_a_url_are_parsed():
    endpoint = parse_endpoint(f"amqp://một-cửa:{QUOTED}@broker.example:5673/tỉnh%2F1?heartbeat=5&confirm_timeout=2.5")
    assert (endpoint.host, endpoint.port, endpoint.user, endpoint.vhost) == (
        "broker.example",
        5673,
        "một-cửa",
        "tỉnh/1",
    )
    assert (endpoint.password, endpoint.heartbeat, endpoint.confirm_timeout) == (SECRET, 5, 2.5)
    assert not endpoint.tls


@pytest.mark.parametrize(
    ("url", "port", "vhost", "tls"),
    [
        ("amqp://broker", 5672, "/", False),
        ("amqp://broker/", 5672, "/", False),
        ("amqps://broker/%2F", 5671, "/", True),
        ("amqps://broker:443/events", 443, "events", True),
    ],
)
def test_missing_parts_have_default_values(url: str, port: int, vhost: str, tls: bool):
    endpoint = parse_endpoint(url)
    assert (endpoint.port, endpoint.vhost, endpoint.tls) == (port, vhost, tls)


def test_an_ipv6_address_reaches_both_clients():
    endpoint = parse_endpoint("amqp://[::1]:5673/")
    assert endpoint.pika_parameters("test").host == "::1"
    assert endpoint.kombu_connection("test").host == "[::1]:5673"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://u:s3cret@broker/", "it is not amqp"),
        ("amqp:///", "it is not amqp"),
        ("amqp://u:s3cret@broker:port/", "host or port"),
        ("amqp://u:s3cret@broker:99999/", "host or port"),
        ("amqp://u:s3cret/broker/", "host or port"),
        ("amqp://[u:s3cret@broker/", "host or port"),
        ("amqp://u:s3cret@broker/?heartbeat=soon", "heartbeat must be a number"),
        ("amqp://u:s3cret@broker/?heartbeat=0", "heartbeat must be greater than 0"),
        ("amqp://u:s3cret@broker/?confirm_timeout=nan", "confirm_timeout must be greater than 0"),
        ("amqp://u:s3cret@broker/?prefetch=70000", "at most 65535"),
        ("amqp://u:s3cret@broker/?verify=s3cret", "unknown option"),
        ("amqp://u:s3cret@broker/?password=s3cret", "unknown option"),
    ],
)
def test_an_invalid_url_is_refused_and_not_shown(url: str, reason: str):
    with pytest.raises(ValueError, match=reason) as refused:
        parse_endpoint(url)
    assert "s3cret" not in str(refused.value)
    assert (
        refused.value.__context__ is None or refused.value.__suppress_context__
    )  # a traceback does not show it either


def test_nothing_shows_the_password():
    url = f"amqp://motcua:{QUOTED}@broker/"
    endpoint = parse_endpoint(url)
    shown = [repr(endpoint), str(endpoint), repr(RabbitMqBus(url, "test")), endpoint.address]
    shown += [repr(endpoint.pika_parameters("test")), repr(endpoint.kombu_connection("test"))]
    for text in shown:
        assert SECRET not in text
        assert QUOTED not in text
