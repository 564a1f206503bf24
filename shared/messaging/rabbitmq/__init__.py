"""The RabbitMQ carrier behind the port in `shared.messaging.port`.

`endpoint` reads the URL, `admin` declares the topology (kombu), `link` keeps one pika connection in an I/O thread, `reconnect` replaces
a link that was lost, `publisher` and `consumer` are the two ends of the bus, `watch` knows when a consumer is stuck.
"""

from __future__ import annotations

from shared.messaging.rabbitmq.admin import TopologyConflict
from shared.messaging.rabbitmq.bus import RabbitMqBus

__all__ = ["RabbitMqBus", "TopologyConflict"]
