"""Keys of agencies' own software: made, replaced without a gap, revoked, expired, and announced before their end."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.operations import agency_keys as operations
from services.routing.agency_keys import store
from services.routing.agency_keys.commands import check_room, new_key, revoke_all, revoke_key, token_for
from services.routing.agency_keys.domain import AgencyKey, KeyOver, KeyState, TooManyKeys, UnknownKey, WrongClient
from services.routing.agency_keys.domain import relied_on as key_relied_on
from services.routing.agency_keys.rules import rules_on
from services.routing.agency_keys.store import agency_keys
from services.routing.agency_keys.sweeps import warn_of_ends
from tests.routing.service_fixture import REGISTRY, TAX, THURSDAY, RoutingFixture

BY = "cli:operator"
RULES = rules_on(THURSDAY.date())
SWEEPS = "services.routing.agency_keys.sweeps"


def make(service: RoutingFixture, agency: str = REGISTRY) -> tuple[AgencyKey, str]:
    return service.run(lambda work: new_key(work, agency, BY))


def keys_of(service: RoutingFixture, agency: str = REGISTRY) -> list[AgencyKey]:
    with service.store.read() as connection:
        return store.of_agency(connection, agency)


def use(service: RoutingFixture, secret: str, agency: str = REGISTRY) -> None:
    token_for(service.context, agency, secret)


def test_the_secret_is_random_and_only_its_hash_is_kept(service: RoutingFixture) -> None:
    key, secret = make(service)
    _, other = make(service)
    assert secret != other
    assert secret.startswith("motcua_agency_")
    assert len(secret) == len("motcua_agency_") + 43, "256 bits"
    with service.store.read() as connection:
        rows = [str(row) for row in connection.execute(select(agency_keys))]
    assert not [row for row in rows if secret[14:] in row or other[14:] in row]
    assert key.secret_hash not in repr(key)
    assert key.expires_at == service.store.clock.wall() + timedelta(days=365)


def test_a_key_is_replaced_without_a_gap(service: RoutingFixture) -> None:
    old, old_secret = make(service)
    service.advance(timedelta(days=340))
    new, new_secret = make(service)
    for secret in (old_secret, new_secret):
        use(service, secret)
    assert service.run(lambda work: revoke_key(work, REGISTRY, old.id, BY))
    use(service, new_secret)
    with pytest.raises(KeyOver, match="revoked"):
        use(service, old_secret)
    assert [key.state(service.store.clock.wall()) for key in keys_of(service)] == [KeyState.REVOKED, KeyState.VALID]
    assert not service.run(lambda work: revoke_key(work, REGISTRY, old.id, BY)), "the second time nothing changes"
    assert keys_of(service)[1].id == new.id


def test_two_keys_are_valid_at_once_and_no_third(service: RoutingFixture) -> None:
    first, _ = make(service)
    make(service)
    make(service, TAX)
    with pytest.raises(TooManyKeys, match=first.id):
        make(service)
    with pytest.raises(TooManyKeys):
        service.run(lambda work: check_room(work, REGISTRY))
    service.run(lambda work: revoke_key(work, REGISTRY, first.id, BY))
    make(service)
    service.advance(RULES.valid_for)
    make(service)
    make(service)
    assert len(keys_of(service)) == 5


def test_operators_at_once_make_no_third_key(service: RoutingFixture) -> None:
    make(service)
    with ThreadPoolExecutor(1) as pool:
        with service.store.uow() as work:
            new_key(work, REGISTRY, BY)
            other = pool.submit(make, service)
            assert not wait([other], timeout=0.5).done, "it waits until this transaction has ended"
        with pytest.raises(TooManyKeys):
            other.result(30)


def test_a_key_ends_at_its_time_and_no_token_outlives_it(service: RoutingFixture) -> None:
    key, secret = make(service)
    assert token_for(service.context, REGISTRY, secret).seconds == 3600
    service.advance(RULES.valid_for - timedelta(minutes=5))
    assert token_for(service.context, REGISTRY, secret).seconds == 300
    service.advance(timedelta(minutes=4, seconds=59.5))
    with pytest.raises(KeyOver, match="expired"):
        use(service, secret)
    service.advance(1)
    with pytest.raises(KeyOver, match="expired"):
        use(service, secret)
    assert keys_of(service)[0].state(key.expires_at) == KeyState.EXPIRED


def test_a_key_is_good_for_its_own_agency_alone(service: RoutingFixture) -> None:
    _, secret = make(service)
    for agency, shown in (
        (TAX, secret),
        ("H99", secret),
        (REGISTRY, secret[:-1]),
        (REGISTRY, ""),
        (REGISTRY, "\ud800"),
    ):
        with pytest.raises(WrongClient):
            use(service, shown, agency)


def test_the_last_use_is_noted_at_most_once_an_hour(service: RoutingFixture) -> None:
    _, secret = make(service)
    assert keys_of(service)[0].used_at is None
    use(service, secret)
    first = service.store.clock.wall()
    service.advance(timedelta(minutes=59))
    use(service, secret)
    assert keys_of(service)[0].used_at == first
    service.advance(timedelta(minutes=1))
    use(service, secret)
    assert keys_of(service)[0].used_at == service.store.clock.wall()


def test_all_keys_of_an_agency_are_revoked_and_of_no_other(service: RoutingFixture) -> None:
    make(service)
    make(service)
    _, of_tax = make(service, TAX)
    assert service.run(lambda work: revoke_all(work, REGISTRY, BY)) == 2
    assert service.run(lambda work: revoke_all(work, REGISTRY, BY)) == 0
    assert {key.revoked_by for key in keys_of(service)} == {BY}
    use(service, of_tax, TAX)
    with pytest.raises(UnknownKey):
        service.run(lambda work: revoke_key(work, REGISTRY, keys_of(service, TAX)[0].id, BY))


def test_operators_see_each_key_without_its_secret(service: RoutingFixture) -> None:
    made = operations.make_agency_key(service.store, REGISTRY, BY)
    (listed,) = operations.agency_keys(service.store, REGISTRY)
    assert (listed.id, listed.state, listed.made_by, listed.used_at) == (made.id, "valid", BY, None)
    assert listed.expires_at == made.expires_at
    assert made.secret not in str(listed)


def test_the_end_of_a_key_is_announced_once_a_day_from_thirty_days_before(
    service: RoutingFixture, caplog: pytest.LogCaptureFixture
) -> None:
    key, secret = make(service)

    def announced() -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.WARNING, SWEEPS):
            warn_of_ends(service.context)
            warn_of_ends(service.context)
        return [record.getMessage() for record in caplog.records if record.name == SWEEPS]

    service.advance(timedelta(days=335) - timedelta(minutes=1))
    assert announced() == []
    service.advance(timedelta(minutes=1))
    (text,) = announced()
    assert text == (
        f"the key {key.id} of agency {REGISTRY} expires in 30 days, at {key.expires_at:%Y-%m-%d %H:%M}: "
        f"motcua agency key new {REGISTRY}"
    )
    service.advance(timedelta(days=29))
    (text,) = announced()
    assert "expires in 24 hours" in text
    service.advance(timedelta(days=1))
    (text,) = announced()
    assert "expired at" in text
    assert secret not in text


def test_a_new_key_ends_the_warnings_once_it_is_used(service: RoutingFixture) -> None:
    _, old = make(service)
    use(service, old)
    service.advance(timedelta(days=350))
    assert warn_of_ends(service.context) == 1
    _, new = make(service)
    service.advance(timedelta(days=1))
    assert warn_of_ends(service.context) == 1, "the agency may not have put the new one into its settings yet"
    use(service, new)
    service.advance(timedelta(days=1))
    assert warn_of_ends(service.context) == 0


def key(id_: str, expires: int, used: int | None = None, revoked: int | None = None) -> AgencyKey:
    day = THURSDAY - timedelta(days=400)
    at = [None if days is None else day + timedelta(days=days) for days in (expires, used, revoked)]
    assert at[0] is not None
    return AgencyKey(REGISTRY, id_, "0" * 64, day, BY, at[0], at[1], at[2])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], None),
        ([key("a", 365)], "a"),
        ([key("a", 365, revoked=3)], None),
        ([key("a", 365), key("b", 700)], "b"),
        ([key("a", 365, used=10), key("b", 700)], "a"),
        ([key("a", 365, used=10), key("b", 700, used=300)], "b"),
        ([key("a", 365, used=10, revoked=301), key("b", 700)], "b"),
        ([key("a", 365, used=10), key("b", 700, used=300, revoked=301)], "a"),
    ],
)
def test_an_agency_relies_on_the_key_that_it_uses_and_that_ends_last(
    keys: list[AgencyKey], expected: str | None
) -> None:
    found = key_relied_on(keys)
    assert (found.id if found else None) == expected
