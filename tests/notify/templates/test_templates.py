from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.domain import Channel
from services.notify.channels.plan_loader import channel_plans
from services.notify.channels.sms_segments import count_segments
from services.notify.templates.domain import (
    MAX_PAPERS,
    PLACEHOLDERS,
    Template,
    TemplateError,
    compose,
    fill_public_url,
    quotable,
)
from services.notify.templates.template_loader import all_templates, parse_templates
from shared.contracts import REGISTRY
from shared.data_files import DataError, Record

VALUES = {
    "dossier": "000.00.14.H57-251120-0118",
    "filed_at": datetime(2025, 11, 20, 1, 15, tzinfo=UTC),
    "refused_at": datetime(2025, 11, 20, 3, 0, tzinfo=UTC),
    "closed_at": datetime(2025, 12, 8, 16, 59, tzinfo=UTC),
    "received_at": datetime(2025, 11, 20, 1, 15, tzinfo=UTC),
    "promised_at": datetime(2025, 12, 2, 10, 30, tzinfo=UTC),
    "resolved_at": datetime(2025, 12, 2, 2, 0, tzinfo=UTC),
    "expires_at": datetime(2026, 1, 1, 2, 30, tzinfo=UTC),
    "name": "Lệ phí trước bạ",
    "amount": 12500000,
    "waived": 550000,
    "about": "000.00.14.H57-251120-0118",
    "look_up": "HS",
    "rate": "DG",
    "complain": "PA",
    "stop": "TUCHOI",
    "start": "NHAN",
    "owed": 550000,
    "token": "0123456789abcdefghjk",
    "papers": ["Hợp đồng chuyển nhượng có chứng thực", "Bản vẽ tách thửa"],
    "reason": "Hợp đồng chưa có trang chứng thực.",
    "until": datetime(2025, 12, 8, 10, 30, tzinfo=UTC),
    "was_due_at": datetime(2025, 12, 2, 10, 30, tzinfo=UTC),
    "due_at": datetime(2025, 12, 9, 10, 30, tzinfo=UTC),
    "was_at": datetime(2025, 12, 2, 10, 30, tzinfo=UTC),
    "moved_to": datetime(2025, 12, 9, 10, 30, tzinfo=UTC),
    "stopped_at": datetime(2025, 12, 8, 10, 31, tzinfo=UTC),
    "posted_at": datetime(2025, 12, 2, 2, 30, tzinfo=UTC),
    "published_at": datetime(2025, 12, 2, 2, 30, tzinfo=UTC),
    "code": "407519",
    "complaint": "PA-H57-251203-0007",
    "minutes": 10,
    "parcel": "EB123456789VN",
    "corrected_at": datetime(2025, 12, 8, 3, 0, tzinfo=UTC),
    "number": "A012",
    "slot_start": datetime(2025, 11, 24, 2, 0, tzinfo=UTC),
    "desk_name": "Trung tâm Phục vụ hành chính công phường An Xuyên",
}


def parse(templates: object, channel: Channel = Channel.SMS, **more: object) -> Mapping[str, Template]:
    """Reads templates as a data file holds them."""
    more = {"fold": True} | more if channel is Channel.SMS else more
    record = Record({"version": 1, "valid_from": "2025-01-01", "templates": templates, **more}, "templates.json")
    return parse_templates(record, channel, "vi", channel_plans())


