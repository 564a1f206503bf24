from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from shared.catalogue import Case, Procedure, load_builtin, parse_bytes, parse_data, parse_file
from shared.catalogue.route_analysis import longest_hours
from shared.catalogue.text import normalise
from shared.data_files import MAX_BYTES, DataError

HERE = Path(__file__).parent
REAL = HERE.parents[2] / "../shared/data/land-procedures.json"
LAND_FILE, PROCEDURES, CASES = (
    (REAL, 31, 40) if REAL.exists() else (HERE / "data" / "land-procedures-sample.json", 6, 9)
)
LAND: list[dict[str, Any]] = json.loads(LAND_FILE.read_text(encoding="utf-8"))
SAMPLE: list[dict[str, Any]] = json.loads((HERE / "data" / "land-procedures-sample.json").read_text(encoding="utf-8"))


def messages(content: bytes) -> list[str]:
    with pytest.raises(DataError) as error:
        parse_bytes(content)
    return [str(fault) for fault in error.value.faults]


def test_provincial_file_comes_in_whole() -> None:
    procedures = parse_file(LAND_FILE)
    assert (len(procedures), sum(len(procedure.cases) for procedure in procedures)) == (PROCEDURES, CASES)
    for procedure, entry in zip(procedures, LAND, strict=True):
        assert (procedure.code, procedure.name) == (entry["ma_tthc"], normalise(entry["ten"]))
        assert (procedure.field, procedure.field_name) == ("land", "Đất đai")
        assert procedure.limit_text == normalise(entry["thoi_gian_nguyen_van"])
        assert [paper.name for paper in procedure.papers] == [normalise(text) for text in entry["thanh_phan_ho_so"]]
        assert [paper.code for paper in procedure.papers] == [str(n + 1) for n in range(len(procedure.papers))]
        for case, row in zip(procedure.cases, entry["truong_hop"], strict=True):
            same_day = row["so_ngay_lam_viec"] == 1 and "Trong ngày" in entry["thoi_gian_nguyen_van"]
            assert case.limit.as_dict() == (
                {"immediate": True} if same_day else {"working_days": row["so_ngay_lam_viec"]}
            )
            assert case.remote_extra_days == row["cong_them_vung_kho_khan"]
            assert case.uncounted == row["khong_tinh_thoi_gian"]
            assert case.name == (row["ten"] or "Mặc định")
            route = procedure.route(case.code)
            assert {step.agency_role for step in route.steps if step.counted} == {"land_registry"}
            waits = [step.wait_days for step in route.steps if not step.counted]
            assert waits == [int(number) for number in re.findall(r"\d+", row["khong_tinh_thoi_gian"])]
            assert longest_hours(route) == case.limit.planned_hours


def test_builtin_land_procedures_agree_with_the_file() -> None:
    builtin = {procedure.code: procedure for procedure in load_builtin()}
    both = [(builtin[imported.code], imported) for imported in parse_data(LAND) if imported.code in builtin]
    assert len(both) == (9 if REAL.exists() else 4)
    for mine, theirs in both:
        assert (mine.name, mine.limit_text) == (theirs.name, theirs.limit_text)
        assert [_published(case) for case in mine.cases] == [_published(case) for case in theirs.cases]
        assert [paper.name for paper in mine.papers] == [paper.name for paper in theirs.papers]
        # A paper that the file calls conditional may be required here, but only in the case that is its condition.
        for here, there in zip(mine.papers, theirs.papers, strict=True):
            assert here.required == there.required or here.cases


def _published(case: Case) -> tuple[object, ...]:
    return case.name, case.limit, case.remote_extra_days, case.uncounted


def test_same_file_again_has_the_same_digests() -> None:
    assert [p.digest for p in parse_file(LAND_FILE)] == [p.digest for p in parse_file(LAND_FILE)]


def test_another_agency_may_handle_the_list() -> None:
    assert (
        parse_file(LAND_FILE, agency_role="natural_resources")[0].route("default").first.agency_role
        == "natural_resources"
    )
    with pytest.raises(ValueError, match='no agency has the role "bank"'):
        parse_file(LAND_FILE, agency_role="bank")


