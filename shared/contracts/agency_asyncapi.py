"""The AsyncAPI 3 document for agencies that plug in: their events, and all else that a program needs that is written from it alone.

AsyncAPI has no place for some of it, so there are extensions: `x-amqp-properties` on each message, and `x-rules` and `x-http` at the end.
"""

from __future__ import annotations

from typing import Any

from shared.contracts.asyncapi import AGENCY, agency_entries, document
from shared.contracts.base import EventType
from shared.messaging.event import AGENCY_PREFIX, CONTENT_TYPE

PERSISTENT = 2
MOST_PREFETCH = 1000
"""So many messages may be unacknowledged at a time; the conformance check counts them."""
ACCOUNT = f"{AGENCY_PREFIX}{{{AGENCY}}}"
PAPERS_ROUTE = "/intake/api/agency/steps/{task}/papers"
TOKEN_ROUTE = "/routing/oauth/token"
PAPERS_ANSWERS = {
    "200": "The papers, the applicant and those who apply with them: personal data; every reading is recorded.",
    "401": "No token, or it has expired: get a new one and ask again. No verdict on the step.",
    "403": "The step is another agency's.",
    "404": "There is no such step, and there will be none.",
    "410": "The step is over, or waits for the citizen's papers.",
    "429": "Too many requests: ask again after the seconds of Retry-After.",
    "503": "step_not_yet_known: the news of the step is still under way to the papers; or the platform is busy. Keep the step "
    "unacknowledged and ask again after the seconds of Retry-After, for as long as it takes. The same for no answer and other 5xx.",
}
RULES = (
    f"Declare nothing. Read the queue {ACCOUNT} with manual acknowledgement; it exists already. Only one of its consumers is active at a "
    "time; another takes over when that one ends.",
    f"Set a prefetch (basic.qos, per consumer), for example 100, at most {MOST_PREFETCH}.",
    "Publish persistent and mandatory, with publisher confirms. Acknowledge a message only when the broker has confirmed your decision; "
    "after basic.nack or basic.return publish it again.",
    "Derive the id of a decision from the id of the event that it answers (UUIDv5, such as of EVENT_ID/step.completed), not from the task "
    "or the dossier. The same id with another content is refused (decision_id_reused).",
    "Every message may come twice. Decide it the second time as the first time.",
    "Reject what is not readable with requeue=false: it goes to the dead letters. Acknowledge events of types that you do not know. Ignore "
    "fields and attributes that you do not know.",
    "A message that is not acknowledged within 30 minutes goes back to the queue; after 200 deliveries it goes to the dead letters.",
    "Fields that may be null are null at times: a step of the tax office has no due_at.",
    "step.cancelled and decision.rejected need no answer; a rejected decision may be replaced by a better one that answers the rejection.",
    "step.accepted says that you have stored the step and decide later, from any process, in reply to the same event.",
    "Open connections again when the broker closes them, with growing pauses.",
    "At SIGTERM take no new message, finish what is running and end, without acknowledging what is not decided.",
    "Write times with the offset of their zone, and texts in composed Unicode (NFC), UTF-8.",
)


def agency_document() -> dict[str, Any]:
    """Return the document."""
    made = document(agency_entries())
    made["info"] = {
        "title": "motcua for agencies",
        "version": "1.0.0",
        "description": "An agency's own software reads the steps that are assigned to it from one queue and publishes its decisions to one "
        "exchange. CloudEvents 1.0, structured JSON, UTF-8. A schema only grows. What is not in AsyncAPI's own fields stands in x-rules, "
        "x-http and x-amqp-properties.",
    }
    made["servers"] = _servers()
    made["components"]["securitySchemes"] = _security_schemes()
    for entry in agency_entries():
        made["channels"][entry.name]["servers"] = [{"$ref": "#/servers/broker"}]
        if entry.addressed:
            made["channels"][entry.name]["bindings"] = {"amqp": _queue()}
        else:
            _complete_message(made["components"]["messages"][entry.name], entry)
            made["operations"][f"{entry.owner}.sends.{entry.name}"]["bindings"] = {"amqp": _sending()}
    return made | {"x-rules": list(RULES), "x-http": _http()}


