"""A private RabbitMQ node for developers: own data, ports, cookie and name server (epmd), and gone for certain when its block ends."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from shared.client.http import wait_for
from shared.plugin_sdk.admin.management import Management, ManagementError
from shared.plugin_sdk.devtools.process_group import descendants, kill_quietly, leash, spawn, unprivileged
from shared.plugin_sdk.devtools.temp_resources import free_port, scratch_directory

PLUGINS = ("rabbitmq_management", "rabbitmq_consistent_hash_exchange")
OWN_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
START_SECONDS = 120.0
# Schedulers that sleep instead of spinning, and a VM that ends one second after RabbitMQ has, not six.
ERLANG_ARGS = "+sbwt none +sbwtdcpu none +sbwtdio none -shutdown_time 1000 -kernel inet_dist_use_interface {127,0,0,1}"


class BrokerFailed(RuntimeError):
    """RabbitMQ is not installed, or did not start."""


def script(name: str) -> str:
    """The path of one of RabbitMQ's own scripts, past Debian's wrappers, which switch the user and the directories.

    Raises:
        BrokerFailed: RabbitMQ is not installed.
    """
    own = OWN_SCRIPTS / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise BrokerFailed(f"{name} not found: install RabbitMQ (Debian: apt-get install rabbitmq-server)")
    return found


class PrivateBroker:
    """A context manager; the node runs inside the block and its data is gone afterwards, even if this process is killed.

    It listens on 127.0.0.1 alone, on free ports, with the management plugin.

    Args:
        user: its administrator.
        password: the administrator's; a random one by default.

    Attributes:
        directory: where its data lie.
        port: for AMQP.
        management_port: for the management API.
        node_name: the Erlang node's.
    """

    def __init__(self, user: str = "motcua", password: str = "") -> None:
        self.user = user
        self.password = password or secrets.token_urlsafe(24)
        self.directory = Path()
        self.port = self.management_port = self._epmd_port = self._distribution_port = 0
        self.node_name = f"motcua-{uuid.uuid4().hex[:8]}@localhost"
        self._account = unprivileged("rabbitmq")
        self._stack = ExitStack()
        self._node: subprocess.Popen[bytes] | None = None

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
        """Where the management API is served, with the administrator's name and password."""
        return f"http://{self.user}:{self.password}@127.0.0.1:{self.management_port}"

    def url(self, vhost: str = "/") -> str:
        """The administrator's AMQP URL of a virtual host of this node."""
        return self.url_for(self.user, self.password, vhost)

    def url_for(self, user: str, password: str, vhost: str = "/") -> str:
        """Another user's AMQP URL of a virtual host of this node."""
        return f"amqp://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    def management(self, vhost: str = "/") -> Management:
        """The management API of a virtual host of this node."""
        return Management(self.management_url, vhost)

    def start(self) -> None:
        """Starts the node, recovering what a kill left behind, and waits until it takes connections.

        Raises:
            BrokerFailed: it did not start; the message has the end of its log.
        """
        self._node = self._spawn([script("rabbitmq-server"), "-noinput"], ending=signal.SIGTERM)
        try:
            wait_for(self._answers, START_SECONDS, "RabbitMQ's start")
        except TimeoutError as error:
            raise BrokerFailed(str(error)) from error

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

    def ctl(self, *args: str) -> str:
        """Runs ``rabbitmqctl`` on this node and returns its output.

        Raises:
            BrokerFailed: it failed; the message has what it said.
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
            raise BrokerFailed(f"rabbitmqctl {' '.join(args)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _write_configuration(self) -> None:
        configuration = f"""
            listeners.tcp.1 = 127.0.0.1:{self.port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {self.management_port}
            default_user = {self.user}
            default_pass = {self.password}
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
        program = shutil.which("epmd")
        if program is None:
            raise BrokerFailed("epmd not found: install Erlang, which comes with RabbitMQ")
        process = self._spawn([program, "-port", str(self._epmd_port), "-address", "127.0.0.1"], signal.SIGKILL)
        try:
            wait_for(lambda: _listening(self._epmd_port), START_SECONDS, "epmd's start")
            yield
        finally:
            process.kill()
            process.wait()
            leash().untie(process.pid)

    def _answers(self) -> bool:
        node = self._running()
        if node.poll() is not None:
            self._ended(node, [])
            raise BrokerFailed(f"RabbitMQ did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
        if not (_listening(self.port) and _listening(self.management_port)):
            return False
        try:
            self.management().call("GET", "health", "checks", "virtual-hosts")
        except ManagementError:
            return False
        return True

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


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
