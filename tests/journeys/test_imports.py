"""Procedures imported from a file by the command can be filed at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared.catalogue import load_builtin
from shared.client.http import wait_for
from tests.journeys import actors
from tests.journeys.actors import DESK
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.platform import motcua
from tests.support.processes import REPOSITORY

PROVINCE = REPOSITORY / "../shared/data/land-procedures.json"
SAMPLE = REPOSITORY / "tests/shared/catalogue/data/land-procedures-sample.json"


def new_procedure() -> dict[str, Any]:
    """A procedure of the provincial list that is not built in."""
    known = {procedure.code for procedure in load_builtin()}
    listed = json.loads((PROVINCE if PROVINCE.exists() else SAMPLE).read_text(encoding="utf-8"))
    return next(dict(entry) for entry in listed if entry["ma_tthc"] not in known)


def all_known(platform: InProcessPlatform) -> list[str]:
    listed = platform.people().public().get("/intake/api/procedures", limit=200)
    return sorted(entry["code"] for entry in listed["items"])


def test_an_imported_list_can_be_filed_and_routed(platform: InProcessPlatform, tmp_path: Path) -> None:
    file = tmp_path / "procedures.json"
    listed = json.loads((PROVINCE if PROVINCE.exists() else SAMPLE).read_text(encoding="utf-8"))
    code = new_procedure()["ma_tthc"]
    file.write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    before = all_known(platform)
    done = motcua(platform.environ, "import", "procedures", str(file))
    assert done.returncode == 0, done.stderr
    assert f"{len(listed)} procedures read" in done.stdout
    people = platform.people()
    wait_for(lambda: code in all_known(platform), actors.TIMEOUT, f"{code} in force")
    assert len(all_known(platform)) > len(before)
    published = people.public().get(f"/intake/api/procedures/{code}")
    case = published["cases"][0]["code"]
    papers = [paper["code"] for paper in published["papers"] if paper["required"]]
    filing = {"procedure": code, "case": case, "applicant": actors.APPLICANT, "papers": papers}
    receipt = people.file(DESK, filing)
    first = published["routes"][published["cases"][0]["route"]]["steps"][0]
    assert actors.step_at(people, receipt["code"], first["id"])["name"] == first["task"]
    again = motcua(platform.environ, "import", "procedures", str(file))
    assert "0 published" in again.stdout


def test_a_bad_file_imports_nothing_and_names_every_fault(platform: InProcessPlatform, tmp_path: Path) -> None:
    good, worse, worst = new_procedure(), new_procedure(), new_procedure()
    worse["ma_tthc"] = "9.000001"
    worse["truong_hop"] = [{**worse["truong_hop"][0], "so_ngay_lam_viec": -1}]
    del worst["ten"]
    worst["ma_tthc"] = "9.000002"
    file = tmp_path / "bad.json"
    file.write_text(json.dumps([good, worse, worst], ensure_ascii=False), encoding="utf-8")
    before = all_known(platform)
    done = motcua(platform.environ, "import", "procedures", str(file))
    assert done.returncode != 0
    assert "nothing imported" in done.stderr
    assert "Traceback" not in done.stderr
    faults = [line for line in done.stderr.splitlines() if line.startswith(f"{file}: ")]
    assert len(faults) >= 2, done.stderr
    assert all_known(platform) == before
    filing = {"procedure": good["ma_tthc"], "applicant": actors.APPLICANT, "papers": []}
    actors.refused(422, platform.people().file, DESK, filing)
