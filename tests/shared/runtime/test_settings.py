"""Settings: all faults are reported together, and secrets are never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from services.registry import SERVICE_NAMES
from shared.runtime.settings import Settings, SettingsError, read_settings

PRODUCTION = {
    "MOTCUA_MODE": "production",
    "MOTCUA_BUS_URL": "amqp://motcua:hidden@broker/motcua",
    "MOTCUA_JWKS_URL": "https://issuer.invalid/jwks",
    "MOTCUA_PUBLIC_URL": "https://motcua.example.gov.vn",
}
KEY = "0123456789abcdef0123456789abcdef"


def read(tmp_path: Path, **environ: str) -> Settings:
    return read_settings({"MOTCUA_DATA": str(tmp_path), **environ})


def test_by_default_everything_is_in_one_directory(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.bus_url == f"embedded:{tmp_path}/bus.db"
    assert settings.embedded_bus
    assert {settings.db_url(name) for name in SERVICE_NAMES} == {
        f"sqlite:///{tmp_path}/{name}.db" for name in SERVICE_NAMES
    }
    assert settings.port == 8000


def test_any_service_may_have_a_database_of_its_own(tmp_path: Path) -> None:
    settings = read(tmp_path, MOTCUA_TOY_DB_URL="postgresql://u@db/toy", MOTCUA_STATS_DB_URL="")
    assert settings.db_url("toy") == "postgresql+psycopg://u@db/toy"
    assert settings.db_url("stats") == f"sqlite:///{tmp_path}/stats.db"
    assert settings.db_url("another") == f"sqlite:///{tmp_path}/another.db"


def test_the_key_is_generated_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    auth = read(tmp_path).auth
    first = (tmp_path / "token.key").read_bytes()
    assert read(tmp_path).auth == auth
    assert auth.signing_key_file == str(tmp_path / "token.key")
    assert (tmp_path / "token.key").read_bytes() == first
    assert stat.S_IMODE((tmp_path / "token.key").stat().st_mode) == 0o600


def test_the_key_of_hashes_is_generated_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = read(tmp_path).hash_key
    assert read(tmp_path).hash_key == first
    assert len(first) >= 40
    assert stat.S_IMODE((tmp_path / "hash.key").stat().st_mode) == 0o600
    assert read(tmp_path, MOTCUA_HASH_KEY=KEY).hash_key == KEY
    with pytest.raises(SettingsError, match="MOTCUA_HASH_KEY is weak"):
        read(tmp_path, MOTCUA_HASH_KEY="short")


def test_production_makes_no_key_of_hashes(tmp_path: Path) -> None:
    settings = read(tmp_path, **PRODUCTION)
    with pytest.raises(SettingsError, match="MOTCUA_HASH_KEY is not set"):
        settings.require_hash_key()
    assert not (tmp_path / "hash.key").exists()
    keyed = read(tmp_path, **PRODUCTION, MOTCUA_HASH_KEY=KEY)
    keyed.require_hash_key()
    assert KEY not in repr(keyed)


def test_all_faults_are_listed_together(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(
            tmp_path,
            MOTCUA_MODE="prod",
            MOTCUA_PORT="eighty",
            MOTCUA_BUS_URL="redis://x",
            MOTCUA_INTAKE_DB_URL="mysql://x",
            MOTCUA_JWT_KEY="short",
        )
    text = "\n".join(caught.value.faults)
    for name in ("MOTCUA_MODE", "MOTCUA_PORT", "MOTCUA_BUS_URL", "MOTCUA_INTAKE_DB_URL", "MOTCUA_JWT_KEY"):
        assert name in text


def test_production_needs_a_broker_and_a_token_key_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, MOTCUA_MODE="production")
    assert len(caught.value.faults) == 3
    for name in ("MOTCUA_BUS_URL", "MOTCUA_JWKS", "MOTCUA_PUBLIC_URL"):
        assert any(name in fault for fault in caught.value.faults)
    assert read(tmp_path, **PRODUCTION).mode == "production"
    assert not (tmp_path / "token.key").exists()


def test_production_takes_a_key_that_signs_for_agencies_alone(tmp_path: Path) -> None:
    pair = {"MOTCUA_AGENCY_SIGNING_KEY": "a private key", "MOTCUA_AGENCY_JWKS": "its public half"}
    settings = read(tmp_path, **PRODUCTION, **pair)
    assert (settings.auth.signs, settings.auth.signs_for_agencies) == (False, True)
    assert "a private key" not in repr(settings)
    assert not read(tmp_path, **PRODUCTION).auth.agencies_have_keys
    with pytest.raises(SettingsError, match="needs MOTCUA_AGENCY_JWKS"):
        read(tmp_path, **PRODUCTION, MOTCUA_AGENCY_SIGNING_KEY="a private key")


@pytest.mark.parametrize("mode", ["embedded", "production"])
def test_a_virtual_clock_is_for_demo_and_test_alone(tmp_path: Path, mode: str) -> None:
    clock = {"MOTCUA_CLOCK": "2016-01-04T07:30+07:00@5000"}
    with pytest.raises(SettingsError, match="MOTCUA_CLOCK is refused"):
        read(tmp_path, **{**PRODUCTION, **clock, "MOTCUA_MODE": mode})
    assert read(tmp_path, MOTCUA_MODE="demo", **clock).clock.virtual


def test_only_one_way_to_check_tokens_may_be_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="only one"):
        read(tmp_path, MOTCUA_JWT_KEY=KEY, MOTCUA_JWKS_URL="https://issuer.invalid/jwks")


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    shown = repr(read(tmp_path, **PRODUCTION, MOTCUA_INTAKE_DB_URL="postgresql://u:hidden@db/intake"))
    assert "hidden" not in shown
    assert KEY not in repr(read(tmp_path, MOTCUA_JWT_KEY=KEY))


def test_data_keys_are_generated_once_read_from_either_place_and_checked(tmp_path: Path) -> None:
    first = read(tmp_path)
    assert first.require_data_keys().ids == ("k1",)
    sealed = first.require_data_keys().seal("Bưởi", "contact.name", "D-1")
    assert read(tmp_path).require_data_keys().unseal(sealed, "contact.name", "D-1") == "Bưởi"
    assert stat.S_IMODE((tmp_path / "data.keys").stat().st_mode) == 0o600
    several = read(tmp_path, MOTCUA_DATA_KEYS=f"b:{KEY}, a:{KEY}x")
    assert several.require_data_keys().ids == ("b", "a")
    assert KEY not in repr(several)
    file = tmp_path / "keys"
    file.write_text(f"c:{KEY}\nb:{KEY}x\n")
    assert read(tmp_path, MOTCUA_DATA_KEYS_FILE=str(file)).require_data_keys().ids == ("c", "b")
    for wrong, fault in (
        ({"MOTCUA_DATA_KEYS": "a:short"}, "MOTCUA_DATA_KEYS: a key is weak"),
        ({"MOTCUA_DATA_KEYS": KEY}, "written as ID:KEY"),
        ({"MOTCUA_DATA_KEYS": f"a:{KEY},a:{KEY}"}, "same id"),
        ({"MOTCUA_DATA_KEYS": f"a.b:{KEY}"}, "the id of a key"),
        ({"MOTCUA_DATA_KEYS_FILE": str(tmp_path / "none")}, "MOTCUA_DATA_KEYS_FILE: No such file"),
        ({"MOTCUA_DATA_KEYS": f"a:{KEY}", "MOTCUA_DATA_KEYS_FILE": str(file)}, "only one of"),
    ):
        with pytest.raises(SettingsError, match=fault) as caught:
            read(tmp_path, **wrong)
        assert KEY not in str(caught.value)


def test_production_makes_no_data_keys(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_DATA_KEYS is not set"):
        read(tmp_path, **PRODUCTION).require_data_keys()
    assert not (tmp_path / "data.keys").exists()
    assert read(tmp_path, **PRODUCTION, MOTCUA_DATA_KEYS=f"a:{KEY}").require_data_keys().first == "a"


def test_plain_postgresql_urls_get_their_driver(tmp_path: Path) -> None:
    settings = read(tmp_path, MOTCUA_INTAKE_DB_URL="postgresql://u@db/intake")
    assert settings.db_url("intake") == "postgresql+psycopg://u@db/intake"


@pytest.mark.parametrize("key", ["short", "k" * 64, "abab" * 20])
def test_a_weak_key_is_refused(tmp_path: Path, key: str) -> None:
    for name in ("MOTCUA_JWT_KEY", "MOTCUA_HASH_KEY"):
        with pytest.raises(SettingsError, match=f"{name} is weak"):
            read(tmp_path, **{name: key})


@pytest.mark.parametrize("name", ["MOTCUA_JWT_KEY", "MOTCUA_JWT_SIGNING_KEY_FILE"])
def test_production_has_no_key_that_signs(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="can issue tokens, so production refuses them"):
        read(tmp_path, **{**PRODUCTION, "MOTCUA_JWKS_URL": "", name: KEY})


@pytest.mark.parametrize("url", ["motcua.example", "ftp://motcua.example", "https://"])
def test_the_public_address_is_one_that_a_browser_understands(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_PUBLIC_URL is not an address"):
        read(tmp_path, MOTCUA_PUBLIC_URL=url)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.gov.vn",
        "www.example.gov.vn",
        "http://www.example.gov.vn",
        "https://www.example.gov.vn/trang",
        "https://www.example.gov.vn; frame-ancestors *",
        "https://www.example.gov.vn 'self'",
        "https://u:p@www.example.gov.vn",
        "data:",
        "'none'",
    ],
)
def test_only_addresses_of_sites_may_show_figures_in_a_frame(tmp_path: Path, origin: str) -> None:
    good = "https://www.example.gov.vn, https://huyen.example.gov.vn:8443/"
    assert read(tmp_path, MOTCUA_EMBED_ORIGINS=good).embed_origins == (
        "https://www.example.gov.vn",
        "https://huyen.example.gov.vn:8443",
    )
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, MOTCUA_MODE="production", MOTCUA_EMBED_ORIGINS=f"https://www.example.gov.vn,{origin}")
    assert any(fault.startswith("MOTCUA_EMBED_ORIGINS: ") and origin in fault for fault in caught.value.faults)
