"""Each service exposes its own metrics, from one process or from several that share a directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.observability import metrics
from tests.support.processes import REPOSITORY


def samples(text: str) -> dict[tuple[str, str], float]:
    """Values by name and all labels but the service's."""
    return {
        (
            sample.name,
            ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()) if key != "service"),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def shown(service: str) -> dict[tuple[str, str], float]:
    return samples(metrics.exposition(service)[0].decode())


def test_services_of_one_process_are_kept_apart() -> None:
    metrics.dossiers_received.labels("example-a", "H12", "land").inc(2)
    metrics.dossiers_received.labels("example-b", "H12", "land").inc(5)
    assert shown("example-a")["motcua_dossiers_received_total", "agency=H12,field=land"] == 2
    assert shown("example-b")["motcua_dossiers_received_total", "agency=H12,field=land"] == 5
    assert shown("example-c") == {}


def test_a_counter_starts_at_zero_for_all_combinations_and_keeps_what_it_has_counted() -> None:
    metrics.ratings.labels("example-zero", "H12", "5").inc()
    metrics.start_at_zero(metrics.ratings, "example-zero", iter(["H12", "H13"]), "45")
    assert shown("example-zero") == {
        ("motcua_ratings_total", f"agency={agency},score={score}"): float((agency, score) == ("H12", "5"))
        for agency in ("H12", "H13")
        for score in "45"
    }


def test_requests_are_counted_with_their_labels() -> None:
    durations = metrics.HttpDurations("example-http")
    durations.observe("GET", "/example/<code>", 200, 0.02)
    durations.observe("GET", "/example/<code>", 200, 20)
    durations.observe("STEAL", "", 405, 0.001)
    found = shown("example-http")
    labels = "http_request_method=GET,http_response_status_code=200,http_route=/example/<code>"
    assert found["http_server_request_duration_seconds_count", labels] == 2
    assert found["http_server_request_duration_seconds_sum", labels] == pytest.approx(20.02)
    other = "http_request_method=_OTHER,http_response_status_code=405,http_route="
    assert found["http_server_request_duration_seconds_count", other] == 1


def test_every_metric_has_the_service_first_and_a_name_that_is_known() -> None:
    metrics.counter("motcua_example_things", "Things of this test.", "kind").labels("example", "a").inc()
    metrics.gauge("motcua_example_level", "A level of this test.").labels("example").set(3)
    assert shown("example") == {("motcua_example_things_total", "kind=a"): 1, ("motcua_example_level", ""): 3}
    names = metrics.declared_names()
    for name in (
        "motcua_dossiers_received_total",
        "motcua_outbox_pending",
        "http_server_request_duration_seconds_bucket",
    ):
        assert name in names
    assert not [name for name in names if name.endswith("_created")]


def test_scrapers_may_ask_for_openmetrics() -> None:
    text, content_type = metrics.exposition("example-x", "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")
    assert metrics.exposition("example-x")[1].startswith("text/plain")


def test_without_a_directory_a_dead_process_changes_nothing() -> None:
    before = metrics.exposition("example-a")
    metrics.mark_process_dead(1)
    assert metrics.exposition("example-a") == before


def run(directory: Path, program: str) -> str:
    """Runs a little program in a process of its own that shares the directory."""
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)}
    preamble = "import os\nfrom shared.observability import metrics\n"
    done = subprocess.run(
        [sys.executable, "-c", preamble + program],
        env=environ,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


COUNT = """
metrics.sent_messages.labels("intake", "confirmed").inc({count})
metrics.HttpDurations("intake").observe("GET", "/intake/", 200, 0.02)
metrics.outbox_pending.labels("intake").set({pending})
metrics.outbox_pending.labels("routing").set(99)
print(os.getpid())
"""
SHOW = 'print(metrics.exposition("intake")[0].decode())'


def test_processes_of_one_platform_show_the_numbers_of_all(tmp_path: Path) -> None:
    run(tmp_path, COUNT.format(count=2, pending=4))
    last = run(tmp_path, COUNT.format(count=3, pending=6)).strip()
    text = run(tmp_path, SHOW)
    assert "routing" not in text
    assert "pid=" not in text
    found = samples(text)
    assert found["messaging_client_sent_messages_total", "outcome=confirmed"] == 5
    labels = "http_request_method=GET,http_response_status_code=200,http_route=/intake/"
    assert found["http_server_request_duration_seconds_count", labels] == 2
    assert found["motcua_outbox_pending", ""] == 6, "the latest value counts, not the sum"
    found = samples(run(tmp_path, f"metrics.mark_process_dead({last})\n{SHOW}"))
    assert found["messaging_client_sent_messages_total", "outcome=confirmed"] == 5, "counters outlive their process"
    assert found["motcua_outbox_pending", ""] == 4, "gauges do not"