def _servers() -> dict[str, Any]:
    return {
        "broker": {
            "host": "{host}:5671",
            "pathname": "/{vhost}",
            "protocol": "amqps",
            "protocolVersion": "0.9.1",
            "description": "RabbitMQ. The platform's operators give the whole address as MOTCUA_AMQP_URL (motcua agency grant).",
            "variables": {
                "host": {"description": "The broker"},
                "vhost": {"description": "The platform's virtual host", "default": "motcua"},
            },
            "security": [{"$ref": "#/components/securitySchemes/account"}],
        },
        "platform": {
            "host": "{host}",
            "protocol": "https",
            "description": "Papers and tokens, see x-http. The operators give the address as MOTCUA_URL.",
            "variables": {"host": {"description": "The platform"}},
            "security": [{"$ref": "#/components/securitySchemes/client"}],
        },
    }


def _security_schemes() -> dict[str, Any]:
    return {
        "account": {
            "type": "userPassword",
            "description": f"User {ACCOUNT} and the password that the operators have given. It may read its own queue and publish under "
            "its own routing keys; the broker refuses all else.",
        },
        "client": {
            "type": "oauth2",
            "description": f"Client {ACCOUNT} and the secret MOTCUA_CLIENT_SECRET. Tokens are valid for an hour.",
            "flows": {"clientCredentials": {"tokenUrl": TOKEN_ROUTE, "availableScopes": {}}},
        },
    }


def _queue() -> dict[str, Any]:
    queue = {"name": ACCOUNT, "durable": True, "exclusive": False, "autoDelete": False}
    return {"is": "queue", "queue": queue, "bindingVersion": "0.3.0"}


def _sending() -> dict[str, Any]:
    return {"userId": ACCOUNT, "deliveryMode": PERSISTENT, "mandatory": True, "ack": True, "bindingVersion": "0.3.0"}


def _complete_message(message: dict[str, Any], entry: EventType) -> None:
    message["headers"] = {
        "type": "object",
        "required": ["partitionkey"],
        "properties": {"partitionkey": {"type": "string", "description": f"The same as data.{entry.key}"}},
    }
    message["correlationId"] = {
        "location": "$message.payload#/data/in_reply_to",
        "description": "The id of the event that this answers",
    }
    message["x-amqp-properties"] = amqp_properties(ACCOUNT)


def amqp_properties(account: str) -> dict[str, Any]:
    """Return the AMQP properties of what an agency publishes; braces name a field of the message that has the value.

    Args:
        account: the agency's user at the broker.
    """
    return {
        "content_type": CONTENT_TYPE,
        "delivery_mode": PERSISTENT,
        "message_id": "{id}",
        "user_id": account,
        "headers": {"partitionkey": "{data.dossier}"},
    }


def _http() -> dict[str, Any]:
    return {
        f"GET {PAPERS_ROUTE}": {
            "server": "platform",
            "security": "Authorization: Bearer TOKEN",
            "answers": PAPERS_ANSWERS,
            "fields": "dossier, procedure, case, received_at; papers: of each code, name, kind, copies, form, kept, given_back_at; "
            "applicant, representative, co_applicants. Types: /intake/openapi.json",
        },
        f"POST {TOKEN_ROUTE}": {
            "server": "platform",
            "security": f"HTTP Basic, user {ACCOUNT}, password MOTCUA_CLIENT_SECRET",
            "form": {"grant_type": "client_credentials"},
            "answers": {
                "200": "access_token, token_type Bearer, expires_in (seconds), key_expires_at",
                "401": "invalid_client: the secret is wrong, or its key is over",
                "429": "Too many wrong secrets: ask again after the seconds of Retry-After.",
            },
        },
    }
