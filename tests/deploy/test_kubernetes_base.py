"""The rendered deploy/k8s/base: valid, and consistent with the code that it runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from services.registry import SERVICE_NAMES, find_service
from shared.cli import COMMANDS
from shared.openid.settings import read_openid_settings
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.process import STOP_SECONDS
from shared.storage.settings import read_s3_settings
from shared.web.client_address import nearest_stranger
from shared.web.server import GRACEFUL_SECONDS
from tests.deploy.files import (
    BASE,
    EXAMPLE_SECRETS,
    KUBERNETES,
    compose,
    containers,
    fill_example_secrets,
    known_settings,
    kubernetes_environment,
    named,
    of_kind,
    pod,
    rendered,
)

WORKLOADS = [f"{service}-{part}" for service in SERVICE_NAMES for part in ("migrate", "web", "worker")]


def workload(name: str) -> dict[str, Any]:
    return named("Job" if name.endswith("-migrate") else "Deployment", name)


def main_container(name: str) -> dict[str, Any]:
    (found,) = pod(workload(name))["containers"]
    return dict(found)


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_is_valid(version: str) -> None:
    for document in rendered(BASE):
        kubernetes_validate.validate(document, version, strict=True)


def test_strict_validation_finds_a_misspelt_field() -> None:
    misspelt = {**named("Service", "intake-web"), "spec": {"ports": [{"port": 80, "targetport": "http"}]}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(misspelt, KUBERNETES[-1], strict=True)


def test_every_service_has_its_three_workloads_and_no_more() -> None:
    assert sorted(found["metadata"]["name"] for found in of_kind("Deployment", "Job")) == sorted(WORKLOADS)


def test_everything_lies_in_one_namespace_and_is_part_of_motcua() -> None:
    for document in rendered(BASE):
        metadata = document["metadata"]
        assert metadata["labels"]["app.kubernetes.io/part-of"] == "motcua"
        assert metadata.get("namespace", metadata["name"]) == "motcua"


def test_no_placeholder_is_left() -> None:
    assert "SERVICE" not in str(rendered(BASE))


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_runs_a_command_that_exists_for_its_service(name: str) -> None:
    service, part = name.split("-")
    container = main_container(name)
    assert container["args"] == [part, service]
    assert "command" not in container
    assert part in COMMANDS
    for waiting in pod(workload(name)).get("initContainers", []):
        assert waiting["command"] == ["motcua-wait-for-tables", service]


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_settings_of_a_workload_are_valid_and_hold_only_its_own_database(name: str) -> None:
    service = name.split("-")[0]
    for container in containers(workload(name)):
        given = kubernetes_environment(container)
        assert set(given) <= known_settings()
        settings = read_settings(given)
        assert settings.mode == "production"
        assert settings.host == "0.0.0.0"
        assert settings.db_pool >= settings.web_threads
        assert settings.db_url(service).endswith(f"/motcua-{service}-db")
        assert [key for key in given if key.endswith("_DB_URL")] == [f"MOTCUA_{service.upper()}_DB_URL"]


@pytest.mark.parametrize("part", ["web", "worker"])
def test_intake_alone_knows_its_provider_gateway_and_file_server_and_all_that_compose_names(part: str) -> None:
    given = kubernetes_environment(main_container(f"intake-{part}"))
    settings = read_settings(given)
    assert read_openid_settings(settings, given).issuer == "https://id.example.gov.vn"
    files = read_s3_settings(given)
    assert files is not None
    assert files.bucket == "motcua-files"
    outside = re.compile(r"MOTCUA_(OIDC|PAYMENT|S3)_|MOTCUA_VIRUS_SCANNER$")
    named_by_compose = set(filter(outside.match, compose()["services"][f"intake-{part}"]["environment"]))
    assert len(named_by_compose) > 10
    assert set(filter(outside.match, given)) == named_by_compose
    optional = [entry for entry in main_container(f"intake-{part}")["env"] if outside.match(entry["name"])]
    assert all(entry["valueFrom"]["secretKeyRef"]["optional"] for entry in optional), "a centre may have none of them"
    others = (kubernetes_environment(main_container(f"{name}-{part}")) for name in SERVICE_NAMES if name != "intake")
    assert not [name for found in others for name in found if re.match(r"MOTCUA_(OIDC|PAYMENT|S3)_", name)]


def test_routing_alone_issues_agencies_tokens_and_all_webs_check_them() -> None:
    given = {name: kubernetes_environment(main_container(f"{name}-web")) for name in SERVICE_NAMES}
    composed = {name: compose()["services"][f"{name}-web"]["environment"] for name in SERVICE_NAMES}
    for found in (given, composed):
        assert [name for name in SERVICE_NAMES if "MOTCUA_AGENCY_SIGNING_KEY" in found[name]] == ["routing"]
        assert all("MOTCUA_AGENCY_JWKS" in found[name] for name in SERVICE_NAMES)
    for environ, issues in ((given["routing"], True), (given["intake"], False)):
        auth = read_settings(environ).auth
        assert (auth.agencies_have_keys, auth.signs_for_agencies, auth.signs) == (True, issues, False)
    workers = [kubernetes_environment(main_container(f"{name}-worker")) for name in SERVICE_NAMES]
    assert not [name for found in workers for name in found if name == "MOTCUA_AGENCY_SIGNING_KEY"]


def selected(policy: dict[str, Any]) -> set[str]:
    """The workloads whose pods a network policy selects."""
    selector = policy["spec"]["podSelector"]
    found = set()
    for one in of_kind("Deployment", "Job"):
        labels = one["spec"]["template"]["metadata"]["labels"]
        among = (labels.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions", []))
        if selector["matchLabels"].items() <= labels.items() and all(among):
            found.add(one["metadata"]["name"])
    return found


def test_the_way_out_is_open_for_those_that_compose_lets_out() -> None:
    egress = [policy for policy in of_kind("NetworkPolicy") if policy["spec"]["policyTypes"] == ["Egress"]]
    closed = [policy for policy in egress if all("ports" in rule for rule in policy["spec"]["egress"])]
    assert [selected(policy) for policy in closed] == [set(WORKLOADS)], "every pod's way out is limited"
    ports = {port["port"] for policy in closed for rule in policy["spec"]["egress"] for port in rule["ports"]}
    assert ports == {53, 5432, 5671, 5672}
    opened = {name for policy in egress if policy not in closed for name in selected(policy)}
    in_compose = {name for name, one in compose()["services"].items() if "outside" in one["networks"]}
    assert opened == in_compose - {"front"}
    for policy in egress:
        if policy not in closed:
            blocks = [to["ipBlock"] for rule in policy["spec"]["egress"] for to in rule["to"]]
            assert all(block["except"] for block in blocks), "not to the addresses of the node's own services"


@pytest.mark.parametrize("ingress", ["10.244.0.7", "10.42.3.7", "192.168.77.7", "172.17.0.7", "fd00:10:244::7"])
@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_callers_behind_the_ingress_are_told_apart(service: str, ingress: str) -> None:
    settings = read_settings(kubernetes_environment(main_container(f"{service}-web")))
    seen = [nearest_stranger(ingress, caller, settings.trusted_proxies) for caller in ("203.0.113.5", "203.0.113.9")]
    assert seen == ["203.0.113.5", "203.0.113.9"]
    assert nearest_stranger("203.0.113.5", "198.51.100.1", settings.trusted_proxies) == "203.0.113.5", (
        "no proxy of ours"
    )


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_the_web_is_probed_where_it_answers(service: str, tmp_path: Path) -> None:
    context = open_context(service, read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)}))
    app = find_service(service).create_app(context)
    context.store.close()
    container = main_container(f"{service}-web")
    paths = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths["readinessProbe"] == f"/{service}/health/ready"
    # liveness must not check the database: a database failure must not restart every pod
    assert paths["startupProbe"] == paths["livenessProbe"] == f"/{service}/health/live"
    assert set(paths.values()) <= {rule.rule for rule in app.url_map.iter_rules()}
    (port,) = container["ports"]
    assert port["containerPort"] == read_settings(kubernetes_environment(container)).port
    assert all(container[probe]["httpGet"]["port"] == port["name"] for probe in paths)


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_the_worker_is_probed_on_its_own_port(service: str) -> None:
    container = main_container(f"{service}-worker")
    (port,) = container["ports"]
    assert port["containerPort"] == read_settings(kubernetes_environment(container)).worker_port
    assert container["livenessProbe"]["httpGet"] == {"path": "/health/live", "port": port["name"]}
    assert container["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": port["name"]}


@pytest.mark.parametrize("name", WORKLOADS)
def test_pods_have_no_rights_and_write_only_where_they_must(name: str) -> None:
    spec = pod(workload(name))
    assert spec["automountServiceAccountToken"] is False
    assert named("ServiceAccount", spec["serviceAccountName"])["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    volumes = {volume["name"] for volume in spec["volumes"]}
    for container in containers(workload(name)):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert "/tmp" in mounts
        assert set(mounts.values()) <= volumes
        assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"])


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_web_processes_share_their_metrics_in_a_directory_of_the_pod(service: str) -> None:
    container = main_container(f"{service}-web")
    directory = kubernetes_environment(container)["PROMETHEUS_MULTIPROC_DIR"]
    (mount,) = [mount for mount in container["volumeMounts"] if directory.startswith(mount["mountPath"] + "/")]
    (volume,) = [volume for volume in pod(workload(f"{service}-web"))["volumes"] if volume["name"] == mount["name"]]
    assert volume["emptyDir"]["medium"] == "Memory"
    assert "PROMETHEUS_MULTIPROC_DIR" not in kubernetes_environment(main_container(f"{service}-worker"))


def test_the_worker_that_spools_messages_has_a_volume() -> None:
    assert "/var/lib/motcua" in {mount["mountPath"] for mount in main_container("notify-worker")["volumeMounts"]}


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_the_end_of_a_pod_leaves_time_for_running_work(service: str) -> None:
    web = workload(f"{service}-web")
    container = main_container(f"{service}-web")
    assert "lifecycle" not in container, "the server itself waits until the endpoint is removed"
    drain = int(kubernetes_environment(container)["MOTCUA_DRAIN_SECONDS"])
    assert drain >= 5
    assert pod(web)["terminationGracePeriodSeconds"] > drain + GRACEFUL_SECONDS
    assert pod(workload(f"{service}-worker"))["terminationGracePeriodSeconds"] > STOP_SECONDS


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_selectors_match_only_the_pods_of_the_service(service: str) -> None:
    own = {"app.kubernetes.io/name": service, "app.kubernetes.io/component": "web"}
    assert named("Service", f"{service}-web")["spec"]["selector"] == own
    assert named("PodDisruptionBudget", f"{service}-web")["spec"]["selector"]["matchLabels"] == own
    met = [
        found["metadata"]["name"]
        for found in of_kind("Deployment", "Job")
        if own.items() <= found["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert met == [f"{service}-web"]
    ports = {port["name"] for port in main_container(f"{service}-web")["ports"]}
    assert {port["targetPort"] for port in named("Service", f"{service}-web")["spec"]["ports"]} <= ports


def test_the_ingress_routes_each_path_to_its_service_and_hides_metrics() -> None:
    (rule,) = named("Ingress", "motcua")["spec"]["rules"]
    routes = {
        (entry["path"], entry["pathType"]): entry["backend"]["service"]["name"] for entry in rule["http"]["paths"]
    }
    expected = {("/", "Prefix"): "intake-web"}
    for service in SERVICE_NAMES:
        expected[f"/{service}", "Prefix"] = f"{service}-web"
        expected[f"/{service}/metrics", "Exact"] = "no-backend"
    assert routes == expected
    assert set(routes.values()) <= {found["metadata"]["name"] for found in of_kind("Service")}
    assert "selector" not in named("Service", "no-backend")["spec"]


def references() -> set[tuple[str, str]]:
    """The Secrets and keys that the base refers to."""
    return {
        (entry["valueFrom"]["secretKeyRef"]["name"], entry["valueFrom"]["secretKeyRef"]["key"])
        for found in of_kind("Deployment", "Job")
        for container in containers(found)
        for entry in container["env"]
        if "valueFrom" in entry
    }


def test_secrets_are_only_referred_to_and_each_is_documented() -> None:
    assert of_kind("Secret") == []
    text = (BASE / "kustomization.yaml").read_text()
    documented = re.findall(r"^# +((?:motcua|-)\S+(?:, -[a-z-]+)*) +key `([a-z_-]+)`", text, re.MULTILINE)
    assert documented
    expanded = {
        (name if name.startswith("motcua") else f"motcua{name}", key)
        for names, key in documented
        for name in names.split(", ")
    }
    assert expanded == references()
    for found in of_kind("Deployment", "Job"):
        for container in containers(found):
            secret = [entry for entry in container["env"] if re.search(r"URL|KEY", entry["name"])]
            assert secret
            assert all("value" not in entry for entry in secret)


def test_the_example_makes_every_secret_that_is_referred_to(tmp_path: Path) -> None:
    fill_example_secrets(tmp_path, lambda wanted: sorted(key for name, key in references() if name == wanted))
    made = {(secret["metadata"]["name"], key) for secret in rendered(tmp_path) for key in secret["data"]}
    assert made == references()
    assert list(EXAMPLE_SECRETS.glob("*.env")) == []
