"""The worker's calls to the post: it registers and cancels parcels, and asks how they stand. No transaction is open during a call."""

from __future__ import annotations

import logging
from datetime import timedelta

from services.notify.post.parcels import store
from services.notify.post.parcels.commands import (
    record_cancelled,
    record_refused,
    record_registered,
    record_reports,
    record_unavailable,
)
from services.notify.post.parcels.domain import CLAIM, POLL_DAYS, POLL_EVERY, ParcelState
from services.notify.post.providers.configured import providers_of
from services.notify.post.providers.port import ParcelOrder, PostalProvider, PostError, PostRefused, PostUnavailable
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

log = logging.getLogger(__name__)

BATCH = 5
"""Parcels of one run: with the longest time of each call, all end before their claim does."""
POLL_BATCH = 5


def call_due(context: Context) -> int:
    """Registers and cancels the parcels that are due; returns how many.

    A crash at any point is safe: once the claim has expired the call is repeated, and the provider knows the parcel by its id.
    """
    claimed = context.store.run(_claim_calls)
    providers = providers_of(context)
    for parcel in claimed:
        _call(context, providers.get(parcel.provider), parcel)
    return len(claimed)


def poll_due(context: Context) -> int:
    """Asks the post about parcels that are on their way; returns how many."""
    claimed = context.store.run(_claim_polls)
    providers = providers_of(context)
    for parcel in claimed:
        if parcel.number is not None and parcel.provider in providers:
            _poll(context, providers[parcel.provider], parcel.number)
    return len(claimed)


def _claim_calls(work: UnitOfWork) -> list[store.Parcel]:
    at = work.clock.wall()
    found = [store.find(work.connection, id) for id in store.due_calls(work.connection, at, BATCH)]
    parcels = [one for one in found if one is not None]
    for one in parcels:
        store.change(work.connection, one.id, due_at=at + CLAIM)
    return parcels


def _claim_polls(work: UnitOfWork) -> list[store.Parcel]:
    found = [store.find(work.connection, id) for id in store.due_polls(work.connection, work.now, POLL_BATCH)]
    parcels = [one for one in found if one is not None]
    for one in parcels:
        over = work.now - one.created_at > timedelta(days=POLL_DAYS)
        store.change(work.connection, one.id, poll_at=None if over else work.now + POLL_EVERY)
    return parcels


def _call(context: Context, provider: PostalProvider | None, parcel: store.Parcel) -> None:
    id = parcel.id
    try:
        if provider is None:
            raise PostUnavailable("the provider is not configured any more")
        if parcel.state == ParcelState.CANCELLING:
            provider.cancel(id)
            context.store.run(lambda work: record_cancelled(work, id))
        else:
            registered = provider.register(_order(context, parcel))
            context.store.run(lambda work: record_registered(work, id, registered))
    except PostRefused as error:
        reason = str(error)
        context.store.run(lambda work: record_refused(work, id, reason))
    except PostUnavailable as error:
        reason = str(error)
        context.store.run(lambda work: record_unavailable(work, id, reason))


def _poll(context: Context, provider: PostalProvider, number: str) -> None:
    try:
        events = provider.tracking(number)
    except PostError as error:
        log.warning("the post did not say how a parcel stands", extra={"fields": {"reason": str(error)}})
        return
    if events:
        context.store.run(lambda work: record_reports(work, provider.name, events))


def _order(context: Context, parcel: store.Parcel) -> ParcelOrder:
    today = context.clock.now().date()
    desk = context.reference.agencies.name_of(parcel.agency, today)
    address = tuple(parcel.address.split("\n"))
    return ParcelOrder(
        parcel.id, parcel.contents, parcel.agency, desk, parcel.name, parcel.phone, address, parcel.grams
    )
