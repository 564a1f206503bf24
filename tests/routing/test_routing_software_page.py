"""The operator's ways to send an agency its steps again: ``motcua agency resend`` and the page /routing/agencies."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.routing.pages import agencies
from services.routing.plugins import sent_steps
from services.routing.plugins.sending_again import send_open_steps_again
from services.routing.store.tasks import Task
from shared.cli import cli
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.service_fixture import REGISTRY, TAX, THURSDAY, RoutingFixture

SENT = "agency.step.assigned"
PAGE = "/routing/agencies"


@pytest.fixture
def task(land: RoutingFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Task:
    """The registry's software has lost its step; the command finds the store by its settings."""
    land.plug_in(REGISTRY)
    land.complete("transfer")
    url = land.store.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.setenv("MOTCUA_ROUTING_DB_URL", url)
    monkeypatch.setenv("MOTCUA_MODE", "test")
    monkeypatch.setenv("MOTCUA_CLOCK", f"{(THURSDAY + timedelta(hours=1)).isoformat()}@1")
    return land.step("assessment")


def resend(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["agency", "resend", *arguments])


def test_the_command_says_how_many_it_sent(land: RoutingFixture, task: Task) -> None:
    first, second = resend(REGISTRY), resend(REGISTRY)
    assert (first.exit_code, first.output) == (0, "1 bước được gửi lại · steps sent again\n")
    assert second.output.splitlines() == [
        "0 bước được gửi lại · steps sent again",
        "1 bước vừa được gửi hoặc đang chờ cơ quan nhận · sent a moment ago, or wait to be taken",
    ]
    assert len(land.emitted(SENT)) == 2


def test_the_command_takes_a_moment_and_accepted_steps(land: RoutingFixture, task: Task) -> None:
    land.run(lambda work: accept(work, task))
    assert resend(REGISTRY).output.splitlines() == [
        "0 bước được gửi lại · steps sent again",
        "1 bước cơ quan đã tiếp nhận, không gửi lại · accepted before, not sent (--accepted)",
    ]
    assert resend(REGISTRY, "--accepted", "--since", "2025-11-20T08:16").output.startswith("0 bước")
    assert resend(REGISTRY, "--accepted", "--since", "2025-11-20T08:15").output.startswith("1 bước")


def accept(work: UnitOfWork, task: Task) -> None:
    """The software has accepted the step."""
    sent_steps.answered(work.connection, task.id, work.now, None)


def test_the_command_refuses_an_agency_without_software(land: RoutingFixture, task: Task) -> None:
    unknown, without = resend("H99"), resend(TAX)
    assert (unknown.exit_code, without.exit_code) == (1, 1)
    assert f"motcua agency grant {TAX}" in without.output


def shown(land: RoutingFixture, role: str, agency: str) -> Any:
    return land.client().get(PAGE, headers=land.token(role, agency))


def press(land: RoutingFixture, role: str = "operator", agency: str = "", of: str = REGISTRY) -> Any:
    return land.client().post(PAGE, data={"agency": of}, headers=land.token(role, agency))


def listed(page: Any) -> list[str]:
    return re.findall(r'<small translate="no">([^<]+)</small>', page.text)


def test_who_sees_which_agencies(land: RoutingFixture, task: Task) -> None:
    land.plug_in(TAX)
    assert listed(shown(land, "operator", "")) == [TAX, REGISTRY]
    assert listed(shown(land, "leader", REGISTRY)) == [REGISTRY]
    assert listed(shown(land, "leader", TAX)) == [TAX]
    for role, agency in (("officer", REGISTRY), ("clerk", REGISTRY), ("agency", REGISTRY)):
        assert shown(land, role, agency).status_code == 403
        assert press(land, role, agency).status_code == 403
    assert press(land, "leader", TAX).status_code == 403
    assert len(land.emitted(SENT)) == 1


@pytest.mark.parametrize(("role", "agency"), [("operator", ""), ("leader", REGISTRY)])
def test_the_button_sends_again_and_twice_sends_nothing_twice(
    land: RoutingFixture, task: Task, role: str, agency: str
) -> None:
    land.advance(timedelta(hours=1))
    client, headers = land.client(), land.token(role, agency)
    assert "Gửi lại" in client.get(PAGE, headers=headers).text
    pressed = [client.post(PAGE, data={"agency": REGISTRY}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in pressed] == [303, 303]
    assert len(land.emitted(SENT)) == 2
    page = client.get(PAGE, headers=headers).text
    assert "Không có bước nào cần gửi lại" in page
    assert "<p>1 bước vừa được gửi ít phút trước" in page
    land.advance(timedelta(hours=1))
    client.post(PAGE, data={"agency": REGISTRY}, headers=headers)
    assert (
        "Đã gửi lại 1 bước cho Chi nhánh Văn phòng Đăng ký đất đai khu vực Phước Long."
        in client.get(PAGE, headers=headers).text
    )


@pytest.mark.parametrize("of", ["", "x" * 5000, "H99", TAX, "đất đai", "<b>"])
def test_the_button_of_no_agency_with_software(land: RoutingFixture, task: Task, of: str) -> None:
    assert press(land, of=of).status_code == 422
    assert len(land.emitted(SENT)) == 1


def test_one_press_takes_so_many_at_most(land: RoutingFixture, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    land.receive("000.00.14.H57-251120-0119")
    land.complete("transfer", code="000.00.14.H57-251120-0119")
    land.advance(timedelta(hours=1))
    found = send_open_steps_again(land.store, REGISTRY, most=1)
    assert (found.sent, found.left) == (1, 1)
    monkeypatch.setattr(agencies, "MOST", 1)
    client, headers = land.client(), land.token("operator")
    client.post(PAGE, data={"agency": REGISTRY}, headers=headers)
    assert "Đã gửi lại 1 bước" in client.get(PAGE, headers=headers).text
