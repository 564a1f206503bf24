"""The summary of a period: all measures, and the sums and shares that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.stats.facts.domain import WARNING_KINDS
from services.stats.facts.dossier_measures import MEASURES
from services.stats.measures.activities import read_activities, read_events, read_stock
from services.stats.measures.apologies import ApologyTotals, count_apologies
from services.stats.measures.complaints import ComplaintTotals, SurveyTotals, count_complaints, count_surveys
from services.stats.measures.declined import DeclinedTotals, count_declined
from services.stats.measures.domain import share
from services.stats.measures.queries import Scope
from services.stats.measures.ratings import RatingTotals, count_ratings
from services.stats.measures.series import numbers_by
from services.stats.measures.tickets import numbers_of, read_tickets
from services.stats.totals.tables import APPLICATION_COUNTS, MESSAGE_COUNTS


@dataclass(frozen=True, slots=True)
class MessageTotals:
    """Messages of a period, each once by what is known of it last, and the segments paid for.

    Attributes:
        sent: taken over by a provider; those that have arrived are among them.
        delivered: of these, those that have arrived by a receipt.
        returned: that came back.
        failed: by every channel that could reach the citizen.
        skipped: sent by no channel.
        segments: of SMS.
    """

    sent: int
    delivered: int
    returned: int
    failed: int
    skipped: int
    segments: int


@dataclass(frozen=True, slots=True)
class StepTotals:
    """Counted steps that an agency completed in a period, and how many of them were late."""

    agency: str
    completed: int
    late: int


@dataclass(frozen=True, slots=True)
class ApplicationTotals:
    """What was filed online or came by post, and what desks did with it, each in the period.

    Attributes:
        filed, filed_online: all, and those filed online.
        accepted, refused: by their desks.
        withdrawn: by their applicants, before they were received.
        unsupplemented: closed since the papers asked for never came.
        supplement_requested: where papers were asked for.
        overdue: not answered within the time limit.
    """

    filed: int
    filed_online: int
    accepted: int
    refused: int
    withdrawn: int
    unsupplemented: int
    supplement_requested: int
    overdue: int


@dataclass(frozen=True, slots=True)
class WaiverTotals:
    """Fees that were waived in a period to people of one category, for one procedure.

    Attributes:
        category: code of the category of people.
        procedure: its code.
        number: how many waivers.
        amount: đồng that need not be paid.
    """

    category: str
    procedure: str
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class ReturnShares:
    """Of the results handed over in a period, in percent; None if there was none.

    Attributes:
        counter, electronic, post: how they were handed over.
        with_file: for how many the file of an electronic result was published.
    """

    counter: float | None
    electronic: float | None
    post: float | None
    with_file: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All numbers of a period.

    Attributes:
        counts: measure → number of dossiers; see :data:`services.stats.measures.queries.MEASURES`.
        on_time_share: percent of the resolved dossiers that were on time; None if none was resolved.
        online_share: percent of the received dossiers that were filed online; None if none was received.
        satisfied_share: percent of the rated dossiers that were rated as satisfied; None if none was rated.
        average_score: mean score of the rated dossiers, two decimals; None if none was rated.
        fees_paid: đồng paid in the period, fees and obligations together.
        fees_refunded: đồng of payments that were paid back in the period; money that never counted as a payment is not among it.
        fees_waived: đồng that were waived in the period.
        waivers: the same by category of people and procedure; nothing where a filter asks for what is not known of waivers.
        return_shares: how results were handed over.
        documents: kind → official papers issued in the period about dossiers that were received.
        messages: messages of the period.
        by_channel: channel → received dossiers; the same as `received` with that channel as a filter.
        warnings: kind → warnings of the period.
        steps: completed steps of the period, by agency.
        declined: visitors of the period who were turned away before filing.
        apologies: letters of apology of the period, and those that were owed at its end.
        ratings: ratings of the period, of dossiers and of visits.
        complaints: what happened to complaints in the period.
        surveys: surveys that ended in the period.
        visitors: of the one-stop desks: counts, and median and 90th percentile of waits and times at the counter in seconds; none with
            a filter by what is not known of visitors.
        applications: applications of the period; none with a filter by handling agency, since nobody handles them yet.
    """

    counts: Mapping[str, int]
    on_time_share: float | None
    online_share: float | None
    satisfied_share: float | None
    average_score: float | None
    fees_paid: int
    fees_refunded: int
    fees_waived: int
    waivers: Sequence[WaiverTotals]
    return_shares: ReturnShares
    documents: Mapping[str, int]
    messages: MessageTotals
    by_channel: Mapping[str, int]
    warnings: Mapping[str, int]
    steps: Sequence[StepTotals]
    declined: DeclinedTotals
    apologies: ApologyTotals
    applications: ApplicationTotals
    ratings: RatingTotals
    complaints: ComplaintTotals
    surveys: SurveyTotals
    visitors: Mapping[str, int | None]


