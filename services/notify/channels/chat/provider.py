"""Template messages of an official account, through the HTTP API of a chat service.

``POST <address>/message/template`` with the header ``access_token`` sends one: the user's id, the id of the approved template, its
variables, and the delivery's id as ``tracking_id``, by which the service can tell that it has the message already.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson

from services.notify.channels.chat.answers import TokenExpired, read_answer
from services.notify.channels.chat.connection import ApiConnection, NoAnswer, NotSent
from services.notify.channels.chat.settings import ChatSettings
from services.notify.channels.chat.tokens import AccessToken, AccessTokens, NoToken
from services.notify.channels.port import (
    ChatContent,
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    TemporarilyFailed,
    Throttled,
)

TIME_OVER = Throttled("the time of the batch is over", 0)


class ChatProvider:
    """Sends chat messages through one service.

    Args:
        settings: of the service.
        tokens: its access tokens.
    """

    def __init__(self, settings: ChatSettings, tokens: AccessTokens) -> None:
        self.settings = settings
        self._tokens = tokens

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Sends the messages one after the other, over one connection while the service keeps it.

        Once the service takes no more, or cannot be reached, the rest waits.

        Args:
            batch: the deliveries.
            until: monotonic time by which it ends.
        """
        waiting = deque(batch)
        rest: TemporarilyFailed | Throttled | None = None
        with ApiConnection(self.settings.url, self.settings.timeout_seconds, self.settings.ca_file) as connection:
            try:
                token = self._tokens.current(until)
                while waiting and rest is None:
                    if time.monotonic() >= until:
                        rest = TIME_OVER
                        break
                    outcome, token = self._send(connection, waiting[0], token, until)
                    yield waiting.popleft(), replace(outcome, provider=self.settings.name)
                    rest = self._stops(outcome)
            except NoToken as error:
                rest = error.outcome
            except NotSent as error:
                rest = TemporarilyFailed(f"the chat service cannot be reached: {error}")
        for outgoing in waiting:
            yield outgoing, replace(rest or TIME_OVER, provider=self.settings.name)

    def close(self) -> None:
        """No connection outlives its batch."""

    def _send(
        self, connection: ApiConnection, outgoing: Outgoing, token: AccessToken, until: float
    ) -> tuple[Outcome, AccessToken]:
        """Sends one message; where the token has expired, once more with the next one.

        Raises:
            NoToken: the token has expired, and there is no other: the message was not taken.
            NotSent: the service cannot be reached.
        """
        body = self._body(outgoing)
        if isinstance(body, PermanentlyFailed):
            return body, token
        answer = self._post(connection, body, token, until)
        if isinstance(answer, TokenExpired):
            token = self._tokens.after(token, until)
            answer = self._post(connection, body, token, until)
        if isinstance(answer, TokenExpired):
            raise NoToken(TemporarilyFailed("the chat service refuses a new access token"))
        return answer, token

    def _post(self, connection: ApiConnection, body: bytes, token: AccessToken, until: float) -> Outcome | TokenExpired:
        headers = {"Content-Type": "application/json", "access_token": token.text}
        try:
            answer = connection.post(self.settings.message_path, headers, body, until)
        except NoAnswer as error:
            return InDoubt(f"the connection ended before the chat service answered: {error}")
        return read_answer(answer, self.settings.answers, self.settings.retry_seconds)

    def _body(self, outgoing: Outgoing) -> bytes | PermanentlyFailed:
        content = outgoing.content
        if not isinstance(content, ChatContent) or not outgoing.address:
            return PermanentlyFailed("it is no chat message, or nobody's")
        template = self.settings.template_id(content.template)
        if template is None:
            return PermanentlyFailed(f"the chat service has no template for {content.template}")
        return orjson.dumps(
            {
                "user_id": outgoing.address,
                "template_id": template,
                "template_data": dict(content.variables),
                "tracking_id": outgoing.id,
            }
        )

    def _stops(self, outcome: Outcome) -> Throttled | None:
        """What becomes of the rest of the batch; None if it goes on. One message in doubt is enough: the others wait."""
        if isinstance(outcome, InDoubt):
            return Throttled(outcome.reason, self.settings.retry_seconds)
        return outcome if isinstance(outcome, Throttled) else None
