"""The agencies' SDKs and their handbook know the limits that the platform enforces."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.contracts import REGISTRY
from shared.contracts.agency import SHORT
from shared.plugin_sdk.sdk import decisions
from shared.text.limits import ASKED_PAPERS, NOTE, OUTCOME, PAPER

ROOT = Path(__file__).parents[3]
HANDBOOK = ROOT / "docs" / "agency.md"
NODE = ROOT / "shared" / "plugin_sdk" / "templates" / "node" / "motcua-agency" / "decisions.js"


def test_the_sdk_refuses_what_the_platform_would() -> None:
    node = dict(re.findall(r"const (MAX_\w+) = (\d+)\n", NODE.read_text(encoding="utf-8")))
    limits = {"SHORT_TEXT": SHORT, "TEXT": NOTE, "OUTCOME": OUTCOME, "PAPER": PAPER, "PAPERS": ASKED_PAPERS}
    for name, limit in limits.items():
        assert (name, getattr(decisions, f"MAX_{name}"), node[f"MAX_{name}"]) == (name, limit, str(limit))


@pytest.mark.parametrize("make", [decisions.completed, lambda outcome: decisions.obligation(outcome, 1)])
def test_an_outcome_is_as_long_as_in_the_api(make: Callable[[str], object]) -> None:
    make("x" * OUTCOME)
    with pytest.raises(ValueError, match="outcome"):
        make("x" * (OUTCOME + 1))
    example = REGISTRY.by_name["agency.step.completed"]
    assert example.schema.validate(example.example | {"outcome": "x" * OUTCOME}) == {}
    assert "outcome" in example.schema.validate(example.example | {"outcome": "x" * (OUTCOME + 1)})


def test_the_handbook_tells_the_limits() -> None:
    text = HANDBOOK.read_text(encoding="utf-8")
    assert f"A `note` or `reason` has at most {NOTE:,} characters" in text
    assert f"`papers` names 1 to {ASKED_PAPERS} papers of at most {PAPER} characters each" in text
    assert f"an `outcome` at most {OUTCOME} characters" in text
