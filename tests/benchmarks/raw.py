"""The limits that benchmarks are compared with: the same work with pika and psycopg alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pika
import psycopg
from sqlalchemy.engine import make_url

WINDOW = 500
BATCH = 100


def plain_dsn(url: str) -> str:
    """Converts an SQLAlchemy URL into a libpq URL."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def publish_pipelined(url: str, queue: str, bodies: Sequence[bytes], window: int = WINDOW) -> float:
    """Publishes persistent messages with pipelined confirms on pika's SelectConnection; returns seconds.

    Args:
        url: the broker.
        queue: their queue, through the default exchange.
        bodies: the messages.
        window: unconfirmed messages at most.
    """
    publisher = _Pipelined(queue, bodies, window)
    publisher.connection = pika.SelectConnection(pika.URLParameters(url), on_open_callback=publisher.opened)
    publisher.connection.ioloop.start()
    return publisher.seconds


class _Pipelined:
    def __init__(self, queue: str, bodies: Sequence[bytes], window: int) -> None:
        self.queue, self.bodies, self.window = queue, bodies, window
        self.sent = self.confirmed = 0
        self.seconds = self.started = 0.0
        self.properties = pika.BasicProperties(delivery_mode=2)
        self.connection: pika.SelectConnection

    def opened(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self.ready)

    def ready(self, channel: pika.channel.Channel) -> None:
        self.channel = channel
        channel.confirm_delivery(self.acked, callback=lambda _: self.begin())

    def begin(self) -> None:
        self.started = time.perf_counter()
        self.fill()

    def fill(self) -> None:
        while self.sent < len(self.bodies) and self.sent - self.confirmed < self.window:
            self.channel.basic_publish("", self.queue, self.bodies[self.sent], self.properties)
            self.sent += 1

    def acked(self, frame: pika.frame.Method) -> None:
        tag = frame.method.delivery_tag
        self.confirmed = tag if frame.method.multiple else self.confirmed + 1
        if self.confirmed == len(self.bodies):
            self.seconds = time.perf_counter() - self.started
            self.connection.close()
            self.connection.ioloop.stop()
        else:
            self.fill()


def consume_and_insert(url: str, queue: str, count: int, dsn: str) -> float:
    """Consumes with pika and inserts each batch of 100 with one raw statement, acknowledging after commit; returns seconds."""
    database = psycopg.connect(dsn)
    database.execute("CREATE TABLE raw_effect (id bigserial PRIMARY KEY, body text NOT NULL)")
    database.commit()
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=BATCH * 4)
    started = time.perf_counter()
    bodies: list[str] = []
    done = 0
    for method, _, body in channel.consume(queue, inactivity_timeout=1):
        if method is None:
            break
        bodies.append(body.decode())
        if len(bodies) == BATCH or done + len(bodies) == count:
            database.execute("INSERT INTO raw_effect (body) SELECT unnest(%s::text[])", (bodies,))
            database.commit()
            channel.basic_ack(method.delivery_tag, multiple=True)
            done += len(bodies)
            bodies = []
        if done == count:
            break
    seconds = time.perf_counter() - started
    connection.close()
    database.close()
    return seconds


def best(runs: int, measure: Callable[[], float]) -> float:
    """The shortest of several runs, which is the least disturbed one."""
    return min(measure() for _ in range(runs))
