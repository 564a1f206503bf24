"""The rules of scores: how a share becomes points, and what a score says when some of its parts are missing.

Points are exact fractions until they are printed, so that no rounding moves an agency over the edge of a band.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction


class NoIndex(LookupError):
    """No such index was in force at the end of the period."""


class UnknownPart(LookupError):
    """The index has no such part."""


class View(StrEnum):
    """Whose dossier it is: that of the agency that handles it, or of the desk that received it."""

    HANDLING = "handling"
    RECEIVING = "receiving"


class State(StrEnum):
    """What is known of a part: counted by the platform, entered from outside, without any case, or missing."""

    MEASURED = "measured"
    ENTERED = "entered"
    EMPTY = "empty"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Count:
    """How many of how many.

    Attributes:
        numerator: those that meet the part's condition.
        denominator: all.
    """

    numerator: int
    denominator: int

    def __add__(self, other: Count) -> Count:
        return Count(self.numerator + other.numerator, self.denominator + other.denominator)

    @property
    def ratio(self) -> Fraction | None:
        """The share, 0 to 1; None of none."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


NOTHING = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Points in proportion to the share, all of them from a share on (QĐ 766): R ≥ T → Pmax, else R·Pmax/T.

    Attributes:
        full_at: T, percent, above 0.
    """

    full_at: Fraction

    def points(self, ratio: Fraction, most: Fraction) -> Fraction:
        """The points of a share, 0 to 1."""
        return min(most, 100 * ratio * most / self.full_at)


@dataclass(frozen=True, slots=True)
class Steps:
    """No, half or all of the points (NĐ 61/2018: 0, 1, 2).

    Attributes:
        one_from: percent from which half of the points are given.
        two_from: percent from which all are.
    """

    one_from: Fraction
    two_from: Fraction

    def points(self, ratio: Fraction, most: Fraction) -> Fraction:
        """The points of a share, 0 to 1."""
        return most if 100 * ratio >= self.two_from else most / 2 if 100 * ratio >= self.one_from else Fraction(0)


@dataclass(frozen=True, slots=True)
class Graded:
    """Points that somebody outside gives; the share is that of the most points."""

    def points(self, ratio: Fraction, most: Fraction) -> Fraction:
        """The points of a share, 0 to 1."""
        return ratio * most


Scale = Threshold | Steps | Graded
OUTSIDE = "outside"
"""The formula of parts that the platform does not measure."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an index.

    Attributes:
        id: as the decision numbers it, such as 2.1.
        name: Vietnamese and English.
        formula: name of what is counted, one of :mod:`services.stats.index.formulas`; :data:`OUTSIDE`.
        view: whose dossiers are counted for an agency.
        points: the most.
        scale: how the share becomes points.
        factor: another part by whose share this one's is multiplied; empty for none.
        missing: why the platform does not have it, Vietnamese and English; empty for measured parts.
        certainty: how well the numbers are checked: of the points, and of the scale.
    """

    id: str
    name: tuple[str, str]
    formula: str
    view: View
    points: Fraction
    scale: Scale
    factor: str
    missing: tuple[str, str]
    certainty: tuple[str, str]

    @property
    def is_outside(self) -> bool:
        """Whether its figure is entered, never counted."""
        return self.formula == OUTSIDE

    @property
    def is_graded(self) -> bool:
        """Whether what is entered are points, not a share."""
        return isinstance(self.scale, Graded)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of parts: its number, name in Vietnamese and English, and parts."""

    id: str
    name: tuple[str, str]
    parts: tuple[Part, ...]

    @property
    def points(self) -> Fraction:
        """The most of all parts together."""
        return sum((part.points for part in self.parts), Fraction(0))


