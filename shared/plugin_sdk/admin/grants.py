"""Lets an agency's own program onto the bus, and off again.

A granted agency has a queue bound to the one topic of its own, and a user at the broker that may read that queue and write to the
agencies' exchange under the agency's own keys; nothing else. One code may begin like another (H12, H12.14), so every pattern is
anchored at both ends. A broker serves one platform: a user has rights in one virtual host.
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
END = r"\z"  # not $, before which one more newline would pass
NOTHING = f"^{END}"


class QueueNotEmpty(RuntimeError):
    """An agency's queue still holds something, which would be lost with it."""


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """An agency that has a queue.

    Attributes:
        code: the agency's.
        granted: whether it has a user; if not, its rights were taken away.
        connections: how many its program has open.
        observes: whether events of the platform's own reach its queue, too.
    """

    code: str
    granted: bool
    connections: int
    observes: bool = False


def grant(management: Management, code: str, password: str) -> None:
    """Gives an agency its queue and its user with exactly the rights it needs; harmless when it has them.

    A password that is already there is replaced. Connections that are open stay open: if a password leaked, revoke first.

    Args:
        management: of the broker, with the platform's virtual host.
        code: the agency's.
        password: of the user ``agency.<code>``.

    Raises:
        ValueError: the code cannot be part of a routing key, or the password is empty.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer or refuses.
    """
    user = agency_name(code)
    if not password:
        raise ValueError("an agency's password must not be empty")
    for exchange in (entities.EVENTS, entities.AGENCIES, entities.DEAD_LETTERS):
        _declare_exchange(management, exchange)
    for queue in (entities.agency_dead_letter_queue(code), entities.agency_queue(code)):
        _declare_queue(management, queue)
    management.call("PUT", "users", user, body={"password": password, "tags": ""})
    _take_other_rights(management, user)
    # topics before the exchange: where no topic permission is defined, every key may be written
    topics = {"exchange": AGENCIES_EXCHANGE, "write": _topics_pattern(user), "read": NOTHING}
    management.call("PUT", "topic-permissions", management.vhost, user, body=topics)
    rights = {"configure": NOTHING, "write": _only(AGENCIES_EXCHANGE), "read": _only(user)}
    management.call("PUT", "permissions", management.vhost, user, body=rights)


def observe(management: Management, code: str, topics: Iterable[str]) -> None:
    """Sets which of the platform's own events reach a granted agency's queue beside what is addressed to it; harmless when they do.

    Bindings alone: the agency's user gets no right by it. They last as long as the queue, whoever declares it again.

    Args:
        management: of the broker, with the platform's virtual host.
        code: the agency's.
        topics: their routing keys; none at all to take what it had.

    Raises:
        ValueError: the code cannot be part of a routing key, or a topic is a pattern.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer or refuses.
    """
    wanted, name = set(topics), agency_name(code)
    if patterns := [topic for topic in wanted if not re.fullmatch(r"[a-z0-9_.]+", topic)]:
        raise ValueError(f"an observer's topics are named one by one, not {', '.join(patterns)}")
    between = ("bindings", management.vhost, "e", entities.EVENTS.name, "q", name)
    bound = {entry["routing_key"]: entry["properties_key"] for entry in management.call("GET", *between)}
    for topic in sorted(wanted - bound.keys()):
        management.call("POST", *between, body={"routing_key": topic})
    for topic in bound.keys() - wanted - {name}:
        management.call("DELETE", *between, bound[topic], missing_ok=True)


def revoke(management: Management, code: str) -> bool:
    """Takes an agency's user away and ends its connections at once; its queue stays, so that nothing is lost.

    Returns:
        whether it had a user.

    Raises:
        ValueError: the code cannot be part of a routing key.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer or refuses.
        TimeoutError: a connection is still there after 15 seconds.
    """
    user = agency_name(code)
    had = management.call("GET", "users", user, missing_ok=True) is not None
    management.call("DELETE", "users", user, missing_ok=True)
    management.call("DELETE", "connections", "username", user, missing_ok=True)
    wait_for(lambda: not _connections(management, user), CLOSE_SECONDS, f"the end of the connections of {user}")
    return had


def remove_queue(management: Management, depth: Callable[[str], int], code: str, force: bool = False) -> int:
    """Removes the queues of an agency that was revoked.

    Args:
        management: of the broker, with the platform's virtual host.
        depth: how many messages wait in a queue, by its name (the management API's own numbers are seconds old).
        code: the agency's.
        force: whether to remove them with what is in them.

    Returns:
        how many messages were lost by that.

    Raises:
        QueueNotEmpty: something waits in one of them and it is not forced.
        ValueError: the code cannot be part of a routing key.
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer or refuses.
    """
    queues = (entities.agency_queue(code), entities.agency_dead_letter_queue(code))
    waiting = {queue.name: depth(queue.name) for queue in queues}
    if any(waiting.values()) and not force:
        held = ", ".join(f"{name}: {count}" for name, count in waiting.items() if count)
        raise QueueNotEmpty(f"messages still wait ({held}); they would be lost")
    for queue in queues:
        management.call("DELETE", "queues", management.vhost, queue.name, missing_ok=True)
    return sum(waiting.values())


def plugged_in(management: Management) -> list[PluggedIn]:
    """The agencies that have a queue or a user, by code.

    Raises:
        shared.plugin_sdk.admin.management.ManagementError: the broker does not answer or refuses.
    """
    rights = management.call("GET", "vhosts", management.vhost, "permissions")
    granted = {code for entry in rights if (code := sender_by_user(entry["user"]))}
    queues = management.call("GET", "queues", management.vhost)
    codes = granted | {code for queue in queues if (code := sender_by_user(queue["name"]))}
    observers = _observers(management)
    return [
        PluggedIn(code, code in granted, len(_connections(management, agency_name(code))), code in observers)
        for code in sorted(codes)
    ]


def _observers(management: Management) -> set[str]:
    """Whose queue is bound to more than its own topic."""
    path = ("exchanges", management.vhost, entities.EVENTS.name, "bindings", "source")
    found = management.call("GET", *path, missing_ok=True) or []
    return {sender_by_user(entry["destination"]) for entry in found if entry["routing_key"] != entry["destination"]}


def _only(name: str) -> str:
    return f"^{re.escape(name)}{END}"


def _topics_pattern(user: str) -> str:
    return f"^{re.escape(user)}\\.({'|'.join(map(re.escape, AGENCY_EVENTS))}){END}"


def _take_other_rights(management: Management, user: str) -> None:
    """Takes whatever rights somebody else may have given the user in other virtual hosts; in this one they are set anew."""
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