CODE = "Ho so 000.00.14.H57-251120-0118"


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
def test_short_messages_have_no_diacritics_and_fit_into_one_segment(kind: str, text: str) -> None:
    composed = compose(all_templates()[Channel.SMS, "vi"][kind], VALUES)
    sent = fill_public_url(composed.secret_text or composed.text, "https://motcua.vn")
    assert sent == text
    assert count_segments(sent).count == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "supplement_requested",
            f"{CODE} can bo sung: Hop dong chuyen nhuong co chung thuc; Ban ve tach thua. "
            "Moi ong/ba nop den 17:30 08/12/2025, tai Bo phan Mot cua trong gio lam viec "
            "hoac tai https://motcua.vn/intake/",
        ),
        (
            "supplement_requested.without_end",
            f"{CODE} can bo sung: Hop dong chuyen nhuong co chung thuc; Ban ve tach thua. "
            "Moi ong/ba nop tai Bo phan Mot cua hoac tai https://motcua.vn/intake/",
        ),
        (
            "fee_waiver.refused",
            f"{CODE}: de nghi mien, giam phi, le phi khong duoc chap nhan. "
            "Moi ong/ba nop 550.000 dong; xem ly do va nop tai https://motcua.vn/intake/pay",
        ),
        ("supplemented", f"{CODE} da duoc bo sung du. Hen tra ket qua moi: 17:30 09/12/2025."),
        (
            "extended",
            f"{CODE}: co quan giai quyet xin loi ong/ba vi khong tra duoc ket qua dung hen 17:30 02/12/2025. "
            "Hen lai: 17:30 09/12/2025. Xem ly do: https://motcua.vn/intake/",
        ),
        (
            "deadline_moved.result",
            f"{CODE}: ngay hen tra ket qua 17:30 02/12/2025 la ngay nghi, "
            "hen tra chuyen sang ngay lam viec tiep theo: 17:30 09/12/2025.",
        ),
        (
            "deadline_moved.supplement",
            f"{CODE}: han bo sung giay to 17:30 02/12/2025 la ngay nghi, ong/ba duoc nop den 17:30 09/12/2025.",
        ),
        (
            "stopped.withdrawn",
            f"{CODE} da dung giai quyet luc 17:31 08/12/2025 theo yeu cau rut ho so. "
            "Moi ong/ba den Bo phan Mot cua nhan lai giay to.",
        ),
        (
            "stopped.no_supplement",
            f"{CODE} da dung giai quyet luc 17:31 08/12/2025 vi khong duoc bo sung trong thoi han. "
            "Moi ong/ba den Bo phan Mot cua nhan lai giay to.",
        ),
        (
            "stopped.stopped",
            f"{CODE} da dung giai quyet luc 17:31 08/12/2025. "
            "Moi ong/ba den Bo phan Mot cua nhan thong bao neu ro ly do va nhan lai giay to.",
        ),
        (
            "one_time_code",
            "Ma nhan ket qua ho so 000.00.14.H57-251120-0118 la 407519, co hieu luc 10 phut. "
            "Ong/ba chi doc ma nay cho can bo Mot cua tai quay khi nhan ket qua.",
        ),
        (
            "result_posted",
            "Ket qua ho so 000.00.14.H57-251120-0118 da duoc gui den ong/ba qua buu chinh cong ich luc 09:30 02/12/2025. "
            "Ma buu gui: EB123456789VN.",
        ),
        (
            "corrected",
            "Ket qua cua ho so 000.00.14.H57-251120-0118 da duoc dinh chinh luc 10:00 08/12/2025. "
            "Moi ong/ba den Bo phan Mot cua nhan ket qua da dinh chinh.",
        ),
    ],
)
def test_longer_messages_have_no_diacritics_and_fit_into_two_segments(kind: str, text: str) -> None:
    composed = compose(all_templates()[Channel.SMS, "vi"][kind], VALUES)
    sent = fill_public_url(composed.secret_text or composed.text, "https://motcua.vn")
    assert sent == text
    assert count_segments(sent).count <= 2


LETTERS = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ ,.;ĐƠƯ0123456789", max_size=400)


@given(st.lists(LETTERS, max_size=8), LETTERS)
def test_any_free_text_of_an_agency_fits_into_two_segments(papers: list[str], reason: str) -> None:
    for kind, template in all_templates()[Channel.SMS, "vi"].items():
        if kind != "obligation":
            composed = compose(template, VALUES | {"papers": papers, "reason": reason})
            assert (
                count_segments(
                    fill_public_url(composed.secret_text or composed.text, "https://motcua.example.gov.vn")
                ).count
                <= 2
            )


