"""Access tokens: one worker renews them, all use them.

A refresh token is good for one renewal, whose answer has the next one. So whoever renews claims that first in the store, makes the call
with no transaction open, and stores both tokens in one transaction. Whoever dies between the service's answer and that transaction takes
the only good refresh token with it: then the service refuses the old one, and the operator gives a new one (docs/email-and-chat.md).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

import orjson

from services.notify.channels.chat import store as rows
from services.notify.channels.chat.connection import Answer, ApiConnection, NoAnswer, NotSent
from services.notify.channels.chat.settings import ChatSettings
from services.notify.channels.port import TemporarilyFailed, Throttled
from shared.messaging.event import new_id
from shared.persistence.store import Store

SPARE = timedelta(seconds=60)
"""A token is renewed so long before it expires."""
CLAIM_SPARE = timedelta(seconds=10)
OTHER_RENEWS_SECONDS = 1.0
MAX_LIFE_SECONDS = 400 * 86400
MAX_TOKEN = 8000


class NoToken(Exception):
    """There is no access token now.

    Attributes:
        outcome: of the deliveries that need one.
    """

    def __init__(self, outcome: TemporarilyFailed | Throttled) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token.

    Attributes:
        text: as it is sent.
        version: which one it is.
    """

    text: str = field(repr=False)
    version: int


class AccessTokens:
    """The access tokens of one provider.

    Args:
        store: notify's store.
        settings: of the provider.
    """

    def __init__(self, store: Store, settings: ChatSettings) -> None:
        self._store = store
        self._settings = settings

    def current(self, until: float) -> AccessToken:
        """The token in use; renewed first if it is about to expire.

        Args:
            until: monotonic time by which this ends.

        Raises:
            NoToken: as it says.
        """
        found = self._stored()
        if found.access_token and found.expires_at - SPARE > self._store.clock.wall():
            return AccessToken(found.access_token, found.version)
        return self._renew(found, until)

    def after(self, refused: AccessToken, until: float) -> AccessToken:
        """The token after one that the service refuses: another worker may have renewed it already.

        Raises:
            NoToken: as it says.
        """
        found = self._stored()
        if found.version != refused.version and found.access_token:
            return AccessToken(found.access_token, found.version)
        return self._renew(found, until)

    def _stored(self) -> rows.StoredTokens:
        given = self._settings.refresh_token
        name, first = self._settings.name, hashlib.sha256(given.encode()).hexdigest()
        found = self._find()
        if found is None or found.first_token != first:
            at = self._store.clock.wall()
            self._store.run(lambda work: rows.begin_tokens(work, name, first, given, at))
            found = self._find()
        if found is None:
            raise NoToken(TemporarilyFailed("the chat service's tokens cannot be stored"))
        return found

    def _find(self) -> rows.StoredTokens | None:
        with self._store.read() as connection:
            return rows.find_tokens(connection, self._settings.name)

    def _renew(self, found: rows.StoredTokens, until: float) -> AccessToken:
        name, claim, now = self._settings.name, new_id(), self._store.clock.wall()
        claimed_until = now + timedelta(seconds=self._settings.timeout_seconds) + CLAIM_SPARE
        if not self._store.run(lambda work: rows.claim_renewal(work, name, found.version, claim, now, claimed_until)):
            raise NoToken(Throttled("another worker renews the access token", OTHER_RENEWS_SECONDS))
        try:
            access, refresh, seconds = self._call(found.refresh_token, until)
        except NoToken:
            self._store.run(lambda work: rows.give_up_claim(work, name, claim))
            raise
        expires_at = self._store.clock.wall() + timedelta(seconds=seconds)
        if self._store.run(lambda work: rows.replace_tokens(work, name, found.version, access, refresh, expires_at)):
            return AccessToken(access, found.version + 1)
        raise NoToken(Throttled("another worker renewed the access token", 0))

    def _call(self, refresh_token: str, until: float) -> tuple[str, str, int]:
        """Access token, next refresh token, and seconds for which the former is good."""
        settings = self._settings
        form = {"grant_type": "refresh_token", "app_id": settings.app_id, "refresh_token": refresh_token}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "secret_key": settings.secret}
        try:
            with ApiConnection(settings.token_url, settings.timeout_seconds, settings.ca_file) as connection:
                answer = connection.post(settings.token_path, headers, urlencode(form).encode(), until)
        except (NotSent, NoAnswer) as error:
            raise NoToken(TemporarilyFailed(f"the access token cannot be renewed: {error}")) from error
        return self._read(answer, refresh_token)

    def _read(self, answer: Answer, refresh_token: str) -> tuple[str, str, int]:
        pause = answer.retry_after or self._settings.retry_seconds
        if answer.status == 429:
            raise NoToken(Throttled("the chat service renews no more tokens for now (429)", pause))
        if answer.status >= 500:
            raise NoToken(TemporarilyFailed(f"the access token cannot be renewed ({answer.status})"))
        try:
            content = orjson.loads(answer.body)
            access, refresh = content["access_token"], content.get("refresh_token") or refresh_token
            seconds = int(content["expires_in"])
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
            access, refresh, seconds = "", "", 0
        usable = all(_usable(token) for token in (access, refresh)) and 0 < seconds <= MAX_LIFE_SECONDS
        if answer.status != 200 or not usable:
            raise NoToken(TemporarilyFailed("the chat service refuses the refresh token: it needs a new one"))
        return access, refresh, seconds


def _usable(token: object) -> bool:
    """Whether a token can stand in a header."""
    return isinstance(token, str) and 0 < len(token) <= MAX_TOKEN and token.isascii() and token.isprintable()
