"""In which language and by which channels an applicant wants to be told about their dossier."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_LANGUAGE = "vi"
LANGUAGES = {"vi": ("Tiếng Việt", "Vietnamese"), "en": ("Tiếng Anh", "English")}
MESSAGE_CHANNELS = {
    "sms": ("Tin nhắn SMS", "SMS"),
    "email": ("Thư điện tử", "E-mail"),
    "chat": ("Tin nhắn trên ứng dụng trò chuyện", "Message in a chat application"),
    "letter": ("Thư qua bưu chính", "Letter by post"),
}
ASKED_CHANNELS = {"": ("Tin nhắn SMS (mặc định)", "SMS (the usual way)"), "email": MESSAGE_CHANNELS["email"]}
"""What the forms ask: the usual order begins with SMS for whom no chat is known."""
MAX_CHAT_USER = 100


@dataclass(frozen=True, slots=True)
class Preferences:
    """How an applicant wants to be told.

    Attributes:
        language: one of :data:`LANGUAGES`.
        channels: of :data:`MESSAGE_CHANNELS`, the best first; none for the usual order.
        chat_user: the applicant's id in the chat service; may be empty.
    """

    language: str = DEFAULT_LANGUAGE
    channels: tuple[str, ...] = ()
    chat_user: str = ""

    def as_column(self) -> str | None:
        """As a row keeps it: None for what is usual, so that a common row has nothing to write or to read."""
        if self == USUAL:
            return None
        return json.dumps([self.language, list(self.channels), self.chat_user])


USUAL = Preferences()


def preferences_in(column: str | None) -> Preferences:
    """What :meth:`Preferences.as_column` has written."""
    if not column:
        return USUAL
    language, channels, chat_user = json.loads(column)
    return Preferences(language, tuple(channels), chat_user)


def listed_channels(given: Sequence[str] | str) -> tuple[str, ...]:
    """Channels as a list, or as a form's text with commas between them."""
    names = given.split(",") if isinstance(given, str) else given
    return tuple(name.strip() for name in names if name.strip())
