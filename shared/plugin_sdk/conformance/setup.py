"""Opens a bench on a broker: a private one, or one that is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import unquote, urlsplit

from pika.exceptions import AMQPError

from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.harness import Bench, Occupied
from shared.plugin_sdk.devtools.private_broker import BrokerFailed, PrivateBroker

DEFAULT_CODE = "THU.01"
"""No real agency has it: on a broker that others use, nothing of theirs is touched."""


class CannotOpen(RuntimeError):
    """There is no broker to work on, or the agency may not be used there; one clear line."""


@contextmanager
def open_bench(code: str, url: str = "", management_url: str = "") -> Iterator[Bench]:
    """A bench for one agency.

    Args:
        code: the agency's code.
        url: the AMQP URL of an administrator; a private broker is started if empty.
        management_url: that broker's management API, ``http://user:password@host:15672``.

    Raises:
        CannotOpen: no RabbitMQ, no connection, no rights, no such code, or the agency is at work there.
    """
    with ExitStack() as stack:
        try:
            if url:
                management = Management(management_url, unquote(urlsplit(url).path[1:]) or "/")
            else:
                broker = stack.enter_context(PrivateBroker())
                url, management = broker.url(), broker.management()
            bench = stack.enter_context(Bench(url, management, code))
        except AMQPError as error:
            place = urlsplit(url)
            fault = f"{type(error).__name__}: {error}".rstrip(": ")
            raise CannotOpen(f"RabbitMQ at {place.hostname}:{place.port} cannot be used: {fault}") from error
        except (BrokerFailed, Occupied, OSError, ValueError) as error:
            raise CannotOpen(f"{error}" or type(error).__name__) from error
        yield bench
