"""The settings of a chat service whose official account sends template messages."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from services.notify.channels.chat.answers import AnswerCode, built_in_answers, read_codes
from services.notify.channels.config.entries import optional_number, readable_file
from shared.data_files import Record
from shared.runtime.http_call import check_address

TIMEOUT_SECONDS, RETRY_SECONDS, MAX_SECONDS = 8, 60, 3600
MESSAGE_PATH, TOKEN_PATH = "/message/template", "/oauth/access_token"
OWN_MACHINE = ("127.0.0.1", "localhost", "::1")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """How to reach a chat service.

    Attributes:
        name: of the provider.
        url: of its API.
        token_url: of the server that renews access tokens; often the same.
        message_path: after `url`, where messages are sent to.
        token_path: after `token_url`.
        app_id: of our application at the service.
        secret: of our application; it also signs the receipts. From the environment.
        refresh_token: the first one, from the environment; those that follow are in the store.
        templates: template of ours, such as ``received.vi``, or ``received`` for every language → id of the one that the service
            has approved.
        answers: what the service's error codes mean.
        ca_file: certificates of authorities to trust instead of the machine's; empty for the machine's.
        timeout_seconds: for each call.
        retry_seconds: how long to wait where the service takes no more and does not say for how long.
    """

    name: str
    url: str
    token_url: str
    message_path: str
    token_path: str
    app_id: str
    secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    templates: Mapping[str, str]
    answers: Mapping[int, AnswerCode]
    ca_file: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS
    retry_seconds: float = RETRY_SECONDS

    def template_id(self, template: str) -> str | None:
        """The approved template; None if the service has none for it."""
        return self.templates.get(template) or self.templates.get(template.rpartition(".")[0])


def parse_chat(record: Record, name: str, secret: str, environ: Mapping[str, str] = os.environ) -> ChatSettings:
    """Reads the settings of a provider of the kind ``http-chat``; what is wrong becomes a fault of the record.

    Args:
        record: its entry, see docs/email-and-chat.md.
        name: of the provider.
        secret: that the entry ``secret_env`` names.
        environ: holds the first refresh token.
    """
    url = _url(record, "address", record.text("address"))
    token_url = record.optional_text("token_address")
    return ChatSettings(
        name=name,
        url=url,
        token_url=_url(record, "token_address", token_url) if token_url else url,
        message_path=_path(record, "message_path", MESSAGE_PATH),
        token_path=_path(record, "token_path", TOKEN_PATH),
        app_id=record.text("app_id"),
        secret=secret,
        refresh_token=_refresh_token(record, environ),
        templates=record.text_map("templates"),
        answers={**built_in_answers(), **read_codes(record)},
        ca_file=readable_file(record, "ca_file"),
        timeout_seconds=optional_number(record, "timeout_seconds", TIMEOUT_SECONDS, 0.1, MAX_SECONDS),
        retry_seconds=optional_number(record, "retry_seconds", RETRY_SECONDS, 0.1, MAX_SECONDS),
    )


def _url(record: Record, key: str, text: str) -> str:
    try:
        url = check_address(text)
    except ValueError as error:
        record.fault(key, str(error))
        return ""
    if not url.startswith("https://") and urlsplit(url).hostname not in OWN_MACHINE:
        record.fault(key, "must begin with https://, since tokens and personal data go there")
    return url


def _path(record: Record, key: str, default: str) -> str:
    text = record.optional_text(key) or default
    if not _PATH.fullmatch(text):
        record.fault(key, f"{text!r} is not a path such as {default}")
    return text


def _refresh_token(record: Record, environ: Mapping[str, str]) -> str:
    variable = record.text("refresh_token_env")
    if variable and not _VARIABLE.fullmatch(variable):
        record.fault(
            "refresh_token_env", "must be the name of an environment variable, such as MOTCUA_CHAT_REFRESH_TOKEN"
        )
        return ""
    token = environ.get(variable, "").strip()
    if variable and not token:
        record.fault("refresh_token_env", f"the environment variable {variable} is not set")
    return token
