"""Grants an agency's program access to the broker, and revokes it.

A granted agency has a queue bound to its own topic, and a broker user that may only read that queue and publish to the agencies'
exchange with the agency's own routing keys. One code may be the prefix of another (H12, H12.14), so every pattern is anchored at
both ends. A broker serves one platform: a user has rights in one virtual host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kombu import Exchange, Queue

from shared.client.http import wait_for
from shared.messaging import entities
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, AGENCY_EVENTS, agency_name, sender_by_user
from shared.plugin_sdk.admin.management import Management

CLOSE_SECONDS = 15.0
END = r"\z"  # not $, which also matches before a trailing newline
MATCH_NOTHING = f"^{END}"


class QueueNotEmpty(RuntimeError):
    """An agency's queue still has messages, which would be lost with it."""


@dataclass(frozen=True, slots=True)
class AgencyAccess:
    """An agency's access to the broker.

    Attributes:
        code: the agency's code.
        granted: whether it has a user; if not, its access was revoked.
        connections: number of open connections.
        observes: whether its queue also receives the platform's own events.
    """

    code: str
    granted: bool
    connections: int
    observes: bool = False


def grant(management: Management, code: str, password: str) -> None:
    """Creates an agency's queue and its user with exactly the rights it needs. Idempotent.

    An existing password is replaced. Open connections stay open: if a password leaked, revoke first.

    Args:
        management: the broker's management API, with the platform's virtual host.
        code: the agency's code.
        password: for the user ``agency.<code>``.

    Raises:
        ValueError: the code cannot be part of a routing key, or the password is empty.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer, or refuses.
    """
    user = agency_name(code)
    if not password:
        raise ValueError("an agency's password must not be empty")
    for exchange in (entities.EVENTS, entities.AGENCIES, entities.DEAD_LETTERS):
        _declare_exchange(management, exchange)
    for queue in (entities.agency_dead_letter_queue(code), entities.agency_queue(code)):
        _declare_queue(management, queue)
    management.call("PUT", "users", user, body={"password": password, "tags": ""})
    _remove_other_permissions(management, user)
    # topic permissions first: without any, a user may publish with every routing key
    topics = {"exchange": AGENCIES_EXCHANGE, "write": _topics_pattern(user), "read": MATCH_NOTHING}
    management.call("PUT", "topic-permissions", management.vhost, user, body=topics)
    rights = {"configure": MATCH_NOTHING, "write": _exactly(AGENCIES_EXCHANGE), "read": _exactly(user)}
    management.call("PUT", "permissions", management.vhost, user, body=rights)


def set_observed_topics(management: Management, code: str, topics: Iterable[str]) -> None:
    """Sets which of the platform's own events a granted agency's queue receives, besides the events addressed to it. Idempotent.

    Only changes bindings: the agency's user gets no further rights. The bindings last as long as the queue, also when it is redeclared.

    Args:
        management: the broker's management API, with the platform's virtual host.
        code: the agency's code.
        topics: their routing keys; empty to remove all.

    Raises:
        ValueError: the code cannot be part of a routing key, or a topic is a pattern.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer, or refuses.
    """
    wanted, name = set(topics), agency_name(code)
    if patterns := [topic for topic in wanted if not re.fullmatch(r"[a-z0-9_.]+", topic)]:
        raise ValueError(f"an observer's topics must be named one by one, not by patterns: {', '.join(patterns)}")
    between = ("bindings", management.vhost, "e", entities.EVENTS.name, "q", name)
    bound = {entry["routing_key"]: entry["properties_key"] for entry in management.call("GET", *between)}
    for topic in sorted(wanted - bound.keys()):
        management.call("POST", *between, body={"routing_key": topic})
    for topic in bound.keys() - wanted - {name}:
        management.call("DELETE", *between, bound[topic], missing_ok=True)