@pytest.mark.parametrize(
    ("papers", "written"),
    [
        (["Bản vẽ tách thửa.", "Tờ khai mẫu 01 (2 bản)"], "Bản vẽ tách thửa; Tờ khai mẫu 01 (2 bản)"),
        (["  Thiếu\n chữ   ký "], "Thiếu chữ ký"),
        (
            ["một hai ba bốn, " * 8],
            "một hai ba bốn, một hai ba bốn, một hai ba bốn, một hai ba bốn, một hai ba bốn, một hai...",
        ),
        (["x" * 90], "x" * 90),
        (["x" * 91], "x" * 87 + "..."),
        ([unicodedata.normalize("NFD", "ệ" * 90)], "ệ" * 90),
    ],
)
def test_papers_are_named_and_cut_between_words(papers: list[str], written: str) -> None:
    template = Template("supplement_requested", "{papers}", folded=False)
    assert compose(template, {"papers": papers}).text == written
    assert len(written) <= MAX_PAPERS


@pytest.mark.parametrize(
    "paper",
    [
        "Xem http://gia.vn",
        "Vào gia.vn",
        "Vào gia．vn",  # a full-width dot
        "Vào gia。vn",
        "bit,ly/abc",
        "Gọi 0912345678",
        "Gọi 0912 345 678",
        "Gọi ０９１２３４５６７８",
        "Gọi ①②③④⑤⑥⑦⑧⑨",
        "Gọi 1900-1234",
        "a@gia.vn",
        "{public_url}/gia",
        "｛public_url｝",
        "{dossier}",
        "王",
        "",
    ],
)
def test_papers_with_links_or_numbers_are_counted_and_not_quoted(paper: str) -> None:
    for folded in (True, False):
        template = Template("supplement_requested", "{papers} {public_url}", folded=folded)
        text = fill_public_url(compose(template, {"papers": ["Bản sao", paper]}).text, "https://motcua.vn")
        assert text.removesuffix(" https://motcua.vn") in ("2 giay to", "2 giấy tờ")


def test_digits_are_counted_over_all_papers() -> None:
    assert quotable(["Bản sao 2024"])
    assert not quotable(["Bản sao 0912", "345", "678"])


def test_no_free_text_of_an_agency_has_a_placeholder() -> None:
    assert not {"reason", "note", "comment", "explanation"} & frozenset().union(*PLACEHOLDERS.values())


@given(
    st.sampled_from(sorted(all_templates()[Channel.SMS, "vi"])), st.text("{}｛｝publicr_dose0! .🙂\u200b", max_size=40)
)
def test_a_value_is_never_expanded(name: str, typed: str) -> None:
    template = all_templates()[Channel.SMS, "vi"][name]
    values = VALUES | {"papers": [typed], "name": typed, "dossier": typed, "reason": typed}
    composed = compose(template, values)
    sent = fill_public_url(composed.secret_text or composed.text, "ADDRESS")
    assert sent.count("ADDRESS") == template.text.count("{public_url}")
    assert not set("{}") & set(sent)


def test_only_free_texts_are_cut() -> None:
    template = Template("obligation", "{name}", folded=False)
    assert compose(template, {"name": "x" * 200}).text == "x" * 200


def test_a_secret_is_sent_but_not_shown() -> None:
    composed = compose(all_templates()[Channel.SMS, "vi"]["rating_invitation"], VALUES)
    assert composed.secret_text is not None
    assert "0123456789abcdefghjk" in composed.secret_text
    assert composed.text == composed.secret_text.replace("0123456789abcdefghjk", "*" * 20)


def test_a_text_without_a_secret_is_stored_once() -> None:
    assert compose(all_templates()[Channel.SMS, "vi"]["received"], VALUES).secret_text is None


