"""Handlers, checks of decisions, settings, papers and metrics: everything that needs no broker."""

from __future__ import annotations

import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.plugin_sdk import sdk
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.plugin_sdk.sdk import AgencyService, DossierEvent, InvalidDecision, SettingsError, Step
from shared.plugin_sdk.sdk.metrics import Metrics, serve_metrics
from shared.plugin_sdk.sdk.settings import read_settings

ENVIRONMENT = {"MOTCUA_AGENCY": "H12.14.01", "MOTCUA_AMQP_URL": "amqp://agency.H12.14.01:secret@localhost/"}
REJECTED = DossierEvent("decision.rejected", "1", "D-1", "T-1", {})
CANCELLED = DossierEvent("step.cancelled", "1", "D-1", "T-1", {})


def test_decide_returns_the_handlers_decision() -> None:
    service = AgencyService()
    service.on("step.assigned")(lambda step: sdk.completed(step.outcomes[1], note=step.name))
    decision = service.decide(Step.example(name="Thẩm định"))
    assert decision == sdk.completed("refused", note="Thẩm định")


@pytest.mark.parametrize(
    "result",
    [None, "completed", sdk.completed("approved"), sdk.obligation("tax", 1)],
    ids=["none", "text", "outcome", "tax"],
)
def test_invalid_decisions_are_refused_before_sending(result: object) -> None:
    service = AgencyService()
    service.on("step.assigned")(lambda _step: result)  # type: ignore[type-var]
    with pytest.raises(InvalidDecision):
        service.decide(Step.example())


def test_obligation_outcome_is_valid() -> None:
    service = AgencyService()
    service.on("step.assigned")(lambda step: sdk.obligation(step.obligation_outcome, 5))
    assert service.decide(Step.example(obligation_outcome="obligation")) == sdk.obligation("obligation", 5)


def test_cancelled_step_takes_no_decision_and_rejected_decision_may_be_replaced() -> None:
    service = AgencyService()
    service.on("step.cancelled")(lambda _notice: sdk.completed("completed"))
    service.on("decision.rejected")(lambda _notice: sdk.completed("completed"))
    with pytest.raises(InvalidDecision):
        service.decide(CANCELLED)
    assert service.decide(REJECTED) == sdk.completed("completed")
    assert AgencyService().decide(REJECTED) is None


def test_handler_needs_a_known_event_without_a_handler() -> None:
    service = AgencyService()
    service.on("step.assigned")(lambda _step: sdk.retry_later(1))
    with pytest.raises(ValueError, match="has a handler already"):
        service.on("step.assigned")
    with pytest.raises(ValueError, match="is none of"):
        service.on("step.done")


def test_settings_error_lists_all_faults_and_never_the_password() -> None:
    broken = {"MOTCUA_AMQP_URL": "amp://u:secret@h/", "MOTCUA_METRICS_PORT": "many", "MOTCUA_PREFETCH": "0"}
    with pytest.raises(SettingsError) as caught:
        read_settings(broken)
    for name in ("MOTCUA_AGENCY", "MOTCUA_AMQP_URL", "MOTCUA_METRICS_PORT", "MOTCUA_PREFETCH"):
        assert name in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(read_settings(ENVIRONMENT))


def test_settings_are_read_on_first_use() -> None:
    assert AgencyService.from_environment(ENVIRONMENT).settings.code == "H12.14.01"
    forgetful = AgencyService.from_environment({})
    with pytest.raises(SettingsError):
        _ = forgetful.settings
    with pytest.raises(SystemExit, match="MOTCUA_AGENCY is not set"):
        forgetful.run()


def test_metrics_are_served_in_prometheus_format() -> None:
    metrics = Metrics()
    metrics.add("decided_total", event="step.completed")
    metrics.add("decided_total", event="step.completed")
    metrics.set("connected", 1)
    with serve_metrics(metrics, free_port()) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
            families = {family.name: family for family in text_string_to_metric_families(response.read().decode())}
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/secrets", timeout=5)
    decided = families["motcua_agency_decided"].samples[0]
    assert (decided.labels, decided.value) == ({"event": "step.completed"}, 2)
    assert families["motcua_agency_connected"].samples[0].value == 1
    assert families["motcua_agency_unreadable"].samples[0].value == 0


def test_metrics_are_not_served_on_port_0() -> None:
    with serve_metrics(Metrics(), 0) as port:
        assert port == 0