def revoke(management: Management, code: str) -> bool:
    """Deletes an agency's user and closes its connections at once. Its queue stays, so that no message is lost.

    Returns:
        whether it had a user.

    Raises:
        ValueError: the code cannot be part of a routing key.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer, or refuses.
        TimeoutError: a connection is still open after 15 seconds.
    """
    user = agency_name(code)
    existed = management.call("GET", "users", user, missing_ok=True) is not None
    management.call("DELETE", "users", user, missing_ok=True)
    management.call("DELETE", "connections", "username", user, missing_ok=True)
    wait_for(lambda: not _connections(management, user), CLOSE_SECONDS, f"the end of the connections of {user}")
    return existed


def remove_queue(management: Management, depth: Callable[[str], int], code: str, force: bool = False) -> int:
    """Deletes the queues of a revoked agency.

    Args:
        management: the broker's management API, with the platform's virtual host.
        depth: returns the number of messages in a queue, by name (the management API's numbers are seconds old).
        code: the agency's code.
        force: whether to delete queues that have messages.

    Returns:
        the number of messages deleted.

    Raises:
        QueueNotEmpty: a queue has messages and `force` is false.
        ValueError: the code cannot be part of a routing key.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer, or refuses.
    """
    queues = (entities.agency_queue(code), entities.agency_dead_letter_queue(code))
    waiting = {queue.name: depth(queue.name) for queue in queues}
    if any(waiting.values()) and not force:
        held = ", ".join(f"{name}: {count}" for name, count in waiting.items() if count)
        raise QueueNotEmpty(f"there are still messages, which would be lost ({held})")
    for queue in queues:
        management.call("DELETE", "queues", management.vhost, queue.name, missing_ok=True)
    return sum(waiting.values())


def list_access(management: Management) -> list[AgencyAccess]:
    """The agencies that have a queue or a user, sorted by code.

    Raises:
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer, or refuses.
    """
    rights = management.call("GET", "vhosts", management.vhost, "permissions")
    granted = {code for entry in rights if (code := sender_by_user(entry["user"]))}
    queues = management.call("GET", "queues", management.vhost)
    codes = granted | {code for queue in queues if (code := sender_by_user(queue["name"]))}
    observers = _observers(management)
    return [
        AgencyAccess(code, code in granted, len(_connections(management, agency_name(code))), code in observers)
        for code in sorted(codes)
    ]


def _observers(management: Management) -> set[str]:
    """The codes of agencies whose queue is bound to more than its own topic."""
    path = ("exchanges", management.vhost, entities.EVENTS.name, "bindings", "source")
    found = management.call("GET", *path, missing_ok=True) or []
    return {sender_by_user(entry["destination"]) for entry in found if entry["routing_key"] != entry["destination"]}


def _exactly(name: str) -> str:
    return f"^{re.escape(name)}{END}"


def _topics_pattern(user: str) -> str:
    return f"^{re.escape(user)}\\.({'|'.join(map(re.escape, AGENCY_EVENTS))}){END}"


def _remove_other_permissions(management: Management, user: str) -> None:
    """Removes permissions in other virtual hosts, which somebody else may have given the user. Those in this one are overwritten."""
    for entry in management.call("GET", "users", user, "permissions"):
        if entry["vhost"] != management.vhost:
            management.call("DELETE", "permissions", entry["vhost"], user, missing_ok=True)


def _declare_exchange(management: Management, exchange: Exchange) -> None:
    body = {"type": exchange.type, "durable": exchange.durable, "auto_delete": exchange.auto_delete}
    management.call("PUT", "exchanges", management.vhost, exchange.name, body=body)


def _declare_queue(management: Management, queue: Queue) -> None:
    body = {"durable": queue.durable, "auto_delete": queue.auto_delete, "arguments": queue.as_dict()["queue_arguments"]}
    management.call("PUT", "queues", management.vhost, queue.name, body=body)
    between = ("e", queue.exchange.name, "q", queue.name)
    management.call("POST", "bindings", management.vhost, *between, body={"routing_key": queue.routing_key})


def _connections(management: Management, user: str) -> list[Any]:
    return management.call("GET", "connections", "username", user, missing_ok=True) or []
