"""Work queues: the numbers on the tiles and the lists behind them, from one query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.routing import schemas
from services.routing.api.blueprint import OFFICIALS, api
from services.routing.caller import caller
from services.routing.queries.viewer import viewer_of
from services.routing.queries.work_queues import Queue, find_queue
from services.routing.queries.worklists import QueuePage, queue_page, tiles
from shared.web.authorization import principal, roles, scope_checked
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context, query


@api.get("/queues")
@roles(*OFFICIALS, agency="record")
@query(None, schemas.QueuesSchema)
def list_queues(connection: Connection) -> dict[str, Any]:
    """Lists the caller's queues, each with how many steps it has now."""
    scope_checked()  # every queue is limited to what is the viewer's concern
    return {"items": tiles(connection, viewer_of(connection, context(), caller()), principal().roles)}


@api.get("/queues/<queue_id>")
@roles(*OFFICIALS, agency="record")
@audited
@query(schemas.QueueQuerySchema, schemas.QueuePageSchema)
def show_queue(connection: Connection, asked: dict[str, Any], queue_id: str) -> QueuePage:
    """Lists the steps of a queue, the most urgent first."""
    queue = visible_queue(queue_id)
    scope_checked()
    record_reading("queue", principal().agency)
    viewer = viewer_of(connection, context(), caller())
    return queue_page(connection, queue, viewer, asked["search"], asked["cursor"], asked["limit"])


def visible_queue(id_: str) -> Queue:
    """A queue that the caller's role sees.

    Raises:
        Problem: 404.
    """
    queue = find_queue(id_)
    if queue is None or not queue.seen_by(principal().roles):
        raise Problem(404, "not-found", detail=f"Không có hàng việc {id_}.", detail_en=f"There is no queue {id_}.")
    return queue
