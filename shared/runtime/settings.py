"""Settings from the environment, read once into a frozen object. An error lists all faults, not only the first."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from shared.runtime.clock import Clock, ClockError, parse_clock
from shared.runtime.data_keys import DataKeys, DataKeysError, parse_data_keys
from shared.runtime.generated_keys import WEAK, generated_file, generated_key, new_data_key, weak
from shared.runtime.signing_key import new_signing_key
from shared.runtime.stepped_clock import STEPPED, parse_stepped_clock

TOKEN_KEYS = "MOTCUA_JWKS, MOTCUA_JWKS_URL, MOTCUA_JWKS_FILE, MOTCUA_JWT_PUBLIC_KEY_FILE"
MODES = ("embedded", "production", "demo", "test")
TRIAL_MODES = ("embedded", "demo")
"""In which the platform's own payment gateway is used where none is named."""
TRIAL_GATEWAY = "payment-gateway"
"""The first part of its paths."""
PAYMENT_ACCOUNT = re.compile(r"\d{6}:[A-Za-z0-9]{1,19}:[^:]{1,70}")
ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")
DB_URL_SETTING = re.compile(r"MOTCUA_([A-Z][A-Z0-9]*)_DB_URL")
"""The setting of one service's database; the group is the service's name in capitals."""


class SettingsError(ValueError):
    """The environment is invalid; `faults` lists everything that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class AuthSettings:
    """How bearer tokens are checked: by the issuer's public keys (RS256, ES256); outside production also by a shared key (HS256).

    Who has `signing_key_file` or `hs256_key` can issue tokens too; production refuses both. Tokens of agencies' programs may have a key
    pair of their own: whoever has `agency_signing_key`, a private key in PEM, can issue these and no others, and `agency_jwks` checks them.
    """

    hs256_key: str = field(default="", repr=False)
    signing_key_file: str = ""
    jwks: str = ""
    jwks_url: str = ""
    jwks_file: str = ""
    public_key_file: str = ""
    agency_signing_key: str = field(default="", repr=False)
    agency_jwks: str = ""
    issuer: str = ""
    audience: str = "motcua"

    @property
    def signs(self) -> bool:
        """Whether tokens can be issued with these settings."""
        return bool(self.hs256_key or self.signing_key_file)

    @property
    def signs_for_agencies(self) -> bool:
        """Whether tokens of agencies' programs can be issued with these settings."""
        return bool(self.agency_signing_key) or self.signs

    @property
    def agencies_have_keys(self) -> bool:
        """Whether this platform issues the tokens of agencies' programs itself, in this process or another."""
        return bool(self.agency_jwks) or self.signs


@dataclass(frozen=True)
class PaymentSettings:
    """How citizens pay other than in cash.

    Attributes:
        gateway_url: of the provider of online payments; empty for none.
        gateway_key: signs messages to and from it.
        account: ``BIN:number:holder``, the bank account that takes transfers; empty for none.
        trial: whether the gateway is the platform's own, with which nobody pays for real.
    """

    gateway_url: str = ""
    gateway_key: str = field(default="", repr=False)
    account: str = ""
    trial: bool = False


