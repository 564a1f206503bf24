"""The state of a dossier by the portal's numbers, and the messages that an event causes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import REGISTRY
from shared.contracts.observers import OBSERVED, observed_topics
from shared.national_portal.history import (
    PROGRESS,
    SYNC,
    TIME_FIELDS,
    DossierEvent,
    DossierStatus,
    dossier_status,
    services_for,
)
from tests.shared.national_portal.sample_history import STATES, WHOLE, sample_event

RECEIVED, ASSIGNED = sample_event("dossier.received"), sample_event("step.assigned")
ASKED, OWED = sample_event("supplement.requested"), sample_event("obligation.requested", obligation="o-1")
OWED_TOO, PAID_TOO = sample_event("obligation.requested", obligation="o-2"), sample_event("fee.paid", obligation="o-2")
PAID, FEE = sample_event("fee.paid", obligation="o-1"), sample_event("fee.paid", obligation=None)
WITHDRAWN, STOPPED = sample_event("dossier.withdrawn"), sample_event("dossier.stopped")
RESOLVED, RETURNED = sample_event("dossier.resolved"), sample_event("dossier.returned")
BROUGHT = sample_event("dossier.supplemented")
ANY = st.lists(st.sampled_from([sample_event(name) for name in OBSERVED] + [OWED_TOO, PAID_TOO]), max_size=12)

NEXT = {2: {4, 5, 6, 7, 8, 9, 10}, 4: {5, 6, 7, 8, 9, 10}, 5: {4, 6, 7, 8, 9, 10}, 6: {4, 5, 7, 8, 9, 10}}
NEXT |= {7: {8, 9, 10}, 9: {10}, 8: set(), 10: set()}


def test_a_history_has_the_events_of_observers_and_each_has_its_time() -> None:
    assert tuple(TIME_FIELDS) == OBSERVED
    assert all(field in REGISTRY.by_name[name].schema.fields for name, field in TIME_FIELDS.items())


def test_nothing_restricted_or_addressed_is_observed() -> None:
    assert len(set(observed_topics())) == len(OBSERVED)
    assert not any(REGISTRY.by_name[name].restricted or REGISTRY.by_name[name].addressed for name in OBSERVED)


def test_a_whole_history_state_by_state() -> None:
    assert [int(dossier_status(WHOLE[: number + 1]).state or 0) for number in range(len(WHOLE))] == STATES


@pytest.mark.parametrize(
    ("history", "state"),
    [
        ([RECEIVED, ASSIGNED, OWED, OWED_TOO, PAID], 6),
        ([RECEIVED, ASSIGNED, OWED, OWED_TOO, PAID, PAID_TOO], 4),
        ([RECEIVED, ASSIGNED, PAID, OWED], 4),
        ([RECEIVED, ASSIGNED, ASKED, OWED], 5),
        ([RECEIVED, ASSIGNED, ASKED, OWED, BROUGHT], 6),
        ([RECEIVED, ASSIGNED, ASKED, OWED, PAID], 5),
        ([RECEIVED, FEE], 2),
        ([RECEIVED, WITHDRAWN, ASSIGNED], 7),
        ([RECEIVED, WITHDRAWN, STOPPED], 8),
        ([RECEIVED, WITHDRAWN, RESOLVED], 9),
        ([RECEIVED, ASSIGNED, STOPPED, RESOLVED, ASSIGNED, ASKED], 8),
        ([RECEIVED, RETURNED, RESOLVED], 10),
        ([ASSIGNED], 4),
        ([RESOLVED], 9),
        ([ASSIGNED, RECEIVED], 4),
    ],
)
def test_transitions(history: list[DossierEvent], state: int) -> None:
    assert dossier_status(history).state == state


@given(ANY)
def test_only_allowed_transitions_happen(history: list[DossierEvent]) -> None:
    states = [dossier_status(history[: number + 1]).state for number in range(len(history))]
    assert None not in states
    for before, after in pairwise(states):
        assert before is not None
        assert after == before or after in NEXT[before]


@given(ANY)
def test_every_change_causes_a_message_and_the_first_one_is_the_record(history: list[DossierEvent]) -> None:
    before = DossierStatus()
    for number, what in enumerate(history):
        services, after = services_for(before, what), before.after(what)
        assert services
        assert services in ((SYNC,), (PROGRESS,), (SYNC, PROGRESS))
        if number == 0 or after.state is not before.state:
            assert services == (SYNC, PROGRESS)
        before = after


def test_a_fee_payment_causes_no_progress_entry() -> None:
    assert services_for(dossier_status([RECEIVED]), FEE) == (SYNC,)
    assert services_for(dossier_status([RECEIVED, ASSIGNED]), ASSIGNED) == (PROGRESS,)
