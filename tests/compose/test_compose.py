"""Runs the image and docker-compose.yml: `make compose-test`, with DOCKER_HOST set to an engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry import SERVICE_NAMES
from shared.cli.demo import find_commune_desk
from shared.client.http import ApiError, Client
from shared.client.people import People, own_tokens
from shared.client.tracked_dossier import LAND_TRANSFER, DossierDriver
from tests.compose.stack import NoEngine, Stack, run
from tests.support.processes import wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(2400)]

TIMEOUT = 120.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running platform with the sample procedures."""
    with Stack(tmp_path_factory.mktemp("compose")) as running:
        running.compose("run", "--rm", "intake-migrate", "migrate", "intake", "--samples")
        yield running


@pytest.fixture
def people(stack: Stack) -> Iterator[People]:
    """The people of the platform, at the address of the proxy."""
    found = People(stack.address, own_tokens(stack.settings), TIMEOUT, sms_inbox=stack.sms_inbox())
    yield found
    found.close()


@pytest.fixture
def public(stack: Stack) -> Iterator[Client]:
    """A client without a token, at the address of the proxy."""
    client = Client(stack.address, retry_seconds=30)
    yield client
    client.close()


def test_without_an_engine_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    with pytest.raises(NoEngine, match="set DOCKER_HOST"):
        Stack(tmp_path)


def test_the_proxy_serves_every_service_and_the_home_page(public: Client) -> None:
    assert "Một cửa" in public.get("/")
    for service in SERVICE_NAMES:
        assert public.get(f"/{service}/health/ready") == {"status": "ok"}
        assert f"/{service}/" in str(public.get(f"/{service}/openapi.json")["paths"].keys())


def test_the_proxy_hides_the_metrics(stack: Stack, public: Client) -> None:
    for service in SERVICE_NAMES:
        with pytest.raises(ApiError) as refused:
            public.get(f"/{service}/metrics")
        assert refused.value.status == 404
        for part, port in (("web", 8000), ("worker", 9000)):
            fetch = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/{service}/metrics').read().decode())"
            text = run(["docker", "exec", stack.id_of(f"{service}-{part}"), "python", "-c", fetch])
            assert f'service="{service}"' in text


@pytest.mark.parametrize("container", ["intake-web", "stats-worker", "front"])
def test_containers_run_without_rights_on_a_root_they_cannot_write(stack: Stack, container: str) -> None:
    look = (
        "import os\n"
        "print(os.getuid(), os.access('/', os.W_OK), os.access('/opt', os.W_OK), os.access('/tmp', os.W_OK))\n"
        "print([line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapEff', 'NoNewPrivs'))])"
    )
    lines = run(["docker", "exec", stack.id_of(container), "python3", "-c", look]).splitlines()
    assert lines == ["10001 False False True", "['0000000000000000', '1']"]


def test_the_wait_for_tables_ends_where_they_are(stack: Stack) -> None:
    assert run(["docker", "exec", stack.id_of("routing-web"), "motcua-wait-for-tables", "routing", "10"]) == ""


def test_a_dossier_from_filing_to_rating(stack: Stack, people: People) -> None:
    desk = find_commune_desk(stack.settings).code
    driver = DossierDriver(people, print, TIMEOUT)
    tracked = driver.file(desk, LAND_TRANSFER)
    view = driver.work_through(tracked)
    assert view["state"] == "resolved"
    driver.hand_back(tracked)
    driver.rate(tracked, 5)
    assert tracked.obligations
    assert parked(stack) == []


def test_a_killed_worker_is_restarted_and_nothing_is_lost(stack: Stack, people: People) -> None:
    desk = find_commune_desk(stack.settings).code
    driver = DossierDriver(people, print, TIMEOUT)
    restarts = stack.state("routing-worker")["RestartCount"]
    stack.kill9("routing-worker")
    tracked = driver.file(desk, LAND_TRANSFER)
    wait_until(lambda: stack.state("routing-worker")["RestartCount"] > restarts, TIMEOUT, what="the engine's restart")
    wait_until(lambda: stack.healthy("routing-worker"), TIMEOUT, interval=0.5, what="routing-worker healthy")
    assert driver.work_through(tracked)["state"] == "resolved"
    driver.hand_back(tracked)
    assert parked(stack) == []


def test_a_stopped_web_container_gives_an_error_page_and_is_found_after_its_restart(
    stack: Stack, public: Client
) -> None:
    public.retry_seconds = 0
    stack.compose("stop", "rating-web")
    assert stack.state("rating-web")["State"]["ExitCode"] == 0
    with pytest.raises(ApiError) as refused:
        public.get("/rating/health/live")
    assert refused.value.status == 503
    assert "thử lại" in refused.value.problem["detail"]
    stack.compose("start", "rating-web")
    wait_until(lambda: stack.healthy("rating-web"), TIMEOUT, interval=0.5, what="rating-web healthy")
    public.retry_seconds = 30
    assert public.get("/rating/health/ready") == {"status": "ok"}


def parked(stack: Stack) -> list[str]:
    """The services with parked events, and what `motcua parked list` prints about them."""
    answers = {name: stack.motcua(f"{name}-worker", "parked", "list", name).strip() for name in SERVICE_NAMES}
    return [f"{name}: {answer}" for name, answer in answers.items() if answer != "nothing is parked"]
