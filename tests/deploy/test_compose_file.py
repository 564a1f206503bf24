"""docker-compose.yml against the code that it runs."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.registry import SERVICE_NAMES, find_service
from shared.cli import COMMANDS
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.http import start_http
from shared.runtime.workers.process import STOP_SECONDS
from shared.web.server import GRACEFUL_SECONDS
from tests.deploy.files import ENV_EXAMPLE, JWKS, compose, compose_variables, filled, known_settings, required_values
from tests.support.processes import REPOSITORY

PARTS = ("migrate", "web", "worker")
VALUES = required_values(JWKS, "https://motcua.example.gov.vn")
OWN = [(service, part) for service in SERVICE_NAMES for part in PARTS]


def container(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"][name]
    return found


def environment(name: str) -> dict[str, str]:
    return {key: filled(value, VALUES) for key, value in container(name)["environment"].items()}


def probed(name: str) -> Iterator[str]:
    test = container(name)["healthcheck"]["test"]
    assert test[:2] == ["CMD", "motcua-probe"]
    yield from test[2:]


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_these_containers_and_no_others() -> None:
    expected = {f"{service}-{part}" for service, part in OWN} | {"front", "postgres", "rabbitmq"}
    assert set(compose()["services"]) == expected


@pytest.mark.parametrize(("service", "part"), OWN)
def test_a_container_runs_a_command_that_exists_for_its_service(service: str, part: str) -> None:
    assert container(f"{service}-{part}")["command"] == [part, service]
    assert part in COMMANDS


@pytest.mark.parametrize(("service", "part"), OWN)
def test_the_settings_of_a_container_are_valid_and_hold_only_its_own_database(service: str, part: str) -> None:
    given = environment(f"{service}-{part}")
    assert set(given) <= known_settings()
    settings = read_settings(given)
    assert settings.mode == "production"
    password = VALUES[f"{service.upper()}_DB_PASSWORD"]
    assert settings.db_url(service).endswith(f"://{service}:{password}@postgres:5432/{service}")
    assert [name for name in given if name.endswith("_DB_URL")] == [f"MOTCUA_{service.upper()}_DB_URL"]
    assert settings.db_pool >= settings.web_threads


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_the_web_is_probed_where_it_answers(service: str, tmp_path: Path) -> None:
    name = f"{service}-web"
    port = environment(name)["MOTCUA_PORT"]
    assert list(probed(name)) == [f"http://127.0.0.1:{port}/{service}/health/ready"]
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)})
    context = open_context(service, settings)
    app = find_service(service).create_app(context)
    assert f"/{service}/health/ready" in {rule.rule for rule in app.url_map.iter_rules()}
    context.store.close()


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_the_worker_is_probed_where_it_answers(service: str) -> None:
    (url,) = probed(f"{service}-worker")
    assert urlsplit(url).port == int(environment(f"{service}-worker")["MOTCUA_WORKER_PORT"])
    port = free_port()
    server = start_http("127.0.0.1", port, [service], lambda: [], lambda: [])
    assert server is not None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{urlsplit(url).path}", timeout=10) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/elsewhere", timeout=10)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_web_and_worker_wait_for_the_migration(service: str) -> None:
    done = {"condition": "service_completed_successfully"}
    assert container(f"{service}-web")["depends_on"] == {f"{service}-migrate": done}
    assert container(f"{service}-worker")["depends_on"][f"{service}-migrate"] == done


def test_only_the_proxy_is_published_and_by_default_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in compose()["services"].items() if "ports" in service}
    assert list(published) == ["front"]
    assert [filled(port, {}) for port in published["front"]] == ["127.0.0.1:8080:8080"]


def test_the_stores_cannot_be_reached_from_the_proxy_or_from_outside() -> None:
    networks = compose()["networks"]
    assert [name for name, network in networks.items() if not network.get("internal")] == ["outside"]
    assert set(container("front")["networks"]) == {"outside", "web"}
    outside = {name for name, service in compose()["services"].items() if "outside" in service["networks"]}
    assert outside == {"front", "intake-web", "intake-worker", "notify-worker", "routing-worker"}
    assert container("postgres")["networks"] == container("rabbitmq")["networks"] == ["stores"]


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_every_container_is_locked_down_and_limited(name: str) -> None:
    service = container(name)
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["read_only"] is True or name == "rabbitmq"
    assert set(service.get("cap_add", [])) <= {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    assert "cap_add" not in service or name in ("postgres", "rabbitmq")
    assert "privileged" not in service
    assert service["restart"] in ("unless-stopped", "on-failure")
    assert service["mem_limit"]
    assert service["cpus"]
    assert service["pids_limit"]
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_a_stop_leaves_time_for_running_work(service: str) -> None:
    drain = read_settings(environment(f"{service}-web")).drain_seconds
    assert drain > 0
    assert seconds(container(f"{service}-web")["stop_grace_period"]) > drain + GRACEFUL_SECONDS
    assert seconds(container(f"{service}-worker")["stop_grace_period"]) > STOP_SECONDS


def test_postgresql_has_connections_for_every_process() -> None:
    settings = read_settings(environment("intake-web"))
    wanted = len(SERVICE_NAMES) * settings.db_pool * (settings.web_workers + 1)
    offered = int(re.findall(r"max_connections=(\d+)", " ".join(container("postgres")["command"]))[0])
    assert wanted + 20 <= offered


def test_env_example_names_every_variable_and_gives_no_secret() -> None:
    lines = re.findall(r"^#?([A-Z0-9_]+)=(.*)$", ENV_EXAMPLE.read_text(), re.MULTILINE)
    assert {name for name, _ in lines} == set(compose_variables())
    given = {name for name, _ in re.findall(r"^([A-Z0-9_]+)=(.*)$", ENV_EXAMPLE.read_text(), re.MULTILINE)}
    assert given == {name for name, kinds in compose_variables().items() if ":?" in kinds}
    assert {name: value for name, value in lines if name.endswith(("PASSWORD", "KEY")) and value} == {}


def test_the_file_contains_no_secret() -> None:
    secret = re.compile(r"PASS|KEY|SECRET|TOKEN")
    for name, service in compose()["services"].items():
        for key, value in service.get("environment", {}).items():
            assert not secret.search(key) or re.fullmatch(r"\$\{\w+(:\?[^}]*|:-)?\}", value), f"{name}: {key}"
            assert not re.search(r"://[^:@/]+:[^$][^@]*@", value), f"{name}: {key}"


def test_mounted_files_exist() -> None:
    for name in ("postgres", "rabbitmq"):
        binds = [volume.split(":")[0] for volume in container(name)["volumes"] if volume.startswith("./")]
        assert binds
        assert [path for path in binds if not (REPOSITORY / path).exists()] == []


def test_the_proxy_knows_every_service_and_hides_metrics() -> None:
    text = (REPOSITORY / "deploy" / "compose" / "front" / "nginx.conf").read_text()
    (names,) = re.findall(r'"~\^/\(\?<first>([a-z|]+)\)', text)
    assert sorted(names.split("|")) == sorted(SERVICE_NAMES)
    (pattern,) = re.findall(r"location ~ (\S*metrics\S*) \{\s*return 404;", text)
    assert all(re.search(pattern, f"/{service}/metrics") for service in SERVICE_NAMES)
    assert f"http://$service-web:{environment('intake-web')['MOTCUA_PORT']};" in text
