"""The agencies' SDKs and their handbook know the limits that the platform enforces."""

from __future__ import annotations

import re
from pathlib import Path

from shared.plugin_sdk.sdk import decisions
from shared.text.limits import ASKED_PAPERS, NOTE, PAPER

ROOT = Path(__file__).parents[3]
HANDBOOK = ROOT / "docs" / "agency.md"
NODE = ROOT / "shared" / "plugin_sdk" / "templates" / "node" / "motcua-agency" / "decisions.js"


def test_the_sdk_refuses_what_the_platform_would() -> None:
    assert (decisions.MAX_TEXT, decisions.MAX_PAPER, decisions.MAX_PAPERS) == (NOTE, PAPER, ASKED_PAPERS)
    node = dict(re.findall(r"const (MAX_\w+) = (\d+)\n", NODE.read_text(encoding="utf-8")))
    assert [node[name] for name in ("MAX_TEXT", "MAX_PAPER", "MAX_PAPERS")] == [
        str(NOTE),
        str(PAPER),
        str(ASKED_PAPERS),
    ]


def test_the_handbook_tells_the_limits() -> None:
    text = HANDBOOK.read_text(encoding="utf-8")
    assert f"A `note` or `reason` has at most {NOTE:,} characters" in text
    assert f"`papers` names 1 to {ASKED_PAPERS} papers of at most {PAPER} characters each" in text
