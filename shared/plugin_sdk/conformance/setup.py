"""Opens a harness on a private broker, or on a broker that the developer names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import unquote, urlsplit

from pika.exceptions import AMQPError

from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.harness import Harness, QueueInUse
from shared.plugin_sdk.devtools.private_broker import BrokerFailed, PrivateBroker

DEFAULT_CODE = "THU.01"
"""No real agency has this code, so a check on a shared broker touches no real queue."""


class HarnessError(RuntimeError):
    """The harness cannot be opened: no usable broker, a bad agency code, or a queue in use. The message is one line."""


@contextmanager
def open_harness(code: str, url: str = "", management_url: str = "") -> Iterator[Harness]:
    """Opens a harness for one agency.

    Args:
        code: the agency's code.
        url: the AMQP URL of an administrator; a private broker is started if empty.
        management_url: that broker's management API, ``http://user:password@host:15672``.

    Raises:
        HarnessError: no RabbitMQ, no connection, no rights, a bad code, or the agency's queue is in use.
    """
    with ExitStack() as stack:
        try:
            if url:
                management = Management(management_url, unquote(urlsplit(url).path[1:]) or "/")
            else:
                broker = stack.enter_context(PrivateBroker())
                url, management = broker.url(), broker.management()
            harness = stack.enter_context(Harness(url, management, code))
        except AMQPError as error:
            address = urlsplit(url)
            fault = f"{type(error).__name__}: {error}".rstrip(": ")
            raise HarnessError(f"RabbitMQ at {address.hostname}:{address.port} cannot be used: {fault}") from error
        except (BrokerFailed, QueueInUse, OSError, ValueError) as error:
            raise HarnessError(f"{error}" or type(error).__name__) from error
        yield harness