@pytest.mark.parametrize(
    ("text", "required", "kind"),
    [
        ("Bản gốc Giấy chứng nhận đã cấp", True, "original"),
        ("Đơn đăng ký biến động đất đai (01 bản chính)", True, "form"),
        ("Văn bản ủy quyền (nếu thực hiện qua người đại diện).", False, "original"),
        ("Giấy tờ chứng minh sai sót (Nếu có)", False, "original"),
        ("Văn bản ủy quyền nếu thực hiện qua người đại diện", False, "original"),
        ("Sơ đồ nhà ở (trừ trường hợp trong giấy tờ đã có sơ đồ)", False, "original"),
        ("Văn bản cho phép đổi tên (đối với tổ chức).", False, "original"),
        ("Hoặc Văn bản yêu cầu", False, "original"),
        ("Báo cáo kết quả rà soát (01 bản sao)", True, "copy"),
        ("Giấy ghi rõ nếu có thay đổi", True, "original"),
    ],
)
def test_paper_is_read_from_its_wording(text: str, required: bool, kind: str) -> None:
    (procedure,) = parse_data([{**SAMPLE[0], "thanh_phan_ho_so": [text]}])
    assert [(paper.required, paper.kind) for paper in procedure.papers] == [(required, kind)]


def test_cases_of_different_times_get_their_own_routes() -> None:
    (procedure,) = (p for p in parse_data(SAMPLE) if p.code == "1.012781")
    assert [(case.code, case.route) for case in procedure.cases] == [("1", "days-10"), ("2", "days-20")]
    (one,) = (p for p in parse_data(SAMPLE) if p.code == "1.012786")
    assert [(case.code, case.name, case.route) for case in one.cases] == [("default", "Mặc định", "default")]
    (data,) = (p for p in parse_data(SAMPLE) if p.code == "1.012789")
    assert [(case.code, case.route) for case in data.cases] == [("1", "same-day"), ("2", "days-10")]


def test_unknown_field_gets_a_code_of_its_name() -> None:
    (procedure,) = parse_data([{**SAMPLE[0], "linh_vuc": "Thi đua - Khen thưởng"}])
    assert (procedure.field, procedure.field_name) == ("thi_dua_khen_thuong", "Thi đua - Khen thưởng")


def changed(index: int, **members: Any) -> bytes:
    data = copy.deepcopy(SAMPLE)
    data[index].update(members)
    return json.dumps(data).encode()


