from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared.plugin_sdk.devtools.process_group import alive, processes
from tests.support.processes import listening, wait_until
from tests.support.rabbitmq import USER, RabbitServer, vhost_of


@contextmanager
def channel(url: str, **options: str) -> Iterator[BlockingChannel]:
    suffix = "?" + "&".join(f"{name}={value}" for name, value in options.items()) if options else ""
    connection = pika.BlockingConnection(pika.URLParameters(url + suffix))
    try:
        opened = connection.channel()
        opened.confirm_delivery()
        yield opened
    finally:
        if connection.is_open:
            connection.close()


def declare(opened: BlockingChannel, queue: str) -> int:
    found = opened.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    return int(found.method.message_count)


def publish(opened: BlockingChannel, queue: str, body: bytes) -> None:
    opened.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True)


def test_virtual_hosts_do_not_see_each_other(rabbit: RabbitServer) -> None:
    one, other = rabbit.create_vhost(), rabbit.create_vhost("other host")
    assert vhost_of(other) == "other host"
    with channel(one) as here, channel(other) as there:
        declare(here, "intake")
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="no queue 'intake'"):
            there.queue_declare("intake", passive=True)
    rabbit.delete_vhost(one)
    rabbit.delete_vhost(other)
    names = {vhost["name"] for vhost in rabbit.api("GET", "vhosts")}
    assert names.isdisjoint({vhost_of(one), vhost_of(other)})


def test_ctl_reaches_this_node(rabbit: RabbitServer, rabbit_url: str) -> None:
    assert vhost_of(rabbit_url) in rabbit.ctl("list_vhosts").split()
    with pytest.raises(RuntimeError, match="authenticate"):
        rabbit.ctl("authenticate_user", USER, "not the password")


def test_alarm_kill_restart_and_end_of_a_private_node() -> None:
    """One node for all of them, because each start takes seconds."""
    with RabbitServer() as server:
        url, directory = server.create_vhost(), server.directory
        with channel(url) as opened:
            declare(opened, "kept")
            publish(opened, "kept", b"one")

        for set_alarm in (server.set_memory_alarm, server.set_disk_alarm):
            set_alarm(True)
            with (
                pytest.raises(pika.exceptions.ConnectionBlockedTimeout),
                channel(url, blocked_connection_timeout="1") as opened,
            ):
                publish(opened, "kept", b"blocked")
            set_alarm(False)
        with channel(url) as opened:
            publish(opened, "kept", b"two")

        server.kill9()
        assert not listening(server.port)
        server.start()
        with channel(url) as opened:
            # Whether the broker accepts a blocked publisher's message after the alarm is not tested here.
            bodies = [wait_until(lambda: opened.basic_get("kept", auto_ack=True)[2])]
            while declare(opened, "kept"):
                bodies.append(wait_until(lambda: opened.basic_get("kept", auto_ack=True)[2]))
            assert [body for body in bodies if body != b"blocked"] == [b"one", b"two"]
        session = [process.pid for process in processes() if _belongs_to(process.pid, str(directory))]
        assert server.pid in session
        assert len(session) > 1, "epmd belongs to it too"
    wait_until(lambda: not any(alive(pid) for pid in session), what="the end of every process of the node")
    assert not directory.exists()


def _belongs_to(pid: int, home: str) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as environ:
            return f"HOME={home}".encode() in environ.read().split(b"\0")
    except OSError:
        return False
