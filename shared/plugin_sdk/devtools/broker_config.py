"""The configuration of a private RabbitMQ node: its files and its environment."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

PLUGINS = ("rabbitmq_management",)
# Schedulers that sleep instead of spinning, and a VM that ends one second after RabbitMQ, not six.
ERLANG_ARGS = "+sbwt none +sbwtdcpu none +sbwtdio none -shutdown_time 1000 -kernel inet_dist_use_interface {127,0,0,1}"


@dataclass(frozen=True)
class BrokerConfig:
    """Everything that distinguishes one private node from another.

    Attributes:
        directory: for all its files.
        node_name: the name of the Erlang node.
        user, password: its administrator.
        port: for AMQP.
        management_port: for the management API.
        epmd_port: for the Erlang name server (epmd).
        distribution_port: for Erlang's own protocol.
    """

    directory: Path
    node_name: str
    user: str
    password: str
    port: int
    management_port: int
    epmd_port: int
    distribution_port: int

    def write(self, account: str | None) -> None:
        """Writes the configuration files.

        Args:
            account: the owner of the files; None for this process's own user.
        """
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
        lines = "".join(f"{line.strip()}\n" for line in configuration.strip().splitlines())
        self._write_file("rabbitmq.conf", lines, account)
        self._write_file("enabled_plugins", f"[{','.join(PLUGINS)}].\n", account)
        self._write_file(".erlang.cookie", secrets.token_hex(20), account).chmod(0o400)

    def environment(self) -> dict[str, str]:
        """The complete environment of the node and of ``rabbitmqctl``.

        It leaves out the caller's RABBITMQ_* variables and the machine's rabbitmq-env.conf, which would select another node.
        """
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.directory),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_BASE": str(self.directory),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory / "logs"),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.directory / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_ARGS,
            # With this the start script replaces itself by the Erlang VM, so there is one process to kill.
            "RABBITMQ_ALLOW_INPUT": "true",
        }

    def _write_file(self, name: str, text: str, account: str | None) -> Path:
        path = self.directory / name
        path.write_text(text)
        if account:
            shutil.chown(path, account)
        return path
