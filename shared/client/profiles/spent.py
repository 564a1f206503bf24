"""Where a platform's time went, by service: from its own metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from shared.client.http import Client

LOOPS = {"relay": "relay", "consume": "worker", "retry": "worker"}
"""Loop → the part of a service to which its time is added; that of all others is `sweeps`."""
TECHNICAL = frozenset(
    {
        "topology",
        "partitions",
        "probe",
        "monitor",
        "epoch",
        "empty logs",
        "clean",
        "hints",
        "lease",
        "reconcile",
        "clock",
    }
)
"""Loops that do no work of the services themselves."""
PARTS = ("commands", "relay", "worker", "sweeps", "other")


@dataclass(frozen=True, slots=True)
class Spent:
    """The time of one service.

    Attributes:
        service: its name.
        requests: commands and queries that it answered.
        seconds: by part: `commands` in seconds of real time until the answer, all others in seconds of the processor.
    """

    service: str
    requests: int
    seconds: dict[str, float]


def read_spent(client: Client, services: Iterable[str]) -> list[Spent]:
    """Reads the metrics of some services of a platform.

    Args:
        client: of the platform.
        services: their names.
    """
    return [_spent(service, client.get(f"/{service}/metrics")) for service in services]


def _spent(service: str, text: str) -> Spent:
    seconds: dict[str, float] = defaultdict(float)
    requests = 0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.labels.get("service") != service:
                continue
            if sample.name == "http_server_request_duration_seconds_sum":
                seconds["commands"] += sample.value
            elif sample.name == "http_server_request_duration_seconds_count":
                requests += int(sample.value)
            elif sample.name == "motcua_loop_cpu_seconds_total":
                seconds[_part(sample.labels["loop"])] += sample.value
    return Spent(service, requests, {part: seconds[part] for part in PARTS})


def _part(loop: str) -> str:
    return "other" if loop in TECHNICAL else LOOPS.get(loop, "sweeps")
