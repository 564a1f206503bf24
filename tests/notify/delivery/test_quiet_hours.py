"""At night only urgent messages are sent, whatever caused them, by the real clock and by a virtual one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.domain import Channel
from services.notify.channels.port import Outcome, Outgoing, TemporarilyFailed
from services.notify.delivery.commands import Sender
from services.notify.delivery.domain import QuietHours
from services.notify.delivery.quiet_hours import parse_quiet_hours, quiet_hours
from services.notify.delivery.store import deliveries
from services.notify.delivery.sweeps import send_due
from shared.data_files import DataError, Record
from shared.runtime.clock import VIETNAM, Clock
from shared.runtime.settings import SettingsError, read_settings
from tests.notify.gateway import Gateway
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

NIGHT = quiet_hours()


def at(clock: str, day: int = 20) -> datetime:
    return datetime.combine(date(2025, 11, day), time.fromisoformat(clock), VIETNAM)


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        (at("21:59:59"), None),
        (at("22:00"), at("07:00", 21)),
        (at("23:20"), at("07:00", 21)),
        (at("00:00", 21), at("07:00", 21)),
        (at("06:59:59", 21), at("07:00", 21)),
        (at("07:00", 21), None),
        (at("12:00", 21), None),
    ],
)
def test_the_end_of_the_night(moment: datetime, ends: datetime | None) -> None:
    assert NIGHT.end_after(moment) == ends


def test_quiet_hours_within_a_day_and_before_they_applied() -> None:
    noon = QuietHours(time(12), time(13), date(2025, 1, 1), frozenset())
    assert noon.end_after(at("12:30")) == at("13:00")
    assert noon.end_after(at("13:00")) is None
    assert replace(NIGHT, valid_from=date(2026, 1, 1)).end_after(at("23:00")) is None


@given(st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)))
def test_a_night_ends_within_nine_hours_and_then_it_is_day(moment: datetime) -> None:
    local = moment.replace(tzinfo=VIETNAM)
    ends = NIGHT.end_after(local)
    assert (ends is None) == (7 <= local.hour < 22)
    if ends is not None:
        assert timedelta(0) < ends - local <= timedelta(hours=9)
        assert NIGHT.end_after(ends) is None


def test_a_message_whose_deadline_passes_in_the_night_is_urgent() -> None:
    assert NIGHT.is_urgent("supplement_requested", at("23:00"), [at("00:00", 21)])
    assert not NIGHT.is_urgent("supplement_requested", at("23:00"), [at("17:30", 21)])
    assert not NIGHT.is_urgent("received", at("23:00"), [])
    assert replace(NIGHT, urgent=frozenset({"received"})).is_urgent("received", at("12:00"), [])


class Provider(Gateway):
    """Takes messages, or fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__(self._fail)
        self.failures = failures

    def _fail(self, _: Outgoing) -> Outcome | None:
        if not self.failures:
            return None
        self.failures -= 1
        return TemporarilyFailed("away")

    @property
    def sent(self) -> list[Outgoing]:
        return list(self.taken.values())


def queue(notify: ServiceUnderTest, dossier: str = "D-1") -> None:
    notify.apply(event("applicant.registered", 1, dossier=dossier), event("dossier.received", 2, dossier=dossier))


def sender(notify: ServiceUnderTest, provider: Provider) -> Sender:
    return Sender(notify.store, Channel.SMS, provider, "https://motcua.vn", quiet_hours=NIGHT)


def go_to(notify: ServiceUnderTest, clock: str) -> None:
    now = notify.store.clock.now()
    wanted = datetime.combine(now.date(), time.fromisoformat(clock), VIETNAM)
    notify.hand.pass_((wanted if wanted > now else wanted + timedelta(days=1)) - now)


def test_a_message_of_the_evening_waits_for_the_morning(both: ServiceUnderTest) -> None:
    provider = Provider()
    go_to(both, "23:20")
    queue(both)
    assert sender(both, provider).send_batch() == 0
    go_to(both, "06:59")
    assert sender(both, provider).send_batch() == 0
    go_to(both, "07:00")
    assert sender(both, provider).send_batch() == 1
    assert len(provider.sent) == 1


def test_a_failed_attempt_and_a_backlog_wait_too(both: ServiceUnderTest) -> None:
    provider = Provider(failures=1)
    go_to(both, "21:59")
    queue(both, "D-1")
    queue(both, "D-2")
    assert sender(both, provider).send_batch(limit=1) == 1
    go_to(both, "22:01")
    assert sender(both, provider).send_batch() == 0
    go_to(both, "07:00")
    assert sender(both, provider).send_batch() == 2
    assert len(provider.sent) == 2


def test_an_urgent_message_is_sent_at_night(both: ServiceUnderTest) -> None:
    provider = Provider()
    go_to(both, "23:20")
    queue(both)
    with both.store.uow() as work:
        work.execute(deliveries.update().values(urgent=True))
    assert sender(both, provider).send_batch() == 1


def test_a_virtual_night_is_as_short_as_its_clock_is_fast(notify: ServiceUnderTest) -> None:
    provider = Provider()
    real = notify.hand
    notify.store.clock = Clock(at("23:00"), rate=3600, anchor=real(), source=real)
    queue(notify)
    assert sender(notify, provider).send_batch() == 0
    real.pass_(timedelta(seconds=7))
    assert sender(notify, provider).send_batch() == 0
    real.pass_(timedelta(seconds=1))
    assert sender(notify, provider).send_batch() == 1


def test_the_setting_decides_whether_the_worker_keeps_them(notify: ServiceUnderTest) -> None:
    go_to(notify, "23:20")
    queue(notify)
    notify.context = replace(notify.context, settings=replace(notify.context.settings, quiet_hours=True))
    assert send_due(notify.context, Channel.SMS) == 0
    notify.context = replace(notify.context, settings=replace(notify.context.settings, quiet_hours=False))
    go_to(notify, "07:00")
    assert send_due(notify.context, Channel.SMS) == 1
    assert notify.store.clock.now() > MONDAY


def test_demonstrations_go_on_at_night() -> None:
    assert read_settings({"MOTCUA_MODE": "embedded"}).quiet_hours
    assert not read_settings({"MOTCUA_MODE": "demo"}).quiet_hours
    assert read_settings({"MOTCUA_MODE": "demo", "MOTCUA_QUIET_HOURS": "on"}).quiet_hours
    with pytest.raises(SettingsError, match="MOTCUA_QUIET_HOURS"):
        read_settings({"MOTCUA_MODE": "demo", "MOTCUA_QUIET_HOURS": "perhaps"})


def test_a_faulty_file_is_refused() -> None:
    with pytest.raises(DataError):
        parse_quiet_hours(Record({"from": "25:00", "until": "7", "valid_from": "x", "urgent": []}, "quiet_hours.json"))
