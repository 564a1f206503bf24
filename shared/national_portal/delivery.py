"""One message on its way: read the dossier at intake if its record is sent, put it into the portal's envelope, send it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from shared.national_portal.history import SYNC
from shared.national_portal.http_call import Answer, NoAnswer, http_call
from shared.national_portal.mapping import Names, dossier_record, progress_record
from shared.national_portal.queue import Message
from shared.national_portal.reply import TRY_AGAIN, Meaning, Reply, parse_reply, without_personal_data
from shared.national_portal.rules import Rules

KEY_HEADER = "X-API-Key"
TOKEN_FAULTS = frozenset({401, 403})


@dataclass(frozen=True)
class Endpoints:
    """Whom the courier visits.

    Attributes:
        portal: the address that takes messages.
        key: sent to the portal in the header `KEY_HEADER`.
        platform: motcua's own address.
        token: the observer's bearer token there.
    """

    portal: str
    key: str = field(repr=False)
    platform: str
    token: str = field(repr=False)


class PortalClient:
    """Delivers messages, one at a time.

    Args:
        places: whom to visit.
        rules: codes and limits.
        names: of agencies.
    """

    def __init__(self, places: Endpoints, rules: Rules, names: Names) -> None:
        self._places = places
        self._rules = rules
        self._names = names

    def deliver(self, message: Message) -> Reply:
        """Takes a message to the portal and says what became of it; every wait ends.

        Personal data is read for this and kept nowhere.
        """
        applicant: Mapping[str, str] = {}
        try:
            if message.service == SYNC:
                answer = self._visit_intake(message.dossier)
                if answer.status != 200:
                    return _not_told(answer)
                dossier = json.loads(answer.body)
                applicant = dossier["applicant"]
                record = dossier_record(message.story, dossier, self._rules, self._names)
            else:
                record = progress_record(message.story, message.dossier, self._names)
            reply = parse_reply(self._visit_portal(message, record), self._rules)
        except NoAnswer as error:
            return Reply(Meaning.AGAIN, str(error))
        # whatever is wrong with one dossier's data must not end the way of the others
        except Exception as error:  # noqa: BLE001
            reply = Reply(Meaning.REFUSED, f"cannot be told: {type(error).__name__}: {error}")
        return Reply(reply.meaning, without_personal_data(reply.reason, applicant.values()))

    def _visit_intake(self, dossier: str) -> Answer:
        url = f"{self._places.platform}/intake/api/observer/dossiers/{quote(dossier, safe='')}"
        headers = {"Authorization": f"Bearer {self._places.token}", "Accept": "application/json"}
        return http_call("GET", url, headers, None, self._rules.timeout)

    def _visit_portal(self, message: Message, record: Mapping[str, Any]) -> Answer:
        envelope = {"service": message.service, "isUpdating": message.updating, "data": [record]}
        headers = {"Content-Type": "application/json; charset=utf-8", KEY_HEADER: self._places.key}
        body = json.dumps(envelope, ensure_ascii=False).encode()
        return http_call("POST", self._places.portal, headers, body, self._rules.timeout)


def _not_told(answer: Answer) -> Reply:
    """Intake does not give the dossier: later perhaps, or never until a person mends it.

    A token that has run out is no fault of the dossier's; to park them all for it would only make more work.
    """
    passing = answer.status >= 500 or answer.status in TRY_AGAIN | TOKEN_FAULTS
    meaning = Meaning.AGAIN if passing else Meaning.REFUSED
    return Reply(meaning, f"intake answered HTTP {answer.status}")
