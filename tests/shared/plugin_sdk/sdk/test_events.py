"""What the SDK reads and writes, compared with the platform's contracts."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import REGISTRY, read_data
from shared.contracts.agency import TO_AGENCIES
from shared.messaging.event import Event
from shared.messaging.sender_identity import AGENCY_EVENTS, agency_name, read_event, sender_by_key
from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.fixtures import assigned_step, make_event
from shared.plugin_sdk.sdk import Decision, Paper, Step, UnreadableMessage
from shared.plugin_sdk.sdk.decision_message import encode_decision
from shared.plugin_sdk.sdk.events import parse_event
from shared.text import clean_text

CODE = "H12.14.01"
DECISIONS = (
    sdk.accepted(),
    sdk.completed("completed", note="Đủ điều kiện", by="cb-0417"),
    sdk.returned("Thửa đất không thuộc địa bàn"),
    sdk.needs_supplement("Thiếu giấy tờ", ["Hợp đồng đã công chứng"]),
    sdk.obligation("obligation", 12_500_000),
)
texts = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Co"]), min_size=1, max_size=200)
    .filter(lambda text: not re.search("[\ufdd0-\ufdef\ufffe\uffff]", text))
    .map(clean_text)
    .filter(bool)
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.event)
def test_every_decision_follows_the_contract(decision: Decision) -> None:
    step = Step.example()
    message = encode_decision(CODE, step, decision)
    event = read_event(message.body, CODE)
    data = read_data(event)
    assert (event.id, event.type, event.key) == (message.id, message.type, step.dossier)
    assert (data["dossier"], data["task"], data["in_reply_to"]) == (step.dossier, step.task, step.event_id)
    assert message.routing_key == f"{agency_name(CODE)}.{decision.event}"
    assert sender_by_key(message.routing_key) == CODE
    assert data.items() >= decision.fields.items()


def test_decisions_cover_every_event_that_an_agency_may_publish() -> None:
    assert {decision.event for decision in DECISIONS} == set(AGENCY_EVENTS)


def test_repeated_decision_has_the_same_id_and_others_differ() -> None:
    step, other = Step.example(), Step.example()
    ids = [encode_decision(CODE, about, decision).id for about in (step, other) for decision in DECISIONS]
    assert len(set(ids)) == len(ids)
    assert [encode_decision(CODE, step, decision).id for decision in DECISIONS] == ids[: len(DECISIONS)]


@given(
    note=texts,
    by=texts,
    reason=texts.filter(str.strip),
    papers=st.lists(texts.filter(str.strip), min_size=1, max_size=20),
)
def test_any_clean_text_is_transmitted_unchanged(note: str, by: str, reason: str, papers: list[str]) -> None:
    decision = sdk.needs_supplement(reason, papers, note=note, by=by)
    data = read_data(read_event(encode_decision(CODE, Step.example(), decision).body, CODE))
    assert (data["note"], data["by"], data["reason"], data["papers"]) == (note, by, reason, papers)


@pytest.mark.parametrize(
    "make",
    [
        lambda: sdk.completed(""),
        lambda: sdk.completed("x" * 201),
        lambda: sdk.completed("completed", note="x" * 2001),
        lambda: sdk.completed("completed", by="NUL \x00"),
        lambda: sdk.returned(" "),
        lambda: sdk.needs_supplement("Thiếu", []),
        lambda: sdk.needs_supplement("Thiếu", ["giấy"] * 51),
        lambda: sdk.obligation("obligation", 0),
        lambda: sdk.obligation("obligation", True),
        lambda: sdk.obligation("obligation", 10**15 + 1),
        lambda: sdk.retry_later(0),
        lambda: sdk.retry_later(1201),
    ],
)
def test_decisions_beyond_the_contracts_limits_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="must"):
        make()


def test_a_single_paper_may_be_a_string() -> None:
    assert sdk.needs_supplement("Thiếu", "Hợp đồng").fields["papers"] == ["Hợp đồng"]


@pytest.mark.parametrize("event_type", TO_AGENCIES, ids=lambda entry: entry.name)
def test_contract_examples_are_parsed(event_type: Any) -> None:
    event = REGISTRY.make(event_type.name, event_type.example, "/motcua/routing", assigned_time())
    notice = parse_event(event.to_json())
    assert notice is not None
    assert f"agency.{notice.event}" == event_type.name
    assert (notice.event_id, notice.dossier, notice.data) == (event.id, event.data["dossier"], event.data)


def assigned_time() -> Any:
    return Event.from_json(assigned_step(CODE).to_json()).time


def test_a_step_may_have_no_time_when_it_is_due() -> None:
    fake = assigned_step(CODE, due_at=None, counted=False)
    assert read_data(read_event(fake.to_json(), ""))["due_at"] is None
    step = parse_event(fake.to_json())
    assert isinstance(step, Step)
    assert (step.due_at, step.counted) == (None, False)
    assert Step.from_json(step.to_json()) == step


def test_an_example_gives_papers_and_applicant() -> None:
    papers = [Paper("c", "Hợp đồng")]
    step = Step.example(papers)
    assert (step.papers(), step.read_dossier().dossier) == (papers, step.dossier)
    details = sdk.DossierDetails("D-1", (), applicant=sdk.Person("Nguyễn Thị Bưởi"))
    assert Step.example(details=details).read_dossier() == details
    with pytest.raises(RuntimeError, match="not received from the platform"):
        Step.from_json(step.to_json()).papers()


def test_fake_steps_follow_the_contract_and_are_parsed_completely() -> None:
    fake = assigned_step(CODE, due_at="2025-11-21T10:00:00+07:00", obligation_outcome="obligation", note="Ghi chú")
    assert read_data(read_event(fake.to_json(), ""))["outcomes"] == fake.data["outcomes"]
    step = parse_event(fake.to_json())
    assert isinstance(step, Step)
    assert step.due_at is not None
    assert step.due_at.isoformat() == "2025-11-21T10:00:00+07:00"
    assert (step.outcomes, step.obligation_outcome, step.wait_until) == (("completed", "refused"), "obligation", None)
    plain = (
        "step",
        "name",
        "agency",
        "official_role",
        "procedure",
        "procedure_name",
        "case",
        "field",
        "note",
        "regulation",
    )
    assert {name: getattr(step, name) for name in plain} == {name: fake.data[name] for name in plain}


def test_unknown_fields_are_kept_and_unknown_types_ignored() -> None:
    plain = assigned_step(CODE)
    step = parse_event(make_event("agency.step.assigned", {**plain.data, "priority": 3}, severity=7).to_json())
    assert step is not None
    assert step.data["priority"] == 3
    assert parse_event(make_event("agency.step.audited", {"dossier": "D-1"}).to_json()) is None
    newer = {**plain.envelope, "type": "vn.motcua.agency.step.assigned.v2"}
    assert parse_event(json.dumps(newer).encode()) is None


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\xff",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"id":"1","type":7,"data":{}}',
        b'{"id":"1","type":"vn.motcua.agency.step.assigned.v1","data":[]}',
        b'{"id":"","type":"vn.motcua.agency.step.cancelled.v1","data":{"dossier":"D","task":"T"}}',
        b'{"id":"1","type":"vn.motcua.agency.step.cancelled.v1","data":{"dossier":"D"}}',
        b'{"id":"1","type":"vn.motcua.agency.step.assigned.v1","data":{"dossier":"D","task":"T","outcomes":"completed"}}',
        b'{"id":"1","type":"vn.motcua.agency.step.assigned.v1","data":{"dossier":"D","task":"T","outcomes":[],"due_at":"soon"}}',
        b"[" * 100_000,
    ],
)
def test_malformed_messages_are_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        parse_event(body)


@given(body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_parser_survives_any_bytes(body: bytes) -> None:
    try:
        notice = parse_event(body)
    except UnreadableMessage:
        notice = None
    assert notice is None


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=2)


@given(
    data=st.fixed_dictionaries(
        {"dossier": st.just("D-1") | scalars, "task": st.just("T-1"), "outcomes": st.just(["completed"]) | scalars},
        optional=dict.fromkeys(("due_at", "wait_until", "name", "note", "obligation_outcome"), scalars),
    )
)
def test_parser_survives_any_step_data(data: dict[str, Any]) -> None:
    body = json.dumps({"id": "1", "type": "vn.motcua.agency.step.assigned.v1", "data": data}).encode()
    try:
        step = parse_event(body)
    except UnreadableMessage:
        return
    assert isinstance(step, Step)
    assert (step.dossier, step.task, list(step.outcomes)) == (data["dossier"], data["task"], data["outcomes"])


def test_stored_step_is_restored_without_its_papers() -> None:
    step = Step.example(papers=[Paper("contract", "Hợp đồng")], name="Thẩm định")
    again = Step.from_json(step.to_json())
    assert again == step
    assert encode_decision(CODE, again, DECISIONS[1]).id == encode_decision(CODE, step, DECISIONS[1]).id
    assert step.papers() == [Paper("contract", "Hợp đồng")]
    with pytest.raises(RuntimeError, match="not received from the platform"):
        again.papers()


def test_sdk_imports_only_pika_and_the_standard_library() -> None:
    imported = set()
    for path in Path(str(sdk.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(str(node.module).partition(".")[0])
            else:
                assert not isinstance(node, ast.ImportFrom) or node.level == 1, (
                    f"{path.name} imports from outside the SDK"
                )
    assert imported - set(sys.stdlib_module_names) == {"pika"}
