"""The meaning of answers, and checks of settings and rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.data_files import DataError
from shared.national_portal.reply import Meaning, parse_reply, without_personal_data
from shared.national_portal.rules import load_rules
from shared.national_portal.settings import read_portal_settings
from shared.runtime.http_call import Answer, NoAnswer, http_call
from shared.runtime.settings import SettingsError
from tests.shared.national_portal.sample_history import RULES

COMPLETE = {
    "MOTCUA_AGENCY": "G22.01",
    "MOTCUA_AMQP_URL": "amqp://agency.G22.01:secret@host/vhost",
    "MOTCUA_URL": "http://motcua.example/",
    "MOTCUA_CLIENT_SECRET": "secret",
    "MOTCUA_PORTAL_URL": "https://portal.example/api",
    "MOTCUA_PORTAL_KEY": "key",
}


@pytest.mark.parametrize(
    ("status", "said", "meaning"),
    [
        (200, {"error_code": 0}, Meaning.DONE),
        (200, {"error_code": "0"}, Meaning.DONE),
        (201, {"error_code": "00", "message": "OK"}, Meaning.DONE),
        (200, {"error_code": "HS_DA_TON_TAI"}, Meaning.ALREADY_THERE),
        (409, {"error_code": "HS_DA_TON_TAI"}, Meaning.ALREADY_THERE),
        (200, {"error_code": "HS_KHONG_TON_TAI"}, Meaning.NOT_THERE),
        (200, {"error_code": "DU_LIEU_SAI"}, Meaning.REFUSED),
        (200, {"error_code": -1, "message": "busy"}, Meaning.RETRY),
        (200, {"error_code": False}, Meaning.RETRY),
        (200, {"error_code": None}, Meaning.RETRY),
        (200, {"error_code": ""}, Meaning.RETRY),
        (200, {}, Meaning.RETRY),
        (200, [0], Meaning.RETRY),
        (200, 0, Meaning.RETRY),
        (500, {"error_code": 0}, Meaning.RETRY),
        (503, {}, Meaning.RETRY),
        (408, {}, Meaning.RETRY),
        (429, {}, Meaning.RETRY),
        (302, {"error_code": 0}, Meaning.REFUSED),
        (400, {"error_code": 0}, Meaning.REFUSED),
        (401, {}, Meaning.REFUSED),
        (404, {}, Meaning.REFUSED),
    ],
)
def test_meanings(status: int, said: object, meaning: Meaning) -> None:
    assert parse_reply(Answer(status, json.dumps(said).encode()), RULES).meaning is meaning


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_an_answer_that_is_not_json_is_retried(body: bytes) -> None:
    assert parse_reply(Answer(200, body), RULES).meaning is Meaning.RETRY


def test_the_portals_message_is_kept_without_personal_data() -> None:
    answer = Answer(200, json.dumps({"error_code": 7, "message": "Số 095185001234 của Bưởi sai"}).encode())
    reason = parse_reply(answer, RULES).reason
    assert reason == "HTTP 200, error_code 7: Số 095185001234 của Bưởi sai"
    assert without_personal_data(reason, ["Bưởi", "", "095185001234"]) == "HTTP 200, error_code 7: Số … của … sai"
    assert len(without_personal_data("x" * 1000, [])) == 300


def test_a_refused_connection_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="Refused"):
        http_call("GET", "http://127.0.0.1:1/", {}, None, 1.0)


def test_a_complete_environment(tmp_path: Path) -> None:
    found = read_portal_settings({**COMPLETE, "MOTCUA_DATA": str(tmp_path)})
    assert (found.endpoints.portal, found.endpoints.platform) == ("https://portal.example/api", "http://motcua.example")
    assert found.file == tmp_path / "portal.db"
    assert "key" not in repr(found.endpoints).replace("key=", "")


@pytest.mark.parametrize("missing", COMPLETE)
def test_every_missing_setting_is_named(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        read_portal_settings({name: value for name, value in COMPLETE.items() if name != missing})


@pytest.mark.parametrize("address", ["ftp://portal", "portal.example", "http://"])
def test_an_unusable_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_PORTAL_URL"):
        read_portal_settings({**COMPLETE, "MOTCUA_PORTAL_URL": address})


@pytest.mark.parametrize(
    "spoiled", ["attempts_before_parking", "error_codes", "deadline_hours", "longest_pause_seconds", "channels"]
)
def test_the_operators_rules_are_checked(tmp_path: Path, spoiled: str) -> None:
    builtin = json.loads((Path(load_rules.__code__.co_filename).parent / "data" / "portal.json").read_text())
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({**builtin, spoiled: 0}))
    with pytest.raises(DataError, match=spoiled):
        load_rules(file)
    with pytest.raises(SettingsError, match="MOTCUA_PORTAL_RULES"):
        read_portal_settings({**COMPLETE, "MOTCUA_PORTAL_RULES": str(file)})
    file.write_text(json.dumps({**builtin, "keep_days": 7}))
    assert load_rules(file).keep_days == 7
