"""What the environment says about the portal's plug-in, beside what the kit reads for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.data_files import DataError
from shared.national_portal.delivery import Endpoints
from shared.national_portal.http_call import check_address
from shared.national_portal.rules import Rules, load_rules
from shared.plugin_sdk.sdk import settings as kit
from shared.runtime.settings import SettingsError


@dataclass(frozen=True)
class PortalSettings:
    """Everything that the plug-in needs to know.

    Attributes:
        places: the portal, the platform, and what they ask for (``MOTCUA_PORTAL_URL``, ``_PORTAL_KEY``, ``_URL``, ``_TOKEN``).
        rules: codes and limits (``MOTCUA_PORTAL_RULES``: a file of one's own; the built-in sample by default).
        file: what waits to be sent (in ``MOTCUA_DATA``).
        agencies_dir: ``MOTCUA_AGENCIES_DIR``; empty for the built-in samples.
    """

    places: Endpoints
    rules: Rules
    file: Path
    agencies_dir: str


def queue_file(environ: Mapping[str, str]) -> Path:
    """Where what waits is kept."""
    return Path(environ.get("MOTCUA_DATA", "").strip() or "./var").absolute() / "portal.db"


def read_portal_settings(environ: Mapping[str, str]) -> PortalSettings:
    """Reads the environment.

    Raises:
        SettingsError: anything is missing or malformed; all faults together.
    """
    faults: list[str] = []

    def needed(name: str, what: str) -> str:
        value = environ.get(name, "").strip()
        if not value:
            faults.append(f"{name} is not set: {what}")
        return value

    def address(name: str, what: str) -> str:
        value = needed(name, what)
        try:
            return check_address(value) if value else ""
        except ValueError as error:
            faults.append(f"{name}: {error}")
            return ""

    places = Endpoints(
        portal=address("MOTCUA_PORTAL_URL", "the address where the national portal takes messages"),
        key=needed("MOTCUA_PORTAL_KEY", "the key that the portal has given to this province"),
        platform=address("MOTCUA_URL", "the platform's own address"),
        token=needed("MOTCUA_TOKEN", "the observer's bearer token"),
    )
    own = environ.get("MOTCUA_PORTAL_RULES", "").strip()
    try:
        rules = load_rules(Path(own) if own else None)
    except DataError as error:
        raise SettingsError([*faults, *(f"MOTCUA_PORTAL_RULES: {fault}" for fault in error.faults)]) from error
    try:
        kit.read_settings(environ)
    except kit.SettingsError as error:
        faults.append(str(error))
    if faults:
        raise SettingsError(faults)
    return PortalSettings(places, rules, queue_file(environ), environ.get("MOTCUA_AGENCIES_DIR", "").strip())
