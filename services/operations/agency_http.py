"""What the command line does with agencies' own software that is connected over HTTPS."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.persistence.store import Store
    from shared.runtime.context import Context


def connect_agency(store: Store, agency: str, way: str, signs: bool | None = None) -> int | None:
    """From now on an agency's program gets its events in a way; returns how many open steps were sent in it, None if it was so before.

    Args:
        store: routing's.
        agency: its code.
        way: ``amqp`` or ``pull``.
        signs: as in :func:`services.operations.plug_in_agency`.
    """
    from services.routing.agency_http.commands import connect
    from services.routing.plugins.ways import Way

    done = connect(store, agency, Way(way), signs)
    return done.sent if done.changed else None


def connect_agency_webhook(
    context: Context, agency: str, url: str, allow_private: bool, new_secret: bool, signs: bool | None = None
) -> tuple[int | None, str]:
    """From now on an agency's program gets its events by a webhook.

    Args:
        context: routing's.
        agency: its code.
        url: of the webhook.
        allow_private: whether it may be in the platform's own network.
        new_secret: replaces the secret.
        signs: as in :func:`services.operations.plug_in_agency`.

    Returns:
        how many open steps were sent, None if it was so connected before; and the secret if it is new, otherwise an empty text.

    Raises:
        ValueError: nothing may be sent to this address.
    """
    from services.routing.agency_http.settings import http_rules
    from services.routing.agency_http.webhooks import connect_webhook

    done = connect_webhook(
        context.store, agency, url, context.settings.hash_key, http_rules(), allow_private, new_secret, signs
    )
    return done.connected.sent if done.connected.changed else None, done.secret


def agency_deliveries(store: Store, agency: str, limit: int) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """What waits for an agency that is connected over HTTPS, and the last calls of its webhook; None for others.

    Args:
        store: routing's.
        agency: its code.
        limit: how many calls.
    """
    from services.routing.agency_http.queries import backlogs
    from services.routing.agency_http.webhook_store import last_attempts, subscription_of

    with store.read() as connection:
        backlog = next((one for one in backlogs(connection) if one.agency == agency), None)
        if backlog is None:
            return None
        webhook = subscription_of(connection, agency)
        because = webhook.disabled_because if webhook else None
        return asdict(backlog) | {"because": because}, [asdict(one) for one in last_attempts(connection, agency, limit)]


def replay_agency_events(store: Store, agency: str) -> int | None:
    """Sends an agency its events that its webhook did not take for days again; returns how many, None if it has no webhook.

    Args:
        store: routing's.
        agency: its code.
    """
    from services.routing.agency_http.webhooks import replay
    from services.routing.plugins.store import way_of

    with store.read() as connection:
        way = way_of(connection, agency)
    return replay(store, agency) if way == "webhook" else None


def disconnect_agency(store: Store, agency: str) -> bool:
    """From now on people do the agency's steps, and what waited for its program is not sent any more; False when it was not connected.

    Args:
        store: routing's.
        agency: its code.
    """
    from services.routing.agency_http.commands import disconnect

    return disconnect(store, agency)
