"""A private RabbitMQ node for developers and tests, with its own data, ports, cookie and name server (epmd).

It ends with the process that started it, even if that is killed.
"""

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
from shared.plugin_sdk.devtools.broker_config import BrokerConfig
from shared.plugin_sdk.devtools.process_group import descendants, kill_and_wait, process_reaper, server_account, spawn
from shared.plugin_sdk.devtools.temp_resources import free_port, temp_directory

OWN_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
START_SECONDS = 120.0


class BrokerFailed(RuntimeError):
    """RabbitMQ is not installed, or did not start."""


def script(name: str) -> str:
    """The path of one of RabbitMQ's own scripts; Debian's wrappers around them would change the user and the directories.

    Raises:
        BrokerFailed: RabbitMQ is not installed.
    """
    own = OWN_SCRIPTS / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise BrokerFailed(f"{name} not found: install RabbitMQ (Debian: apt-get install rabbitmq-server)")
    return found


class PrivateBroker:
    """A context manager that runs a node inside its block and deletes the data afterwards, even if this process is killed.

    The node listens on 127.0.0.1 only, on free ports, with the management plugin.

    Args:
        user: name of its administrator.
        password: the administrator's password; random by default.

    Attributes:
        directory: of its data.
        port: for AMQP.
        management_port: for the management API.
        node_name: the name of the Erlang node.
    """

    def __init__(self, user: str = "motcua", password: str = "") -> None:
        self.user = user
        self.password = password or secrets.token_urlsafe(24)
        self.directory = Path()
        self.port = self.management_port = 0
        self.node_name = f"motcua-{uuid.uuid4().hex[:8]}@localhost"
        self._account = server_account("rabbitmq")
        self._stack = ExitStack()
        self._node: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.directory = self._stack.enter_context(temp_directory("rabbitmq", self._account))
        self.port, self.management_port = free_port(), free_port()
        config = BrokerConfig(
            self.directory,
            self.node_name,
            self.user,
            self.password,
            self.port,
            self.management_port,
            epmd_port=free_port(),
            distribution_port=free_port(),
        )
        self._environment = config.environment()
        try:
            config.write(self._account)
            self._stack.enter_context(self._epmd(config.epmd_port))
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
            RuntimeError: the node is not running.
        """
        return self._running().pid

    @property
    def management_url(self) -> str:
        """The URL of the management API, with the administrator's name and password."""
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
        """Starts the node, with the data of an earlier run if there is any, and waits until it accepts connections.

        Raises:
            BrokerFailed: it did not start; the message contains the end of its log.
        """
        self._node = self._spawn([script("rabbitmq-server"), "-noinput"], stop_signal=signal.SIGTERM)
        try:
            wait_for(self._ready, START_SECONDS, "RabbitMQ's start")
        except TimeoutError as error:
            raise BrokerFailed(str(error)) from error

    def stop(self) -> None:
        """Stops the node cleanly; its queues are back after ``start``."""
        node = self._running()
        children = descendants(node.pid)
        node.terminate()
        node.wait(timeout=60)
        self._ended(node, children)

    def kill9(self) -> None:
        """Kills the Erlang VM with SIGKILL, as if the machine had stopped."""
        node = self._running()
        children = descendants(node.pid)
        node.kill()
        self._ended(node, children)

    def ctl(self, *args: str) -> str:
        """Runs ``rabbitmqctl`` on this node and returns its output.

        Raises:
            BrokerFailed: it failed; the message contains its output.
        """
        done = subprocess.run(
            [script("rabbitmqctl"), "--quiet", "--node", self.node_name, *args],
            capture_output=True,
            text=True,
            env=self._environment,
            cwd=self.directory,
            user=self._account,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise BrokerFailed(f"rabbitmqctl {' '.join(args)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _spawn(self, args: list[str], stop_signal: signal.Signals) -> subprocess.Popen[bytes]:
        return spawn(
            args,
            log=self.log,
            env=self._environment,
            cwd=self.directory,
            account=self._account,
            stop_signal=stop_signal,
        )

    @contextlib.contextmanager
    def _epmd(self, port: int) -> Iterator[None]:
        # Started here, in the foreground: one that the node starts would stay behind as a daemon.
        program = shutil.which("epmd")
        if program is None:
            raise BrokerFailed("epmd not found: install Erlang, which comes with RabbitMQ")
        process = self._spawn([program, "-port", str(port), "-address", "127.0.0.1"], signal.SIGKILL)
        try:
            wait_for(lambda: _listening(port), START_SECONDS, "epmd's start")
            yield
        finally:
            process.kill()
            process.wait()
            process_reaper().unregister(process.pid)

    def _ready(self) -> bool:
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
            raise RuntimeError("RabbitMQ is not running: call start() first")
        return self._node

    def _ended(self, node: subprocess.Popen[bytes], children: list[int]) -> None:
        node.wait()
        kill_and_wait(children)
        process_reaper().unregister(node.pid)
        self._node = None

    def _close(self) -> None:
        # The data is deleted anyway, so a slow clean stop has no use.
        if self._node is not None:
            self.kill9()
        self._stack.close()


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
