"""Builds and runs docker-compose.yml under its own name and port, and removes it at the end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from services.registry import SERVICE_NAMES
from shared.client.sms_inbox import SmsInbox
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.settings import Settings, read_settings
from shared.runtime.signing_key import key_set, read_signing_key, write_signing_key
from tests.deploy.files import required_values
from tests.support.processes import REPOSITORY, wait_until

IMAGES = {"MOTCUA_IMAGE": "motcua:compose-test", "MOTCUA_FRONT_IMAGE": "motcua-front:compose-test"}
BUILD_SECONDS = 1200.0
START_SECONDS = 420.0
COMMAND_SECONDS = 300.0
LOG_LINES = "40"
SPOOL = "/var/lib/motcua/sms"


class NoEngine(RuntimeError):
    """There is no container engine."""


class Stack:
    """A context manager: builds the images, starts everything, and removes containers, networks and volumes at the end.

    Args:
        directory: for the file of secrets and for what is copied out of containers.

    Raises:
        NoEngine: DOCKER_HOST is not set, or no compose program is there.
    """

    def __init__(self, directory: Path) -> None:
        if not os.environ.get("DOCKER_HOST"):
            raise NoEngine(
                "This test builds images and runs containers, so it wants to be told where: set DOCKER_HOST, for the usual engine "
                "with `DOCKER_HOST=unix:///var/run/docker.sock make compose-test`"
            )
        self.directory = directory
        self.project = f"motcua-test-{secrets.token_hex(3)}"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.token_key = directory / "token.pem"
        write_signing_key(self.token_key)
        self._compose = [*compose_program(), "--project-name", self.project, "--env-file", str(self._secrets())]

    def __enter__(self) -> Self:
        try:
            self.compose("build", "intake-web", "front", timeout=BUILD_SECONDS)
            self.compose("up", "--detach", timeout=START_SECONDS)
            self.wait_ready()
        except BaseException:
            self.tell()
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.tell()
        self.close()

    @property
    def settings(self) -> Settings:
        """The containers' settings as far as tokens need them."""
        return read_settings({"MOTCUA_MODE": "test", "MOTCUA_JWT_SIGNING_KEY_FILE": str(self.token_key)})

    def compose(self, *arguments: str, timeout: float = COMMAND_SECONDS) -> str:
        """Runs one compose command; returns its output.

        Raises:
            RuntimeError: it failed; the message has its output.
        """
        return run([*self._compose, *arguments], timeout)

    def motcua(self, container: str, *arguments: str) -> str:
        """Runs the ``motcua`` command in a running container."""
        return run(["docker", "exec", self.id_of(container), "motcua", *arguments])

    def id_of(self, container: str) -> str:
        """The id of the container of a compose service, whether it runs or not."""
        return run(
            [
                *("docker", "ps", "--all", "--quiet", "--no-trunc"),
                *("--filter", f"label=com.docker.compose.project={self.project}"),
                *("--filter", f"label=com.docker.compose.service={container}"),
                *("--filter", "label=com.docker.compose.oneoff=False"),
            ]
        ).strip()

    def state(self, container: str) -> dict[str, Any]:
        """The state of a container as the engine reports it."""
        (found,) = json.loads(run(["docker", "inspect", self.id_of(container)]))
        return dict(found)

    def healthy(self, container: str) -> bool:
        """Whether a container runs and its health check succeeds."""
        state = self.state(container)["State"]
        return bool(state["Running"] and state["Health"]["Status"] == "healthy")

    def wait_ready(self) -> None:
        """Waits until every long-running container is healthy."""
        for container in (*(f"{service}-{part}" for service in SERVICE_NAMES for part in ("web", "worker")), "front"):
            wait_until(
                lambda name=container: self.healthy(name),  # type: ignore[misc]
                START_SECONDS,
                interval=0.5,
                what=f"{container} healthy",
            )

    def kill9(self, container: str) -> None:
        """Kills a container's first process with SIGKILL from outside, as the kernel does when memory runs out.

        ``docker kill`` would not do: the engine takes it for a wish and does not start the container again.
        """
        pid = self.state(container)["State"]["Pid"]
        kill = f"import os; os.kill({pid}, 9)"
        own = ["--pid=host", "--user=0:0", "--network=none", "--entrypoint=python", IMAGES["MOTCUA_IMAGE"]]
        run(["docker", "run", "--rm", *own, "-c", kill])

    def sms_inbox(self) -> SmsInbox:
        """The citizens' messages, as notify's worker has spooled them."""
        return SpoolInContainer(self, self.directory / "sms")

    def tell(self) -> None:
        """Prints the state and the last log lines of the containers."""
        for arguments in (("ps",), ("logs", "--no-color", "--tail", LOG_LINES)):
            try:
                print(self.compose(*arguments))
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(error)

    def close(self) -> None:
        """Removes everything except the images, which speed up the next build."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "10")

    def _secrets(self) -> Path:
        path = self.directory / "compose.env"
        keys = f"'{key_set(read_signing_key(str(self.token_key)))}'"
        values = required_values(keys, self.address) | IMAGES
        values |= {
            "MOTCUA_LISTEN": f"127.0.0.1:{self.port}",
            "MOTCUA_QUIET_HOURS": "off",
        }  # the tests also run at night
        path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        path.chmod(0o600)
        return path


class SpoolInContainer(SmsInbox):
    """Copies the spool from the worker of notify before each reading.

    Args:
        stack: where the worker runs.
        directory: where to copy.
    """

    def __init__(self, stack: Stack, directory: Path) -> None:
        super().__init__(directory)
        directory.mkdir(exist_ok=True)
        self._stack = stack

    def messages(self, dossier: str) -> list[dict[str, Any]]:
        """The messages to the applicant of a dossier."""
        worker = self._stack.id_of("notify-worker")
        copied = subprocess.run(
            ["docker", "cp", f"{worker}:{SPOOL}/.", str(self.directory)],
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        # the spool does not exist before the first message, and a draft may vanish while it is copied
        if (
            copied.returncode
            and "no such" not in copied.stderr.lower()
            and "could not find" not in copied.stderr.lower()
        ):
            raise RuntimeError(f"the spool cannot be copied: {copied.stderr}")
        return super().messages(dossier)


def compose_program() -> list[str]:
    """The compose command of this machine: the plug-in of the docker command, or the older program.

    Raises:
        NoEngine: there is none.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise NoEngine("the docker command is not installed")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        return [docker, "compose", "--file", str(REPOSITORY / "docker-compose.yml")]
    older = shutil.which("docker-compose")
    if older is None:
        raise NoEngine("neither the compose plug-in of docker nor docker-compose is installed")
    return [older, "--file", str(REPOSITORY / "docker-compose.yml")]


def run(command: list[str], timeout: float = COMMAND_SECONDS) -> str:
    """Runs a command; returns its output.

    Raises:
        RuntimeError: it failed; the message has its output.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout, cwd=REPOSITORY)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
        )
    return done.stdout
