"""A private RabbitMQ node for tests: own data, ports, cookie and name server (epmd), and one may kill it."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

import requests

from tests.support.leash import descendants, kill_quietly, leash, spawn, unprivileged
from tests.support.processes import ProcessEnded, listening, wait_until
from tests.support.scratch import free_port, scratch_directory

USER = "motcua-test"
PASSWORD = "motcua-test"
PLUGINS = ("rabbitmq_management", "rabbitmq_consistent_hash_exchange")
# Schedulers that sleep instead of spinning, and a VM that ends one second after RabbitMQ has, not six.
ERLANG_ARGS = "+sbwt none +sbwtdcpu none +sbwtdio none -shutdown_time 1000 -kernel inet_dist_use_interface {127,0,0,1}"


def script(name: str) -> str:
    """The path of one of RabbitMQ's own scripts, past Debian's wrappers, which switch the user and the directories.

    Raises:
        FileNotFoundError: RabbitMQ is not installed.
    """
    own = Path("/usr/lib/rabbitmq/bin") / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} not found: install RabbitMQ (Debian: apt-get install rabbitmq-server)")
    return found


class RabbitServer:
    """A context manager; the node runs inside the block and its data is gone afterwards."""

    def __init__(self) -> None:
        self._account = unprivileged("rabbitmq")
        self._stack = ExitStack()
        self._node: subprocess.Popen[bytes] | None = None
        self.directory = Path()
        self.port = self.management_port = self._epmd_port = self._distribution_port = 0
        self.node_name = f"motcua-{uuid.uuid4().hex[:8]}@localhost"

    def __enter__(self) -> Self:
        self.directory = self._stack.enter_context(scratch_directory("rabbitmq", self._account))
        self.port, self.management_port = free_port(), free_port()
        self._epmd_port, self._distribution_port = free_port(), free_port()
        try:
            self._write_configuration()
            self._stack.enter_context(self._epmd())
            self.start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def log(self) -> Path:
        """The node's log."""
        return self.directory / "log"

    @property
    def pid(self) -> int:
        """The process id of the Erlang VM (beam).

        Raises:
            RuntimeError: the node does not run.
        """
        return self._running().pid

    @property
    def management_url(self) -> str:
        """The base of the management API, with user and password."""
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.management_port}/api"

    def start(self) -> None:
        """Starts the node, recovering what a kill left behind, and waits until it takes connections.

        Raises:
            ProcessEnded: it did not start; the message has its log.
        """
        self._node = self._spawn([script("rabbitmq-server"), "-noinput"], ending=signal.SIGTERM)
        wait_until(self._answers, timeout=120, interval=0.05, what="RabbitMQ's start")

    def stop(self) -> None:
        """Stops the node in good order; its queues are there again after ``start``."""
        node = self._running()
        below = descendants(node.pid)
        node.terminate()
        node.wait(timeout=60)
        self._ended(node, below)

    def kill9(self) -> None:
        """Kills the Erlang VM with SIGKILL, as if the machine had stopped."""
        node = self._running()
        below = descendants(node.pid)
        node.kill()
        self._ended(node, below)

    def url(self, vhost: str) -> str:
        """The AMQP URL of a virtual host of this node."""
        return f"amqp://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    def create_vhost(self, name: str | None = None) -> str:
        """Creates an empty virtual host and returns its AMQP URL.

        Args:
            name: a name of one's own; a unique one by default.
        """
        name = name or f"test-{uuid.uuid4().hex[:12]}"
        self.api("PUT", f"vhosts/{quote(name, safe='')}")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.api("PUT", f"permissions/{quote(name, safe='')}/{USER}", json=everything)
        return self.url(name)

    def delete_vhost(self, url: str) -> None:
        """Deletes a virtual host made by ``create_vhost``, ending the connections to it."""
        self.api("DELETE", f"vhosts/{quote(vhost_of(url), safe='')}")

    def set_memory_alarm(self, on: bool) -> None:
        """Raises or clears the memory alarm, which blocks every publisher of the node, and waits until it is so."""
        self.ctl("set_vm_memory_high_watermark", "0" if on else "0.4")
        wait_until(lambda: self.alarmed == on, what=f"memory alarm {'on' if on else 'off'}")

    def set_disk_alarm(self, on: bool) -> None:
        """Raises or clears the disk alarm, which blocks every publisher of the node, and waits until it is so."""
        self.ctl("set_disk_free_limit", "1000000GB" if on else "1MB")
        wait_until(lambda: self.alarmed == on, what=f"disk alarm {'on' if on else 'off'}")

    @property
    def alarmed(self) -> bool:
        """Whether any alarm of this node is in effect."""
        return self._get("health/checks/local-alarms").status_code == 503

    def ctl(self, *args: str) -> str:
        """Runs ``rabbitmqctl`` on this node and returns its output.

        Raises:
            RuntimeError: it failed; the message has what it said.
        """
        done = subprocess.run(
            [script("rabbitmqctl"), "--quiet", "--node", self.node_name, *args],
            capture_output=True,
            text=True,
            env=self._environment(),
            cwd=self.directory,
            user=self._account,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(args)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def api(self, method: str, path: str, json: Any = None) -> Any:
        """Calls the management API and returns the decoded answer, or None for an empty one.

        Args:
            path: below ``/api/``, such as ``vhosts/%2F``.

        Raises:
            requests.HTTPError: the node refused.
        """
        answer = requests.request(method, f"{self.management_url}/{path}", json=json, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _write_configuration(self) -> None:
        configuration = f"""
            listeners.tcp.1 = 127.0.0.1:{self.port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {self.management_port}
            default_user = {USER}
            default_pass = {PASSWORD}
            default_user_tags.administrator = true
            disk_free_limit.absolute = 1MB
            log.console = true
            log.console.level = info
            log.file = false
            collect_statistics = none
            management_agent.disable_metrics_collector = true
        """
        self._write("rabbitmq.conf", "".join(f"{line.strip()}\n" for line in configuration.strip().splitlines()))
        self._write("enabled_plugins", f"[{','.join(PLUGINS)}].\n")
        self._write(".erlang.cookie", secrets.token_hex(20)).chmod(0o400)

    def _write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.write_text(text)
        if self._account:
            shutil.chown(path, self._account)
        return path

    def _environment(self) -> dict[str, str]:
        # Without the caller's RABBITMQ_* variables and the machine's rabbitmq-env.conf, which would lead elsewhere.
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.directory),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_BASE": str(self.directory),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory / "logs"),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.directory / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_ARGS,
            # The start script then becomes the Erlang VM instead of standing before it: one process to kill.
            "RABBITMQ_ALLOW_INPUT": "true",
        }

    def _spawn(self, args: list[str], ending: signal.Signals) -> subprocess.Popen[bytes]:
        return spawn(
            args, log=self.log, env=self._environment(), cwd=self.directory, account=self._account, ending=ending
        )

    @contextlib.contextmanager
    def _epmd(self) -> Iterator[None]:
        # Ours, in the foreground: one started by the node would stay behind as a daemon.
        program = shutil.which("epmd") or "epmd"
        process = self._spawn([program, "-port", str(self._epmd_port), "-address", "127.0.0.1"], signal.SIGKILL)
        try:
            wait_until(lambda: listening(self._epmd_port), what="epmd's start")
            yield
        finally:
            process.kill()
            process.wait()
            leash().untie(process.pid)

    def _answers(self) -> bool:
        node = self._running()
        if node.poll() is not None:
            self._ended(node, [])
            raise ProcessEnded(f"RabbitMQ did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
        if not (listening(self.port) and listening(self.management_port)):
            return False
        return self._get("health/checks/virtual-hosts").status_code == 200

    def _get(self, path: str) -> requests.Response:
        return requests.get(f"{self.management_url}/{path}", timeout=30)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._node is None:
            raise RuntimeError("RabbitMQ does not run: call start() first")
        return self._node

    def _ended(self, node: subprocess.Popen[bytes], below: list[int]) -> None:
        node.wait()
        kill_quietly(below)
        leash().untie(node.pid)
        self._node = None

    def _close(self) -> None:
        # The data is thrown away, so there is nothing that a slow, orderly stop would save.
        if self._node is not None:
            self.kill9()
        self._stack.close()


def vhost_of(url: str) -> str:
    """The name of the virtual host in an AMQP URL."""
    return unquote(urlsplit(url).path.removeprefix("/"))