def test_diacritics_stay_if_the_data_file_says_so() -> None:
    unfolded = dict.fromkeys(PLACEHOLDERS, "Tin nhắn") | {"received": "Hồ sơ {dossier}: received"}
    template = parse(unfolded, fold=False)["received"]
    assert compose(template, VALUES).text == "Hồ sơ 000.00.14.H57-251120-0118: received"


def test_braces_in_a_value_are_plain_text() -> None:
    template = Template("obligation", "{dossier}: {name}", folded=True)
    assert compose(template, {"dossier": "D", "name": "{amount}"}).text == "D: (amount)"


@pytest.mark.parametrize(
    "text",
    [
        "{dossier} {phone}",
        "{}",
        "{0}",
        "{dossier.code}",
        "{dossier[0]}",
        "{dossier",
        "dossier}",
        "{dossier!r}",
        "{dossier:>9}",
    ],
)
def test_a_template_with_an_unknown_placeholder_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        Template("received", text, folded=True)


@pytest.mark.parametrize("templates", [{"greeting": "Xin chào"}, {"received": "chỉ một mẫu"}])
def test_missing_and_unknown_templates_are_refused(templates: dict[str, str]) -> None:
    with pytest.raises(DataError):
        parse(templates)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(TemplateError, match="promised_at"):
        compose(all_templates()[Channel.SMS, "vi"]["received"], {"dossier": "D", "received_at": VALUES["received_at"]})


def test_every_placeholder_is_a_field_of_the_causing_event() -> None:
    causes = {
        "filed": "dossier.filed",
        "application_supplement": "application.supplement_requested",
        "application_supplement.without_end": "application.supplement_requested",
        "application_closed.withdrawn": "application.closed",
        "application_closed.no_supplement": "application.closed",
        "refused": "dossier.refused",
        "sent_back": "dossier.sent_back",
        "received": "dossier.received",
        "obligation": "obligation.requested",
        "fee_waiver.granted": "fee.waiver_decided",
        "fee_waiver.refused": "fee.waiver_decided",
        "fee_waiver.refused_paid": "fee.waiver_decided",
        "answer_waiting": "conversation.answered",
        "result_ready": "dossier.resolved",
        "supplement_requested": "supplement.requested",
        "supplement_requested.without_end": "supplement.requested",
        "supplemented": "dossier.resumed",
        "extended": "dossier.extended",
        "deadline_moved.result": "dossier.deadline_moved",
        "deadline_moved.supplement": "dossier.deadline_moved",
        "apology": "apology.signed",
        "stopped.withdrawn": "dossier.stopped",
        "stopped.no_supplement": "dossier.stopped",
        "stopped.stopped": "dossier.stopped",
        "corrected": "dossier.corrected",
        "one_time_code": "result.code_issued",
        "result_posted": "result.posted",
        "parcel_pickup": "parcel.registered",
        "parcel_returned": "parcel.returned",
        "parcel_lost": "parcel.lost",
        "result_published": "result.published",
        "rating_invitation": "rating.invited",
        "survey_invitation": "survey.invited",
        "survey_invitation.reminder": "survey.invited",
        "report_published": "report.published",
        "report_published.corrected": "report.published",
        **{name: "complaint.notice" for name in PLACEHOLDERS if name.startswith("complaint_notice.")},
        "appointment_booked": "appointment.booked",
        "appointment_reminder": "appointment.reminder_due",
        "appointment_moved.citizen": "appointment.moved",
        "appointment_moved.closed": "appointment.moved",
        "appointment_cancelled.closed": "appointment.cancelled",
    }
    replies = {
        name for name in PLACEHOLDERS if name.startswith("sms_reply.")
    }  # to what a citizen has written, not to an event
    assert causes.keys() == PLACEHOLDERS.keys() - replies
    for kind, cause in causes.items():
        known = {"public_url"} | (
            {"agency_name", "token"} if cause == "report.published" else set()
        )  # notify knows these
        assert PLACEHOLDERS[kind] - known <= REGISTRY.by_name[cause].schema.fields.keys()