@dataclass(frozen=True, slots=True)
class Band:
    """A mark (xếp loại) from a number of points on."""

    least: Fraction
    name: tuple[str, str]
    certainty: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index as in force from a day on.

    Attributes:
        valid_from, valid_to: the first and the last day; None: no end.
        id: short and stable; scores are kept under it.
        name, decision: Vietnamese and English.
        dissatisfied_to: the highest score of a rating that counts as dissatisfied.
        bands: the best first.
        groups: in order.
    """

    valid_from: date
    valid_to: date | None
    id: str
    name: tuple[str, str]
    decision: tuple[str, str]
    dissatisfied_to: int
    bands: tuple[Band, ...]
    groups: tuple[Group, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts, in order."""
        return tuple(part for group in self.groups for part in group.parts)

    @property
    def points(self) -> Fraction:
        """The most of all groups together."""
        return sum((group.points for group in self.groups), Fraction(0))

    def part(self, id_: str) -> Part:
        """A part by its number.

        Raises:
            UnknownPart: there is none.
        """
        for part in self.parts:
            if part.id == id_:
                return part
        raise UnknownPart(id_)

    def in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class PartScore:
    """What a part gives.

    Attributes:
        part: of the index.
        state: what is known of it.
        count: as counted; of an entered or missing part nothing.
        ratio: 0 to 1, after the factor; None where nothing is known.
        points: None where the part is missing or without any case: it is then not among the possible points.
        lacks: the factor without which a counted part gives no points; empty for none.
    """

    part: Part
    state: State
    count: Count
    ratio: Fraction | None
    points: Fraction | None
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The score of an agency in a period.

    Attributes:
        index: by which it is counted.
        parts: in order.
    """

    index: Index
    parts: tuple[PartScore, ...]

    @property
    def points(self) -> Fraction:
        """Of the parts that are known."""
        return sum((one.points for one in self.parts if one.points is not None), Fraction(0))

    @property
    def possible(self) -> Fraction:
        """The most that these parts give."""
        return sum((one.part.points for one in self.parts if one.points is not None), Fraction(0))

    @property
    def is_complete(self) -> bool:
        """Whether every part is known, so that the score can be compared with the bands."""
        return all(one.points is not None for one in self.parts)

    @property
    def band(self) -> Band | None:
        """The mark; None while a part is missing: no mark is given for points that nobody knows."""
        return (
            next((band for band in self.index.bands if self.points >= band.least), None) if self.is_complete else None
        )

    @property
    def share(self) -> Fraction | None:
        """Points of 100 possible ones, by which agencies are compared; None if nothing is known."""
        return 100 * self.points / self.possible if self.possible else None

    def of_group(self, group: Group) -> tuple[Fraction, Fraction]:
        """Points and possible points of a group."""
        own = [one for one in self.parts if one.part in group.parts and one.points is not None]
        return (
            sum((one.points for one in own if one.points is not None), Fraction(0)),
            sum((one.part.points for one in own), Fraction(0)),
        )


def score_of(index: Index, counts: Mapping[str, Count], entered: Mapping[str, Fraction]) -> Score:
    """The score of an agency.

    Args:
        index: the rules.
        counts: part → what was counted; nothing for parts without a case.
        entered: outside part → its share, 0 to 1; of a graded part the share of its points.
    """
    return Score(index, tuple(_part_score(part, counts, entered) for part in index.parts))


def _part_score(part: Part, counts: Mapping[str, Count], entered: Mapping[str, Fraction]) -> PartScore:
    if part.is_outside:
        given = entered.get(part.id)
        if given is None:
            return PartScore(part, State.MISSING, NOTHING, None, None)
        return PartScore(part, State.ENTERED, NOTHING, given, part.scale.points(given, part.points))
    count = counts.get(part.id, NOTHING)
    ratio = count.ratio
    if ratio is None:
        return PartScore(part, State.EMPTY, count, None, None)
    if part.factor and part.factor not in entered:
        return PartScore(part, State.MISSING, count, ratio, None, lacks=part.factor)
    ratio *= entered[part.factor] if part.factor else 1
    return PartScore(part, State.MEASURED, count, ratio, part.scale.points(ratio, part.points))


def total(counts: Iterable[Mapping[str, Count]]) -> dict[str, Count]:
    """The sum of the counts of several agencies, by part: every case belongs to one agency."""
    found: dict[str, Count] = {}
    for one in counts:
        for part, count in one.items():
            found[part] = found.get(part, NOTHING) + count
    return found


def in_force_on(indices: Sequence[Index], on: date, id_: str = "") -> Index:
    """The index in force on a day: the newest, or the one that is asked for.

    Raises:
        NoIndex: none was in force then, or not that one.
    """
    found = [index for index in indices if index.in_force(on) and (not id_ or index.id == id_)]
    if not found:
        raise NoIndex(id_ or on.isoformat())
    return max(found, key=lambda index: index.valid_from)


def printed(value: Fraction, places: int = 2) -> float:
    """A number as shown: rounded half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def percent(ratio: Fraction | None) -> float | None:
    """A share in percent with two decimals; 100 only where it is whole."""
    if ratio is None:
        return None
    shown = printed(100 * ratio)
    return 99.99 if shown == 100 and ratio < 1 else shown