CODE = "mã thủ tục dạng n.nnnnnn, có thể có đuôi riêng của địa phương"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            changed(2, ma_tthc="1.012345", truong_hop=[{"ten": "", "so_ngay_lam_viec": "tám"}]),
            ['mục 3 (1.012345): truong_hop[0].so_ngay_lam_viec: phải là số nguyên, không phải "tám"'],
        ),
        (
            changed(1, ma_tthc="12"),
            [f'mục 2 (12): ma_tthc: phải là {CODE}, không phải "12"'],
        ),
        (changed(1, ma_tthc=SAMPLE[0]["ma_tthc"]), [f"mục 2 ({SAMPLE[0]['ma_tthc']}): ma_tthc: trùng mã với mục 1"]),
        (
            changed(1, ma_tthc=5, ten=" "),
            ["mục 2: ma_tthc: phải là chữ, không phải 5", 'mục 2: ten: phải là chữ không để trống, không phải ""'],
        ),
        (changed(0, truong_hop=[]), [f"mục 1 ({SAMPLE[0]['ma_tthc']}): truong_hop: phải có ít nhất 1 mục"]),
        (
            changed(0, truong_hop=[{"ten": "", "so_ngay_lam_viec": 1}, {"ten": "Mặc định", "so_ngay_lam_viec": 2}]),
            [f"mục 1 ({SAMPLE[0]['ma_tthc']}): truong_hop[1]: trùng tên với truong_hop[0]"],
        ),
        (
            changed(0, thanh_phan_ho_so=["Đơn", "Bản đồ", "ĐƠN "]),
            [f"mục 1 ({SAMPLE[0]['ma_tthc']}): thanh_phan_ho_so[2]: trùng tên với thanh_phan_ho_so[0]"],
        ),
        (
            b'[{"ten": "A"}, 7]',
            [
                'mục 1: thiếu "ma_tthc", "linh_vuc", "truong_hop", "thanh_phan_ho_so"',
                "mục 2: phải là một đối tượng {…}, không phải 7",
            ],
        ),
        (b"[]", ["phải có ít nhất 1 mục"]),
    ],
)
def test_bad_entries_are_named_by_position(content: bytes, expected: list[str]) -> None:
    assert messages(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "JSON sai (not JSON): dòng (line) 1, cột (column) 1"),
        (b'[{"ten": ]', "JSON sai (not JSON): dòng (line) 1, cột (column) 10"),
        (b'"abc"', "không phải (not) str"),
        (b"null", "không phải (not) NoneType"),
        (b"NaN", "NaN không phải là số"),
        (b"[" * 100_000, "JSON lồng nhau quá sâu"),
        (b"[" + b"1" * 5000 + b"]", "JSON sai (not JSON)"),
        (b'{"procedures": [], "procedures": []}', "mục 'procedures' có hai lần"),
        (b'{"procedures": []}', "procedures: must have at least 1 entries"),
        ('[{"ten": "Đất"}]'.encode("utf-16") + b"\x00", "không phải chữ UTF-16"),
        (
            '[\r\n"Hồ sơ"]'.encode("cp1258", "replace") + b"\xff",
            "(not UTF-8 text; save the file as UTF-8): dòng (line) 2",
        ),
        ('["Don"'.encode("utf-16-le"), "JSON sai (not JSON): dòng (line) 1"),
        (b" " * (MAX_BYTES + 1), "tệp lớn hơn 20 MB"),
    ],
    ids=[
        "empty",
        "syntax",
        "text",
        "null",
        "nan",
        "deep",
        "huge number",
        "member twice",
        "no procedures",
        "broken utf-16",
        "cp1258",
        "utf-16 without a mark",
        "huge",
    ],
)
def test_bad_files_give_one_clear_line(content: bytes, expected: str) -> None:
    (message,) = messages(content)
    assert expected in message
    assert "\n" not in message
    assert len(message) < 200


def test_missing_file_gives_one_clear_line(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(DataError, match=r"^không đọc được tệp \(cannot read the file\): .+$"):
            parse_file(path)


def test_a_sub_dossier_may_be_of_a_procedure_that_is_known_already() -> None:
    known = {procedure.code: procedure for procedure in load_builtin()}
    death = {"procedures": [known["1.011537"].as_dict()]}
    with pytest.raises(DataError, match=r'names no procedure "1\.014028"'):
        parse_data(death)
    assert parse_data(death, known=[known["1.014028"]]) == (known["1.011537"],)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_native_format_is_read_with_any_mark_and_any_line_ends(tmp_path: Path, encoding: str, ends: str) -> None:
    path = tmp_path / "own.json"
    entries = [procedure.as_dict() for procedure in load_builtin()]
    text = json.dumps({"procedures": entries}, ensure_ascii=False, indent=1)
    path.write_bytes(text.replace("\n", ends).encode(encoding))
    assert parse_file(str(path)) == load_builtin()


def test_many_faults_are_all_kept_but_not_all_shown() -> None:
    with pytest.raises(DataError) as error:
        parse_data([7] * 60)
    assert len(error.value.faults) == 60
    assert str(error.value).splitlines()[-1] == "… và 10 lỗi khác (and 10 more)"


texts = st.sampled_from(["Đơn", "đơn", "Bản đồ", "Hợp đồng", "Bản sao (nếu có)", "Mặc định", "", "\x00"]) | st.text(
    max_size=9
)
rows = st.fixed_dictionaries({"ten": texts, "so_ngay_lam_viec": st.integers(1, 30) | st.just(0)})
entries = st.fixed_dictionaries(
    {
        "ma_tthc": st.from_regex(r"\A[12]\.[0-9]{6}(\.H20)?\Z") | st.sampled_from(["1.000001", "1.1"]),
        "ten": st.just("Thủ tục") | texts,
        "linh_vuc": st.sampled_from(["Đất đai", "Y tế", "ª1", "??"]),
        "truong_hop": st.lists(rows, min_size=1, max_size=3),
        "thanh_phan_ho_so": st.lists(texts, max_size=3),
    }
)


def parsed(data: Any) -> tuple[Procedure, ...] | DataError:
    try:
        return parse_data(data)
    except DataError as error:
        return error


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(entries, min_size=1, max_size=3))
def test_any_list_is_imported_whole_or_refused_by_entry(data: list[Any]) -> None:
    outcome = parsed(data)
    event("refused" if isinstance(outcome, DataError) else "imported")
    if isinstance(outcome, DataError):
        assert all(fault.position.startswith("mục ") for fault in outcome.faults)
        return
    assert [procedure.code for procedure in outcome] == [entry["ma_tthc"] for entry in data]
    for procedure, entry in zip(outcome, data, strict=True):
        assert [case.limit.amount for case in procedure.cases] == [
            row["so_ngay_lam_viec"] for row in entry["truong_hop"]
        ]
        assert len(procedure.papers) == len(entry["thanh_phan_ho_so"])


