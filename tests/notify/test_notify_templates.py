from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.notify.domain.sms import segments
from services.notify.domain.templates import KINDS, Template, TemplateError, complete, compose
from services.notify.texts import read_templates, sms_templates
from shared.contracts import REGISTRY

VALUES = {
    "dossier": "000.00.14.H57-251120-0118",
    "received_at": datetime(2025, 11, 20, 1, 15, tzinfo=UTC),
    "promised_at": datetime(2025, 12, 2, 10, 30, tzinfo=UTC),
    "resolved_at": datetime(2025, 12, 2, 2, 0, tzinfo=UTC),
    "expires_at": datetime(2026, 1, 1, 2, 30, tzinfo=UTC),
    "name": "Lệ phí trước bạ",
    "amount": 12500000,
    "token": "0123456789abcdefghjk",
}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "received",
            "Ho so 000.00.14.H57-251120-0118 da duoc tiep nhan luc 08:15 20/11/2025. Hen tra ket qua: 17:30 02/12/2025.",
        ),
        (
            "obligation",
            "Ho so 000.00.14.H57-251120-0118: moi ong/ba nop 12.500.000 dong (Le phi truoc ba). "
            "Ho so duoc giai quyet tiep ngay khi da nop.",
        ),
        (
            "result_ready",
            "Ho so 000.00.14.H57-251120-0118 da co ket qua luc 09:00 02/12/2025. "
            "Moi ong/ba den Bo phan Mot cua nhan ket qua.",
        ),
        (
            "rating_invitation",
            "Moi ong/ba danh gia viec giai quyet ho so 000.00.14.H57-251120-0118: "
            "https://motcua.vn/rating/r/0123456789abcdefghjk (den 09:30 01/01/2026)",
        ),
    ],
)
def test_the_built_in_texts_are_plain_and_fit_into_one_segment(kind: str, text: str) -> None:
    composed = compose(sms_templates()[kind], VALUES)
    sent = complete(composed.body or composed.shown, "https://motcua.vn")
    assert sent == text
    assert segments(sent).count == 1


def test_a_secret_is_sent_but_not_shown() -> None:
    composed = compose(sms_templates()["rating_invitation"], VALUES)
    assert composed.body is not None
    assert "0123456789abcdefghjk" in composed.body
    assert composed.shown == composed.body.replace("0123456789abcdefghjk", "*" * 20)


def test_a_text_without_a_secret_is_kept_once() -> None:
    assert compose(sms_templates()["received"], VALUES).body is None


def test_diacritics_stay_when_the_data_say_so() -> None:
    unfolded = {kind: f"Hồ sơ {{dossier}}: {kind}" for kind in KINDS}
    template = read_templates({"fold": False, "templates": unfolded})["received"]
    assert compose(template, VALUES).shown == "Hồ sơ 000.00.14.H57-251120-0118: received"


def test_braces_in_a_value_are_only_text() -> None:
    template = Template("obligation", "{dossier}: {name}", folded=True)
    assert compose(template, {"dossier": "D", "name": "{amount}"}).shown == "D: {amount}"


@pytest.mark.parametrize(
    "text", ["{dossier} {phone}", "{}", "{0}", "{dossier.code}", "{dossier[0]}", "{dossier", "dossier}"]
)
def test_a_template_with_a_place_that_nothing_fills_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        Template("received", text, folded=True)


@pytest.mark.parametrize("templates", [{"greeting": "Xin chào"}, {"received": "chỉ một mẫu"}])
def test_templates_and_kinds_must_be_the_same(templates: dict[str, str]) -> None:
    with pytest.raises(TemplateError):
        read_templates({"fold": True, "templates": templates})


def test_a_missing_value_is_named() -> None:
    with pytest.raises(TemplateError, match="promised_at"):
        compose(sms_templates()["received"], {"dossier": "D", "received_at": VALUES["received_at"]})


def test_every_place_is_a_field_of_the_event_that_causes_the_message() -> None:
    causes = {
        "received": "dossier.received",
        "obligation": "obligation.requested",
        "result_ready": "dossier.resolved",
        "rating_invitation": "rating.invited",
    }
    assert causes.keys() == KINDS.keys()
    for kind, cause in causes.items():
        assert KINDS[kind] - {"public_url"} <= REGISTRY.by_name[cause].schema.fields.keys()
