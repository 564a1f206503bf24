"""The proxy in front of the web replicas: nginx with the configuration that the platform is deployed with, but for its addresses."""

from __future__ import annotations

import os
import pwd
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import REPOSITORY, Proc, wait_port

DEPLOYED = REPOSITORY / "deploy" / "compose" / "front"


class Front:
    """A context manager; the proxy runs inside the block.

    Args:
        directory: for its files.
        replicas: the ports of the web replicas.
    """

    def __init__(self, directory: Path, replicas: Sequence[int]) -> None:
        self.directory = directory / "front"
        self.port = free_port()
        self.replicas = list(replicas)

    def __enter__(self) -> Self:
        self.directory.mkdir()
        self._write()
        command = ["nginx", "-p", str(self.directory), "-c", str(self._file), "-g", "daemon off;"]
        self._process = Proc(
            command, log=self.directory / "log", env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
        )
        wait_port(self.port, process=self._process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill9()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, replica: int) -> None:
        """Sends to one replica more from now on."""
        self.replicas.append(replica)
        self._reload()

    def remove(self, replica: int) -> None:
        """Sends no more to a replica."""
        self.replicas.remove(replica)
        self._reload()

    @property
    def longest_request(self) -> float:
        """Seconds of the request that took longest from its first byte at the proxy to the last of its answer, or until the client left."""
        lines = (self.directory / "access.log").read_text().splitlines()
        return max((float(line.rpartition(" ")[2]) for line in lines), default=0.0)

    @property
    def _file(self) -> Path:
        return self.directory / "nginx.conf"

    def _reload(self) -> None:
        self._write()
        self._process.signal(signal.SIGHUP)

    def _write(self) -> None:
        text = (DEPLOYED / "nginx.conf").read_text()
        # As with addresses of a name server, which the deployed file uses: each request tries them anew, none is shunned for a while.
        replicas = "\n".join(f"        server 127.0.0.1:{port} max_fails=0;" for port in self.replicas)
        for what, instead in (
            (r"http://\$service-web:8000", "http://replicas"),
            (r"\n +resolver .*\n +resolver_timeout .*", f"\n    upstream replicas {{\n{replicas}\n    }}"),
            (r"listen 8080", f"listen 127.0.0.1:{self.port}"),
            (r"/tmp/", f"{self.directory}/"),
            (r"/srv/front", str(DEPLOYED)),
            (r"/dev/stdout", str(self.directory / "access.log")),
        ):
            text, count = re.subn(what, instead, text)
            assert count, f"the deployed nginx.conf has no {what} any more"
        if os.geteuid() == 0:  # the files of a test are its user's alone
            text = f"user {pwd.getpwuid(0).pw_name};\n{text}"
        self._file.write_text(text)