@dataclass(frozen=True)
class Settings:
    """The settings of a process."""

    mode: str
    data: Path
    host: str
    port: int
    bus_url: str = field(repr=False)
    db_urls: Mapping[str, str] = field(repr=False)
    auth: AuthSettings
    clock: Clock
    clock_text: str
    instance: str
    web_threads: int
    web_workers: int
    waiting_requests: int
    wait_seconds: float
    drain_seconds: float
    db_pool: int
    db_wait_seconds: float | None
    min_free_bytes: int
    max_body_bytes: int
    worker_port: int
    lease_seconds: float
    reconcile_seconds: float
    keep_published_days: float
    agencies_dir: str
    public_url: str
    allowed_hosts: frozenset[str]
    quiet_hours: bool
    hash_key: str = field(default="", repr=False)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    payments: PaymentSettings = PaymentSettings()
    data_keys: DataKeys | None = None
    embed_origins: tuple[str, ...] = ()

    def require_hash_key(self) -> None:
        """For services that hash the secrets of citizens, or addresses.

        Raises:
            SettingsError: there is no key; only production starts without making one itself.
        """
        if not self.hash_key:
            raise SettingsError(
                ["MOTCUA_HASH_KEY is not set: 32 characters or more, the same for intake, routing and rating"]
            )

    def require_data_keys(self) -> DataKeys:
        """For services that keep personal data.

        Raises:
            SettingsError: there is no key; only production starts without making one itself.
        """
        if self.data_keys is None:
            raise SettingsError(
                [
                    "MOTCUA_DATA_KEYS is not set: ID:KEY, the same for intake, notify and rating; `motcua data-keys new` makes one"
                ]
            )
        return self.data_keys

    @property
    def embedded_bus(self) -> bool:
        """Whether events are sent through a file on this machine instead of a broker."""
        return self.bus_url.startswith("embedded:")

    def db_url(self, service: str) -> str:
        """The SQLAlchemy URL of one service's own database; a file in the data directory when none is set."""
        return self.db_urls.get(service, f"sqlite:///{self.data / service}.db")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Reads ``MOTCUA_*`` from the environment.

    Args:
        environ: the environment; by default that of the process.

    Raises:
        SettingsError: anything is missing or malformed; all faults together.
    """
    return _Reader(os.environ if environ is None else environ).read()


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def number(self, name: str, default: float, low: float, high: float) -> float:
        raw = self.text(name)
        try:
            value = float(raw) if raw else default
        except ValueError:
            self.faults.append(f"{name}={raw!r} is not a number")
            return default
        if not low <= value <= high:
            self.faults.append(f"{name}={raw} is not between {low:g} and {high:g}")
        return value

    def switch(self, name: str, default: bool) -> bool:
        raw = self.text(name, "on" if default else "off")
        if raw not in ("on", "off"):
            self.faults.append(f"{name}={raw!r} is neither on nor off")
        return raw == "on"

    def read(self) -> Settings:
        mode = self.text("MOTCUA_MODE", "embedded")
        if mode not in MODES:
            self.faults.append(f"MOTCUA_MODE={mode!r} is not one of {', '.join(MODES)}")
        data = Path(self.text("MOTCUA_DATA", "./var")).absolute()
        port = int(self.number("MOTCUA_PORT", 8000, 0, 65535))
        public_url = self.public_url(port, mode)
        settings = Settings(
            mode=mode,
            data=data,
            host=self.text("MOTCUA_HOST", "127.0.0.1"),
            port=port,
            bus_url=self.bus_url(data, mode),
            db_urls=self.db_urls(),
            auth=self.auth(data, mode),
            clock=self.clock(data, mode),
            clock_text=self.text("MOTCUA_CLOCK"),
            instance=self.text("MOTCUA_INSTANCE", f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"),
            web_threads=int(self.number("MOTCUA_WEB_THREADS", 4, 1, 64)),
            web_workers=int(self.number("MOTCUA_WEB_WORKERS", 1, 1, 64)),
            waiting_requests=int(self.number("MOTCUA_WAITING_REQUESTS", 128, 1, 10_000)),
            wait_seconds=self.number("MOTCUA_WAIT_SECONDS", 3, 0.1, 60),
            drain_seconds=self.number("MOTCUA_DRAIN_SECONDS", 5 if mode == "production" else 0, 0, 300),
            db_pool=int(self.number("MOTCUA_DB_POOL", 8, 1, 100)),
            db_wait_seconds=self.number("MOTCUA_DB_WAIT_SECONDS", 0, 0, 60) or None,
            min_free_bytes=int(self.number("MOTCUA_MIN_FREE_MB", 200, 0, 1_000_000)) << 20,
            max_body_bytes=int(self.number("MOTCUA_MAX_BODY_BYTES", 1 << 20, 1024, 1 << 30)),
            worker_port=int(self.number("MOTCUA_WORKER_PORT", 0, 0, 65535)),
            lease_seconds=self.number("MOTCUA_LEASE_SECONDS", 6, 0.2, 600),
            reconcile_seconds=self.number("MOTCUA_RECONCILE_SECONDS", 5, 0.1, 3600),
            keep_published_days=self.number("MOTCUA_KEEP_PUBLISHED_DAYS", 7, 1, 400),
            agencies_dir=self.text("MOTCUA_AGENCIES_DIR"),
            public_url=public_url,
            allowed_hosts=frozenset(name.strip().lower() for name in self.text("MOTCUA_ALLOWED_HOSTS").split(",")),
            quiet_hours=self.switch("MOTCUA_QUIET_HOURS", mode not in ("demo", "test")),
            hash_key=self.hash_key(data, mode),
            trusted_proxies=self.networks("MOTCUA_TRUSTED_PROXIES"),
            payments=self.payments(data, mode, public_url),
            data_keys=self.data_keys(data, mode),
            embed_origins=self.origins("MOTCUA_EMBED_ORIGINS", mode),
        )
        if self.faults:
            raise SettingsError(self.faults)
        return settings

    def payments(self, data: Path, mode: str, public_url: str) -> PaymentSettings:
        """The provider of online payments needs both its address and its key. To try things out, the platform's own is used."""
        url, key = self.text("MOTCUA_PAYMENT_URL").rstrip("/"), self.text("MOTCUA_PAYMENT_KEY")
        account = self.text("MOTCUA_PAYMENT_ACCOUNT")
        if bool(url) != bool(key):
            self.faults.append("MOTCUA_PAYMENT_URL and MOTCUA_PAYMENT_KEY are set both or neither")
        if key and weak(key):
            self.faults.append(f"MOTCUA_PAYMENT_KEY is weak: {WEAK}")
        if url and not (url.startswith("https://") or (url.startswith("http://") and mode != "production")):
            self.faults.append("MOTCUA_PAYMENT_URL is not an address such as https://pay.example.vn")
        if account and not PAYMENT_ACCOUNT.fullmatch(account):
            self.faults.append(
                "MOTCUA_PAYMENT_ACCOUNT is not BIN:NUMBER:HOLDER, such as 970415:113366668888:KHO BAC NHA NUOC"
            )
        if not url and mode in TRIAL_MODES:
            own = generated_file(data / "payment_gateway.key", lambda: secrets.token_urlsafe(32).encode())
            return PaymentSettings(f"{public_url}/{TRIAL_GATEWAY}", own.read_text().strip(), account, True)
        return PaymentSettings(url, key, account)

    def bus_url(self, data: Path, mode: str) -> str:
        url = self.text("MOTCUA_BUS_URL")
        if mode == "production" and not url:
            self.faults.append("MOTCUA_BUS_URL is not set (amqp://user:password@host/vhost, or embedded:)")
        url = url or "embedded:"
        if url == "embedded:":
            return f"embedded:{data / 'bus.db'}"
        if not url.startswith(("embedded:", "amqp://", "amqps://")):
            self.faults.append("MOTCUA_BUS_URL is neither amqp://…, amqps://… nor embedded:PATH")
        return url

    def db_urls(self) -> dict[str, str]:
        urls: dict[str, str] = {}
        for name in self.environ:
            setting = DB_URL_SETTING.fullmatch(name)
            if setting is None or not (url := self.text(name)):
                continue
            if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
                self.faults.append(f"{name} is neither sqlite:///PATH nor postgresql://…")
            urls[setting[1].lower()] = url.replace("postgresql://", "postgresql+psycopg://", 1)
        return urls

    def auth(self, data: Path, mode: str) -> AuthSettings:
        auth = AuthSettings(
            hs256_key=self.text("MOTCUA_JWT_KEY"),
            signing_key_file=self.text("MOTCUA_JWT_SIGNING_KEY_FILE"),
            jwks=self.text("MOTCUA_JWKS"),
            jwks_url=self.text("MOTCUA_JWKS_URL"),
            jwks_file=self.text("MOTCUA_JWKS_FILE"),
            public_key_file=self.text("MOTCUA_JWT_PUBLIC_KEY_FILE"),
            agency_signing_key=self.text("MOTCUA_AGENCY_SIGNING_KEY"),
            agency_jwks=self.text("MOTCUA_AGENCY_JWKS"),
            issuer=self.text("MOTCUA_JWT_ISSUER"),
            audience=self.text("MOTCUA_JWT_AUDIENCE", "motcua"),
        )
        checks = [auth.hs256_key, auth.jwks, auth.jwks_url, auth.jwks_file, auth.public_key_file]
        if sum(map(bool, checks)) > 1 or (auth.hs256_key and auth.signing_key_file):
            self.faults.append(f"only one of {TOKEN_KEYS}, MOTCUA_JWT_KEY may be set")
        if auth.hs256_key and weak(auth.hs256_key):
            self.faults.append(f"MOTCUA_JWT_KEY is weak: {WEAK}")
        if auth.agency_signing_key and not auth.agency_jwks:
            self.faults.append("MOTCUA_AGENCY_SIGNING_KEY needs MOTCUA_AGENCY_JWKS, its public half, in all services")
        if mode == "production":
            if auth.signs:
                self.faults.append(
                    "MOTCUA_JWT_KEY and MOTCUA_JWT_SIGNING_KEY_FILE can issue tokens, so production refuses them: "
                    f"set one of {TOKEN_KEYS}; `motcua signing-key` makes a pair"
                )
            elif not any(checks):
                self.faults.append(f"no token key: set one of {TOKEN_KEYS}; `motcua signing-key` makes a pair")
            return auth
        if any(checks) or auth.signing_key_file:
            return auth
        return replace(auth, signing_key_file=str(generated_file(data / "token.key", new_signing_key)))

    def public_url(self, port: int, mode: str) -> str:
        url = self.text("MOTCUA_PUBLIC_URL")
        if not url and mode == "production":
            self.faults.append("MOTCUA_PUBLIC_URL is not set: the address that citizens get, https://…")
        url = (url or f"http://localhost:{port}").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            self.faults.append("MOTCUA_PUBLIC_URL is not an address such as https://motcua.example.gov.vn")
        return url

    def origins(self, name: str, mode: str) -> tuple[str, ...]:
        """Addresses of sites without a path, with commas between them; in production by HTTPS."""
        found = []
        for part in filter(None, (part.strip().lower().rstrip("/") for part in self.text(name).split(","))):
            if ORIGIN.fullmatch(part) and (part.startswith("https:") or mode != "production"):
                found.append(part)
            else:
                self.faults.append(f"{name}: {part!r} is not a site such as https://www.example.gov.vn")
        return tuple(found)

    def networks(self, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
        """Addresses and networks, with commas between them."""
        found = []
        for part in filter(None, (part.strip() for part in self.text(name).split(","))):
            try:
                found.append(ip_network(part))
            except ValueError:
                self.faults.append(f"{name}: {part!r} is neither an address nor a network such as 10.0.0.0/8")
        return tuple(found)

    def hash_key(self, data: Path, mode: str) -> str:
        """The key of the hashes of citizens' secrets; production has none of its own, and not every service needs it."""
        key = self.text("MOTCUA_HASH_KEY")
        if key and weak(key):
            self.faults.append(f"MOTCUA_HASH_KEY is weak: {WEAK}")
        return key if key or mode == "production" else generated_key(data / "hash.key")

    def data_keys(self, data: Path, mode: str) -> DataKeys | None:
        """The keys of personal data; production has none of its own, and not every service needs them."""
        text, path = self.text("MOTCUA_DATA_KEYS"), self.text("MOTCUA_DATA_KEYS_FILE")
        name = "MOTCUA_DATA_KEYS_FILE" if path else "MOTCUA_DATA_KEYS"
        if text and path:
            self.faults.append("only one of MOTCUA_DATA_KEYS, MOTCUA_DATA_KEYS_FILE may be set")
        if not text and not path and mode == "production":
            return None
        try:
            if not text:
                file = Path(path) if path else generated_file(data / "data.keys", lambda: new_data_key("k1").encode())
                text = file.read_text()
            pairs = parse_data_keys(text)
            if any(weak(key) for _, key in pairs):
                self.faults.append(f"{name}: a key is weak: {WEAK}")
            return DataKeys(pairs)
        except OSError as error:
            self.faults.append(f"{name}: {error.strerror}")
        except (DataKeysError, UnicodeDecodeError) as error:
            self.faults.append(f"{name}: {error if isinstance(error, DataKeysError) else 'not a text file'}")
        return None

    def clock(self, data: Path, mode: str) -> Clock:
        text = self.text("MOTCUA_CLOCK")
        if text and mode not in ("demo", "test"):
            self.faults.append(
                f"MOTCUA_CLOCK is refused in mode {mode}: a virtual clock is for MOTCUA_MODE=demo or test"
            )
            return Clock()
        try:
            if text.startswith(STEPPED):
                return parse_stepped_clock(text, data / "clock.step")
            return parse_clock(text, data / "clock.anchor")
        except ClockError as error:
            self.faults.append(f"MOTCUA_CLOCK: {error}")
            return Clock()
