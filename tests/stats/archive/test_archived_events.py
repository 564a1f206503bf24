"""Which events are archived, decided by the contracts alone; each once, as it was published, with the facts that it makes."""

from __future__ import annotations

import pytest
from marshmallow import fields

from services.stats.archive import store
from services.stats.archive.queries import events_of, verify
from services.stats.facts.store import dossiers, waivers
from services.stats.handlers import FACTS, HANDLERS, OTHERS, RESTRICTED, UNLINKED
from shared.contracts import REGISTRY, EventType
from shared.messaging import restored
from shared.messaging.errors import NotYet
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from tests.stats.archive.support import archived
from tests.support.events import event
from tests.support.service import ServiceUnderTest, with_unknown_fields

ENTRIES = list(REGISTRY.by_name.values())
PERSONAL = {"name", "phone", "email", "address", "id_number", "applicant", "comment", "text", "contact", "official"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_event_is_archived_unless_the_contracts_give_a_reason_why_not(entry: EventType) -> None:
    reasons = (entry.restricted, entry.addressed, entry.unlinked, entry.owner in ("agency", "platform"))
    assert entry.archived is not any(reasons)
    assert (entry.name in FACTS or entry.name in OTHERS) is entry.archived


def test_the_handler_table_is_made_of_the_five_kinds_and_each_event_is_of_one() -> None:
    kinds = (FACTS, UNLINKED, RESTRICTED, OTHERS, restored.HANDLERS)
    assert set(HANDLERS) == set().union(*kinds)
    assert len(HANDLERS) == sum(map(len, kinds))
    assert all(REGISTRY.by_name[name].unlinked for name in UNLINKED)
    assert all(REGISTRY.by_name[name].restricted for name in RESTRICTED)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.archived], ids=lambda entry: entry.name)
def test_no_archived_event_tells_of_a_person(entry: EventType) -> None:
    """So nothing is to be erased from the archive when the personal data of a dossier are."""
    assert not entry.personal
    assert not entry.secret
    texts = {name for name, kind in entry.schema.fields.items() if isinstance(kind, fields.Str | fields.Dict)}
    assert not (texts & PERSONAL) - ({"name"} if entry.owner == "routing" else set())


def test_every_kind_of_event_is_archived_as_published_in_order_of_arrival_and_once(both: ServiceUnderTest) -> None:
    events = [event(name, place) for place, name in enumerate(HANDLERS, 1) if name not in restored.HANDLERS]
    bodies = [with_unknown_fields(one) for one in events]
    both.apply(*bodies)
    assert both.apply(*bodies).duplicates == len(bodies)
    kept = [body for body, one in zip(bodies, events, strict=True) if one.name not in (*UNLINKED, *RESTRICTED)]
    assert archived(both) == kept
    with both.store.read() as connection:
        found = verify(connection)
    assert (found.batches, found.events, found.fault) == (1, len(kept), "")


def test_to_whom_a_fee_was_waived_is_a_fact_and_not_archived(both: ServiceUnderTest) -> None:
    both.apply(event("fee.waived"))
    assert len(both.rows(waivers)) == 1
    assert archived(both) == []


def test_an_event_with_line_breaks_is_archived_in_one_line(stats: ServiceUnderTest) -> None:
    one = event("dossier.erased")
    stats.apply(one.to_json().replace(b',"', b',\n"'))
    assert archived(stats) == [one.to_json()]


def test_what_cannot_be_applied_yet_is_archived_when_it_is(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, other = event("dossier.overdue", dossier="D-1"), event("dossier.erased", dossier="D-2")
    refused = True

    def refuse(one: Event, work: UnitOfWork) -> None:
        if refused:
            raise NotYet("too early")
        inner(one, work)

    inner = both.applier.handlers["dossier.overdue"]
    both.applier.handlers = {**HANDLERS, "dossier.overdue": refuse}
    both.apply(late, other)
    assert archived(both) == [other.to_json()]
    assert both.rows(dossiers) == []
    refused = False
    both.hand.pass_(3600)
    assert both.applier.retry_due() == 1
    assert archived(both) == [other.to_json(), late.to_json()]
    assert [row["code"] for row in both.rows(dossiers)] == ["D-1"]


def test_what_is_rolled_back_is_not_archived(both: ServiceUnderTest) -> None:
    def fail(work: UnitOfWork) -> None:
        HANDLERS["dossier.erased"](event("dossier.erased"), work)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        both.store.run(fail)
    assert archived(both) == []
    both.apply(event("dossier.erased"))
    with both.store.read() as connection:
        assert store.head(connection).batches == 1
        assert list(events_of(connection, 1)) == [event("dossier.erased").to_json()]
