"""The settings of the portal plug-in from the environment; the SDK reads its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.data_files import DataError
from shared.national_portal.delivery import Endpoints
from shared.national_portal.rules import Rules, load_rules
from shared.plugin_sdk.sdk import settings as sdk_settings
from shared.runtime.http_call import check_address
from shared.runtime.settings import SettingsError


@dataclass(frozen=True)
class PortalSettings:
    """The settings of the plug-in.

    Attributes:
        endpoints: the portal and the platform (``MOTCUA_PORTAL_URL``, ``MOTCUA_PORTAL_KEY``, ``MOTCUA_URL``).
        rules: codes and limits (the file ``MOTCUA_PORTAL_RULES``; the built-in sample by default).
        file: the queue (in ``MOTCUA_DATA``).
        agencies_dir: ``MOTCUA_AGENCIES_DIR``; empty for the built-in samples.
    """

    endpoints: Endpoints
    rules: Rules
    file: Path
    agencies_dir: str


def queue_file(environ: Mapping[str, str]) -> Path:
    """The file of the queue."""
    return Path(environ.get("MOTCUA_DATA", "").strip() or "./var").absolute() / "portal.db"


def read_portal_settings(environ: Mapping[str, str]) -> PortalSettings:
    """Reads the environment.

    Raises:
        SettingsError: anything is missing or malformed; all faults together.
    """
    faults: list[str] = []

    def required(name: str, meaning: str) -> str:
        value = environ.get(name, "").strip()
        if not value:
            faults.append(f"{name} is not set: {meaning}")
        return value

    def address(name: str, meaning: str) -> str:
        value = required(name, meaning)
        try:
            return check_address(value) if value else ""
        except ValueError as error:
            faults.append(f"{name}: {error}")
            return ""

    endpoints = Endpoints(
        portal=address("MOTCUA_PORTAL_URL", "the address of the national portal for messages"),
        key=required("MOTCUA_PORTAL_KEY", "the API key of this province at the portal"),
        platform=address("MOTCUA_URL", "the address of the motcua platform"),
    )
    if not environ.get("MOTCUA_TOKEN", "").strip():
        required("MOTCUA_CLIENT_SECRET", "the observer's key, which `motcua agency grant` prints")
    own = environ.get("MOTCUA_PORTAL_RULES", "").strip()
    try:
        rules = load_rules(Path(own) if own else None)
    except DataError as error:
        raise SettingsError([*faults, *(f"MOTCUA_PORTAL_RULES: {fault}" for fault in error.faults)]) from error
    try:
        sdk_settings.read_settings(environ)
    except sdk_settings.SettingsError as error:
        faults.append(str(error))
    if faults:
        raise SettingsError(faults)
    return PortalSettings(endpoints, rules, queue_file(environ), environ.get("MOTCUA_AGENCIES_DIR", "").strip())
