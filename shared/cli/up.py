"""``motcua up``: the whole platform on one machine and one port, without other servers."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from shared.cli.errors import CommandError
from shared.cli.supervisor import Child, Supervisor, environment_with_defaults
from shared.runtime.settings import Settings, read_settings

START_SECONDS = 60.0


def _worker_name(service: str) -> str:
    return "worker" if service == "all" else f"worker of {service}"


class Platform:
    """All services on one machine: one web process, and one worker process or several.

    Args:
        settings: the settings of this process.
        report: called with one line of text for each event.
        samples: whether the built-in procedures and the officials of the demonstration are there.
        workers: what each worker process works for: a service, or ``all``.
    """

    def __init__(
        self,
        settings: Settings,
        report: Callable[[str], None],
        samples: bool = True,
        workers: Sequence[str] = ("all",),
    ) -> None:
        self.settings = settings
        self.report = report
        self.samples = samples
        self.metrics_dir = settings.data / "metrics"
        environ = environment_with_defaults(
            MOTCUA_MODE=settings.mode,
            MOTCUA_INSTANCE=f"up-{socket.gethostname()}",
            MOTCUA_LEASE_SECONDS="30",  # no other process could take over from a child that hangs
            MOTCUA_LOG="WARNING",
            PYTHONUNBUFFERED="1",
            MALLOC_ARENA_MAX="2",
        )
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(self.metrics_dir)
        environ["MOTCUA_CLOCK"] = settings.clock_text
        self.environ = environ
        self.supervisor = Supervisor(
            [Child("web", ["web", "all"]), *(Child(_worker_name(one), ["worker", one]) for one in workers)],
            environ,
            report,
            self._remove_metrics,
        )

    @property
    def address(self) -> str:
        """Where the platform is served."""
        host = "localhost" if self.settings.host in ("127.0.0.1", "0.0.0.0", "::") else self.settings.host
        return f"http://{host}:{self.settings.port}"

    def start(self) -> None:
        """Migrates the databases, starts both processes and returns when the web process answers.

        Raises:
            CommandError: the port is in use, a migration fails, or nothing answers within START_SECONDS.
        """
        self._check_port()
        shutil.rmtree(self.metrics_dir, ignore_errors=True)  # the metrics of earlier processes
        self.metrics_dir.mkdir(parents=True)
        migrated = subprocess.run(
            [sys.executable, "-m", "shared.cli", "migrate", "all", *(["--samples"] if self.samples else [])],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if migrated.returncode:
            raise CommandError(
                "the databases could not be prepared: " + (migrated.stderr.strip().splitlines() or ["?"])[-1]
            )
        self.supervisor.stop_on_signals()
        self.supervisor.start()
        deadline = time.monotonic() + START_SECONDS
        self.supervisor.watch(lambda: self._answers() or time.monotonic() > deadline, pause=0.05)
        if not self.supervisor.stopping and not self._answers():
            self.supervisor.stop()
            raise CommandError(f"nothing answered at {self.address} within {START_SECONDS:.0f} s")

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.settings.host, self.settings.port))
            except OSError as error:
                raise CommandError(
                    f"port {self.settings.port} cannot be used ({error.strerror}); set MOTCUA_PORT"
                ) from error

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.settings.port}/intake/health/live", timeout=2
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _remove_metrics(self, pid: int) -> None:
        for path in Path(self.metrics_dir).glob(f"gauge_live*_{pid}.db"):
            path.unlink(missing_ok=True)


@click.command(short_help="Run the whole platform on this machine and one port.")
def up() -> None:
    """Migrates the databases, starts all services on port MOTCUA_PORT (default 8000) and runs until Ctrl-C. Processes that die are
    restarted.

    All data is in the folder MOTCUA_DATA (default ./var). No other server is needed. To use RabbitMQ and PostgreSQL instead of files, set
    MOTCUA_BUS_URL and MOTCUA_<SERVICE>_DB_URL.

    Example: MOTCUA_PORT=8080 motcua up
    """
    platform = Platform(read_settings(), lambda line: click.echo(f"motcua: {line}", err=True))
    platform.start()
    click.echo(f"motcua đang chạy · motcua is running: {platform.address}/   (Ctrl-C dừng · stops)")
    try:
        platform.supervisor.watch()
    finally:
        platform.supervisor.stop()
    click.echo("motcua đã dừng · stopped")
