"""Where a platform's time went is read from its own metrics, by service and part."""

from __future__ import annotations

import contextlib

from shared.client.profiles.spent import read_spent
from shared.client.profiles.stopwatch import Stopwatch

METRICS = """
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_sum{service="intake",http_route="/a"} 1.5
http_server_request_duration_seconds_count{service="intake",http_route="/a"} 3.0
http_server_request_duration_seconds_sum{service="intake",http_route="/b"} 0.5
http_server_request_duration_seconds_count{service="intake",http_route="/b"} 1.0
# TYPE motcua_loop_cpu_seconds counter
motcua_loop_cpu_seconds_total{service="intake",loop="relay"} 1.0
motcua_loop_cpu_seconds_total{service="intake",loop="consume"} 2.0
motcua_loop_cpu_seconds_total{service="intake",loop="retry"} 0.25
motcua_loop_cpu_seconds_total{service="intake",loop="remind of appointments"} 4.0
motcua_loop_cpu_seconds_total{service="intake",loop="note missed appointments"} 0.5
motcua_loop_cpu_seconds_total{service="intake",loop="clock"} 8.0
motcua_loop_cpu_seconds_total{service="routing",loop="consume"} 99.0
"""


class Answers:
    def get(self, path: str) -> str:
        assert path == "/intake/metrics"
        return METRICS


def test_each_service_s_time_is_divided_into_its_parts() -> None:
    (spent,) = read_spent(Answers(), ["intake"])  # type: ignore[arg-type]
    assert (spent.service, spent.requests) == ("intake", 4)
    assert spent.seconds == {"commands": 2.0, "relay": 1.0, "worker": 2.25, "sweeps": 4.5, "other": 8.0}


def test_a_stopwatch_adds_up_also_what_fails() -> None:
    watch = Stopwatch()
    with watch.measured("filing"):
        pass
    with contextlib.suppress(LookupError), watch.measured("filing"):
        raise LookupError
    assert watch.calls == {"filing": 2}
    assert watch.seconds["filing"] >= 0