def summarise(connection: Connection, scope: Scope) -> Summary:
    """Reads all numbers of a period: a few sums of totals, from the same moment."""
    reader = scope.reader(connection)
    of_channels = numbers_by(reader, scope, "channel")
    counts = {name: sum(numbers[name] for numbers in of_channels.values()) for name in MEASURES}
    activities = read_activities(reader, scope)
    events, amounts = read_events(reader, scope)
    missing = read_stock(reader, scope, "apology_missing")
    rated = count_ratings(events)
    return Summary(
        counts=counts,
        on_time_share=share(counts["on_time"], counts["resolved"]),
        online_share=share(counts["received_online"], counts["received"]),
        satisfied_share=share(counts["satisfied"], counts["rated"]),
        average_score=rated.average_of_dossiers,
        fees_paid=activities["fees_paid"],
        fees_refunded=activities["fees_refunded"],
        fees_waived=sum(amounts.get("waiver", {}).values()),
        waivers=_waivers(events.get("waiver", {}), amounts.get("waiver", {})),
        return_shares=ReturnShares(
            counter=share(counts["returned_at_counter"], counts["returned"]),
            electronic=share(counts["returned_electronically"], counts["returned"]),
            post=share(counts["returned_by_post"], counts["returned"]),
            with_file=share(counts["returned_with_file"], counts["returned"]),
        ),
        documents=events.get("document", {}),
        messages=_messages(activities),
        by_channel={
            code: of_channels[code]["received"] for code in sorted(of_channels) if of_channels[code]["received"]
        },
        warnings={kind: activities[kind] for kind in WARNING_KINDS},
        steps=_steps(events.get("step", {}), events.get("step_late", {})),
        declined=count_declined(events),
        apologies=count_apologies(events, missing, counts["extended"]),
        applications=ApplicationTotals(*(activities[f"applications_{name}"] for name in APPLICATION_COUNTS)),
        ratings=rated,
        complaints=count_complaints(connection, scope, events),
        surveys=count_surveys(events),
        visitors=numbers_of(read_tickets(reader, scope)),
    )


def _waivers(numbers: Mapping[str, int], amounts: Mapping[str, int]) -> list[WaiverTotals]:
    found = []
    for part, number in sorted(numbers.items()):
        category, procedure = part.split("/", 1)
        found.append(WaiverTotals(category, procedure, number, amounts.get(part, 0)))
    return found


def _messages(found: Mapping[str, int]) -> MessageTotals:
    counts = {state: found[f"messages_{state}"] for state in MESSAGE_COUNTS}
    counts["sent"] += counts["delivered"]
    return MessageTotals(**counts, segments=found["segments"])


def _steps(completed: Mapping[str, int], late: Mapping[str, int]) -> list[StepTotals]:
    return [StepTotals(agency, number, late.get(agency, 0)) for agency, number in sorted(completed.items())]
