"""Entries of chat services in the provider file, and their signed receipts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from services.notify.app import create_app
from services.notify.channels.chat.answers import Meaning, built_in_answers
from services.notify.channels.chat.settings import parse_chat
from services.notify.channels.config.reader import read_providers
from services.notify.channels.domain import Channel
from services.notify.channels.receipt_store import receipts
from shared.auth.message_signature import HEADER, sign
from shared.data_files import DataError, Record

SECRETS = {"MOTCUA_CHAT_SECRET": "a secret of the application", "MOTCUA_CHAT_REFRESH_TOKEN": "refresh-0"}
ENTRY = {
    "name": "chat-a",
    "channel": "chat",
    "kind": "http-chat",
    "address": "https://api.chat.example/v2/",
    "app_id": "4711",
    "secret_env": "MOTCUA_CHAT_SECRET",
    "refresh_token_env": "MOTCUA_CHAT_REFRESH_TOKEN",
    "templates": {"received": "T-1"},
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A provider file with one chat service, and its secrets."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    made = tmp_path / "providers.json"
    made.write_bytes(orjson.dumps({"providers": [ENTRY]}))
    monkeypatch.setenv("MOTCUA_NOTIFY_PROVIDERS", str(made))
    return made


def test_a_chat_service_is_a_provider_that_reports(file):
    (found,) = read_providers(file)
    assert (found.name, found.channel, found.kind, found.reports) == ("chat-a", Channel.CHAT, "http-chat", True)


def test_codes_of_the_entry_come_before_the_built_in_ones():
    answers = [{"code": -213, "meaning": "temporary", "reason": "not yet"}]
    settings = parse_chat(Record(ENTRY | {"answers": answers}, "file"), "chat-a", "secret", SECRETS)
    assert (settings.answers[-213].meaning, settings.answers[-213].reason) == (Meaning.TEMPORARY, "not yet")
    assert settings.answers[-141] == built_in_answers()[-141]
    assert settings.token_url == settings.url == "https://api.chat.example/v2"
    assert "refresh-0" not in repr(settings)
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"address": "http://api.chat.example"}, "address: must begin with https://"),
        ({"address": "http://localhost.chat.example"}, "address: must begin with https://"),
        ({"address": "api.chat.example"}, "address: it is neither http://… nor https://…"),
        ({"token_address": "http://oauth.chat.example"}, "token_address: must begin with https://"),
        ({"message_path": "message"}, "message_path: 'message' is not a path"),
        ({"refresh_token_env": "MISSING"}, "refresh_token_env: the environment variable MISSING is not set"),
        ({"refresh_token_env": "refresh-0"}, "refresh_token_env: must be the name of an environment variable"),
        ({"answers": [{"code": 1, "meaning": "odd", "reason": "x"}]}, "meaning"),
        ({"templates": []}, "templates: must be an object"),
    ],
)
def test_a_fault_is_told_with_its_place(changed, fault):
    record = Record(ENTRY | changed, "file")
    parse_chat(record, "chat-a", "secret", SECRETS)
    with pytest.raises(DataError) as raised:
        record.raise_faults()
    assert fault in str(raised.value)


def test_a_signed_receipt_is_taken_and_a_forged_or_old_one_refused(both, file):
    client, now = both.client(create_app), both.store.clock.wall()
    body = orjson.dumps({"receipts": [{"reference": "msg-1", "status": "delivered", "at": now.isoformat()}]})

    def post(signature: str) -> int:
        headers = {HEADER: signature, "Content-Type": "application/json"}
        return int(client.post("/notify/api/receipts/chat-a", data=body, headers=headers).status_code)

    assert post(sign("another secret", body, now)) == 401
    assert post(sign(SECRETS["MOTCUA_CHAT_SECRET"], body, now - timedelta(hours=1))) == 401
    assert both.rows(receipts) == []
    assert post(sign(SECRETS["MOTCUA_CHAT_SECRET"], body, now)) == 200
    assert post(sign(SECRETS["MOTCUA_CHAT_SECRET"], body, now)) == 200
    (row,) = both.rows(receipts)
    assert (row["provider"], row["reference"], row["status"]) == ("chat-a", "msg-1", "delivered")
