"""Fills a platform with sample dossiers in all states, so that each page shows something real."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.catalogue import Procedure
from shared.client.http import ApiError, wait_for
from shared.client.people import People
from shared.client.sample_desk import as_visitor
from shared.client.sample_filing import lasts_for_days, sample_filing
from shared.client.tracked_dossier import LAND_TRANSFER, OBLIGATION_VND, DossierDriver, TrackedDossier, open_task
from shared.identity_provider.citizens import sample_citizens

PLAN: Mapping[str, int] = {
    "received": 4,
    "under_way": 8,
    "supplement": 3,
    "supplemented": 2,
    "obligation": 3,
    "refused": 2,
    "stopped": 1,
    "withdrawn": 2,
    "resolved": 4,
    "returned": 5,
    "rated": 4,
}
"""How far dossiers are taken → how many of them."""

ASKED_PAPER = "Bản sao có chứng thực"

CITIZEN_EVERY = 4
"""Every how many dossiers one is a sample citizen's, who may sign in and follow it."""


class SampleOffice:
    """Files dossiers and takes each as far as its plan says.

    Args:
        people: the people who act.
        procedures: those that may be filed; those with a public posting, which lasts for days, are left out.
        desks: codes of the one-stop desks that receive.
        seed: the same seed gives the same people and cases.
        timeout: the longest wait for each next state, real seconds.
    """

    def __init__(
        self,
        people: People,
        procedures: Sequence[Procedure],
        desks: Sequence[str],
        seed: int = 1,
        timeout: float = 60.0,
    ) -> None:
        self._people = people
        self._driver = DossierDriver(people, timeout=timeout)
        self._timeout = timeout
        short = [procedure for procedure in procedures if not lasts_for_days(procedure)]
        self._several_steps = [found for found in short if all(len(route.steps) > 1 for route in found.routes)]
        self._desks = desks
        self._citizens = [one for one in sample_citizens().values() if one.phone]
        self._chance = random.Random(seed)
        self._acts: Mapping[str, Callable[[TrackedDossier], None]] = {
            "received": lambda _tracked: None,
            "under_way": self._begin,
            "supplement": self._ask,
            "supplemented": self._supplement,
            "obligation": self._wait_for_payment,
            "refused": self._refuse,
            "stopped": self._stop,
            "withdrawn": self._withdraw,
            "resolved": self._resolve,
            "returned": self._return,
            "rated": self._rate,
        }

    def fill(self, plan: Mapping[str, int] = PLAN) -> dict[str, list[str]]:
        """Files and completes; returns how far → the codes of the dossiers taken there.

        Raises:
            shared.client.http.ApiError, TimeoutError, OSError: the platform refuses or does not answer.
        """
        codes: dict[str, list[str]] = {far: [] for far in plan}
        number = 0
        for far, count in plan.items():
            for _ in range(count):
                number += 1
                tracked = self._file(far, number)
                self._acts[far](tracked)
                codes[far].append(tracked.code)
        return codes

    def _file(self, far: str, number: int) -> TrackedDossier:
        desk = self._desks[number % len(self._desks)]
        filing = sample_filing(self._chance, self._chance.choice(self._several_steps), number)
        if number % CITIZEN_EVERY == 0:
            filing["applicant"] = as_visitor(self._citizens[number // CITIZEN_EVERY % len(self._citizens)])
        if far == "obligation":
            filing = {**LAND_TRANSFER, "applicant": filing["applicant"]}
        tracked = self._driver.file(desk, filing)
        if tracked.receipt["fee"] and far != "received":
            self._people.pay(desk, tracked.code, tracked.receipt["fee"])
        return tracked

    def _task(self, tracked: TrackedDossier) -> dict[str, Any]:
        """The open step, once routing knows the dossier."""

        def found() -> Any:
            try:
                return open_task(self._people.routing_view(tracked.desk, tracked.code), missing_ok=True)
            except ApiError as error:
                if error.status == 404:
                    return None
                raise

        task: dict[str, Any] = wait_for(found, self._timeout, f"a step of {tracked.code}")
        return task

    def _act(self, task: dict[str, Any], what: str, body: dict[str, Any]) -> None:
        official = self._people.client_for(task["official_role"], task["agency"])
        official.post(f"/routing/api/tasks/{task['id']}/{what}", body)

    def _begin(self, tracked: TrackedDossier) -> None:
        """Completes some steps, but not the last one."""
        for _ in range(self._chance.randint(1, 2)):
            task = self._task(tracked)
            if task["state"] == "awaiting_payment" or "completed" not in task["outcomes"]:
                return
            self._people.complete(task, "completed")
            wait_for(lambda task=task: self._passed(tracked, task), self._timeout, f"the next step of {tracked.code}")  # type: ignore[misc]

    def _passed(self, tracked: TrackedDossier, task: dict[str, Any]) -> bool:
        current = open_task(self._people.routing_view(tracked.desk, tracked.code), missing_ok=True)
        return current is None or current["id"] != task["id"]

    def _ask(self, tracked: TrackedDossier) -> None:
        task = self._task(tracked)
        body = {"papers": [ASKED_PAPER], "reason": "Bản sao đã nộp không rõ chữ ký."}
        self._act(task, "supplement", body)

    def _supplement(self, tracked: TrackedDossier) -> None:
        self._ask(tracked)
        clerk = self._people.client_for("clerk", tracked.desk)

        def taken() -> bool:
            try:
                clerk.post(f"/intake/api/dossiers/{tracked.code}/supplement", {"papers": [ASKED_PAPER]})
            except ApiError as error:
                if error.status == 409:  # intake has not heard of the request yet
                    return False
                raise
            return True

        wait_for(taken, self._timeout, f"the request for papers of {tracked.code}")

    def _wait_for_payment(self, tracked: TrackedDossier) -> None:
        for _ in range(10):
            task = self._task(tracked)
            if "obligation" in task["outcomes"]:
                self._people.complete(task, "obligation", amount=OBLIGATION_VND)
                return
            self._people.complete(task, "completed" if "completed" in task["outcomes"] else task["outcomes"][0])
            wait_for(lambda task=task: self._passed(tracked, task), self._timeout, f"the next step of {tracked.code}")  # type: ignore[misc]

    def _refuse(self, tracked: TrackedDossier) -> None:
        """The agency that handles it refuses, not the desk that has received it."""
        task = self._task(tracked)
        if task["agency"] == tracked.desk and "completed" in task["outcomes"]:
            self._people.complete(task, "completed")
            wait_for(lambda: self._passed(tracked, task), self._timeout, f"the next step of {tracked.code}")
            task = self._task(tracked)
        number = self._chance.randint(10, 99)
        body = {"reason": "Hồ sơ không đáp ứng điều kiện giải quyết theo quy định.", "document": f"{number}/TB"}
        self._act(task, "refuse", body)

    def _stop(self, tracked: TrackedDossier) -> None:
        self._task(tracked)
        leads = self._people.routing_view(tracked.desk, tracked.code)["handling_agency"]
        body = {"reason": "Có quyết định tạm dừng giao dịch của cơ quan thi hành án."}
        self._people.client_for("leader", leads).post(f"/routing/api/dossiers/{tracked.code}/stop", body)

    def _withdraw(self, tracked: TrackedDossier) -> None:
        self._task(tracked)
        body = {"reason": "Người nộp xin rút để bổ sung giấy tờ."}
        clerk = self._people.client_for("clerk", tracked.desk)
        clerk.post(f"/intake/api/dossiers/{tracked.code}/withdraw", body)

    def _resolve(self, tracked: TrackedDossier) -> None:
        self._driver.work_through(tracked)

    def _return(self, tracked: TrackedDossier) -> None:
        self._resolve(tracked)
        self._driver.hand_back(tracked)

    def _rate(self, tracked: TrackedDossier) -> None:
        self._return(tracked)
        self._driver.rate(tracked, self._chance.choice((5, 5, 4, 3)))