def marked(data: Any, sign: str) -> Any:
    """The data with a sign in each of its texts, as copied from a word processor."""
    if isinstance(data, str):
        return f"{sign}{data[:1]}{sign}{data[1:]} "
    if isinstance(data, dict):
        return {name: marked(value, sign) for name, value in data.items()}
    return [marked(entry, sign) for entry in data] if isinstance(data, list) else data


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u202e", "\u00ad"])
def test_texts_are_cleaned_as_in_forms(sign: str) -> None:
    native = {"procedures": [SAMPLE_PROCEDURE.as_dict()]}
    for data in (SAMPLE, native):
        content = json.dumps(marked(data, sign), ensure_ascii=False).encode()
        assert [one.digest for one in parse_bytes(content)] == [one.digest for one in parse_data(data)]


SAMPLE_PROCEDURE = load_builtin()[0]


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\ud800", "\ue000", "\uffff"])
def test_a_text_that_cannot_be_printed_is_named_by_its_place(sign: str) -> None:
    entries = copy.deepcopy(SAMPLE[:2])
    entries[1]["ten"] += sign
    entries[1]["thanh_phan_ho_so"][0] += sign
    code = entries[1]["ma_tthc"]
    assert messages(json.dumps(entries).encode()) == [
        f"mục 2 ({code}): ten: có ký tự không in được",
        f"mục 2 ({code}): thanh_phan_ho_so[0]: có ký tự không in được",
    ]
    native = {"procedures": [SAMPLE_PROCEDURE.as_dict()]}
    native["procedures"][0]["name"] += sign
    assert messages(json.dumps(native).encode()) == [
        f"procedures[0].name ({SAMPLE_PROCEDURE.code}): holds characters that cannot be printed"
    ]


@pytest.mark.parametrize("sign", ["\x00", "\ud800", "\u202e"])
def test_what_is_wrong_can_always_be_shown(sign: str) -> None:
    """Whatever stands in the file, a terminal shows its faults, without control characters that would move the cursor."""
    entries = copy.deepcopy(SAMPLE[:1])
    entries[0] |= {"ma_tthc": f"1.{sign}x", f"la{sign}": f"{sign}", "ten": ""}
    for content in (json.dumps(entries), json.dumps({"procedures": [{"code": f"x{sign}", f"{sign}": 1}]})):
        for message in messages(content.encode()):
            assert message.isprintable()
            message.encode()


def test_a_name_that_prints_as_nothing_is_none() -> None:
    entries = copy.deepcopy(SAMPLE[:1])
    entries[0]["ten"] = "\u3164\u200b "
    assert [": ten: " in message for message in messages(json.dumps(entries).encode())] == [True]
