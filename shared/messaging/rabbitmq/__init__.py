"""The RabbitMQ transport behind the port in `shared.messaging.port`.

- `endpoint` parses the URL; `admin` declares the topology (kombu); `bus` puts the parts together.
- `connection` keeps one pika connection in an I/O thread; `reconnect` replaces a lost one; `buffered_connection` adapts pika's own.
- `publisher` and `consumer` are the two ends of the bus. `publisher` tells refused, unroutable and confirmed events apart, and raises
  when the broker is blocked by an alarm.
- `stall_detector` finds a consumer that gets no messages although some wait.
"""

from __future__ import annotations

from shared.messaging.rabbitmq.admin import TopologyConflict
from shared.messaging.rabbitmq.bus import RabbitMqBus

__all__ = ["RabbitMqBus", "TopologyConflict"]
