"""An agency's decision as a message: a CloudEvent 1.0 in JSON with its id and routing key."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from .decisions import Decision
from .events import AGENCY_PREFIX, TYPE_SUFFIX, DossierEvent

CONTENT_TYPE = "application/cloudevents+json"
NO_SEQUENCE = "0" * 16  # agencies do not number their events


@dataclass(frozen=True)
class DecisionMessage:
    """A decision, ready to publish.

    Attributes:
        id: derived from the id of the event it answers, so that the platform recognises a repeated decision.
        type: the CloudEvents type.
        routing_key: ``agency.CODE.EVENT``.
        dossier: the dossier's code.
        body: the CloudEvent as JSON, UTF-8.
    """

    id: str
    type: str
    routing_key: str
    dossier: str
    body: bytes


def encode_decision(code: str, event: DossierEvent, decision: Decision) -> DecisionMessage:
    """Encodes a decision as a message.

    Args:
        code: the agency's code.
        event: the event that the decision answers.
        decision: what the agency decided.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{event.event_id}/{decision.event}"))
    envelope = {
        "specversion": "1.0",
        "id": identifier,
        "source": f"/agency/{code}",
        "type": f"{AGENCY_PREFIX}{decision.event}{TYPE_SUFFIX}",
        "time": now,
        "datacontenttype": "application/json",
        "partitionkey": event.dossier,
        "sequence": NO_SEQUENCE,
        "data": {
            "dossier": event.dossier,
            "task": event.task,
            "agency": code,
            "in_reply_to": event.event_id,
            "decided_at": now,
            "by": decision.by,
            "note": decision.note,
            **decision.fields,
        },
    }
    body = json.dumps(envelope, ensure_ascii=False).encode()
    return DecisionMessage(identifier, str(envelope["type"]), f"agency.{code}.{decision.event}", event.dossier, body)
