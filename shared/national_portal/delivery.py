"""Delivers one message to the portal: for a dossier's record, reads the dossier at intake first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from shared.national_portal.history import SYNC
from shared.national_portal.mapping import Names, dossier_record, progress_record
from shared.national_portal.queue import Message
from shared.national_portal.reply import RETRY_STATUSES, Meaning, Reply, parse_reply, without_personal_data
from shared.national_portal.rules import Rules
from shared.plugin_sdk.sdk import PapersUnavailable
from shared.runtime.http_call import Answer, NoAnswer, http_call

KEY_HEADER = "X-API-Key"
TOKEN_STATUSES = frozenset({401, 403})


@dataclass(frozen=True)
class Endpoints:
    """The addresses of the portal and the platform.

    Attributes:
        portal: the address that receives messages.
        key: the portal's API key, sent in the header `KEY_HEADER`.
        platform: the address of the motcua platform.
    """

    portal: str
    key: str = field(repr=False)
    platform: str


class Tokens(Protocol):
    """The observer's access tokens for the platform; both raise PapersUnavailable when there is none now."""

    def get(self) -> str:
        """The present one."""

    def replace(self, refused: str) -> str:
        """Another in place of one that the platform refused."""


class PortalClient:
    """Delivers messages to the portal, one at a time.

    Args:
        endpoints: addresses, and the portal's key.
        tokens: for the platform.
        rules: codes and limits.
        names: gives the name of an agency.
    """

    def __init__(self, endpoints: Endpoints, tokens: Tokens, rules: Rules, names: Names) -> None:
        self._endpoints = endpoints
        self._tokens = tokens
        self._rules = rules
        self._names = names

    def deliver(self, message: Message) -> Reply:
        """Sends a message to the portal and returns the result, within a bounded time.

        The personal data that it reads for this is not stored.
        """
        applicant: Mapping[str, str] = {}
        try:
            if message.service == SYNC:
                answer = self._read_dossier(message.dossier)
                if answer.status != 200:
                    return _intake_failure(answer)
                dossier = json.loads(answer.body)
                applicant = dossier["applicant"]
                record = dossier_record(message.history, dossier, self._rules, self._names)
            else:
                record = progress_record(message.history, message.dossier, self._names)
            reply = parse_reply(self._send(message, record), self._rules)
        except (NoAnswer, PapersUnavailable) as error:
            return Reply(Meaning.RETRY, str(error))
        # Wrong data of one dossier must not stop the delivery of the others.
        except Exception as error:  # noqa: BLE001
            reply = Reply(Meaning.REFUSED, f"no message can be made: {type(error).__name__}: {error}")
        return Reply(reply.meaning, without_personal_data(reply.reason, applicant.values()))

    def _read_dossier(self, dossier: str) -> Answer:
        url = f"{self._endpoints.platform}/intake/api/observer/dossiers/{quote(dossier, safe='')}"
        token = self._tokens.get()
        answer = self._get(url, token)
        return self._get(url, self._tokens.replace(token)) if answer.status == 401 else answer

    def _get(self, url: str, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return http_call("GET", url, headers, None, self._rules.timeout)

    def _send(self, message: Message, record: Mapping[str, Any]) -> Answer:
        envelope = {"service": message.service, "isUpdating": message.updating, "data": [record]}
        headers = {"Content-Type": "application/json; charset=utf-8", KEY_HEADER: self._endpoints.key}
        body = json.dumps(envelope, ensure_ascii=False).encode()
        return http_call("POST", self._endpoints.portal, headers, body, self._rules.timeout)


def _intake_failure(answer: Answer) -> Reply:
    """The result when intake does not return the dossier.

    An expired token is no fault of the dossier, so it is retried: otherwise every dossier would be parked.
    """
    temporary = answer.status >= 500 or answer.status in RETRY_STATUSES | TOKEN_STATUSES
    meaning = Meaning.RETRY if temporary else Meaning.REFUSED
    return Reply(meaning, f"intake answered HTTP {answer.status}")
