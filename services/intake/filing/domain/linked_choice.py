"""The linked procedures (thủ tục liên thông) of a dossier: those that the citizen chose, and the required ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.catalogue import Procedure
from shared.catalogue.linked_procedures import BadChoice, LinkedGroup, LinkedProcedure


@dataclass(frozen=True, slots=True)
class ChoiceFault:
    """One fault of a choice.

    Attributes:
        place: index of the wrong code, from 0; None for a fault of the whole choice.
        vi: what is wrong, in Vietnamese.
        en: the same in English.
    """

    place: int | None
    vi: str
    en: str


class WrongChoice(ValueError):
    """The choice of linked procedures is not valid; `options` are the procedures to choose from."""

    def __init__(self, faults: Iterable[ChoiceFault], options: Iterable[LinkedProcedure]) -> None:
        self.faults = tuple(faults)
        self.options = tuple(options)
        super().__init__("; ".join(fault.en for fault in self.faults))


def choose(procedure: Procedure, chosen: Sequence[str]) -> tuple[str, ...]:
    """The linked procedures of a dossier in the catalogue's order, with the required ones added.

    Args:
        procedure: the version in force.
        chosen: codes; required ones may be left out, duplicates count once.

    Raises:
        WrongChoice: a code is not linked with this procedure, or there are too few or too many.
    """
    linked = procedure.linked
    codes = [option.code for option in linked.procedures] if linked else []
    unknown = [_not_linked(place) for place, code in enumerate(chosen) if code not in codes]
    if unknown:
        raise WrongChoice(unknown, linked.procedures if linked else ())
    if linked is None:
        return ()
    try:
        complete = linked.choice(chosen)
    except BadChoice as error:
        raise WrongChoice([_wrong_number(linked)], error.options) from error
    return tuple(code for code in codes if code in complete)


def linked_names(procedure: Procedure, chosen: Iterable[str]) -> list[dict[str, str]]:
    """Code and name of each linked procedure of a dossier, as JSON answers show them."""
    names = {option.code: option.name for option in procedure.linked.procedures} if procedure.linked else {}
    return [{"code": code, "name": names.get(code, code)} for code in chosen]


def _not_linked(place: int) -> ChoiceFault:
    return ChoiceFault(place, "Thủ tục này không liên thông với thủ tục đã chọn.", "Not linked with this procedure.")


def _wrong_number(linked: LinkedGroup) -> ChoiceFault:
    least, most = linked.least, linked.most
    span_vi = f"{least}" if least == most else f"từ {least} đến {most}"
    span_en = f"{least}" if least == most else f"{least} to {most}"
    return ChoiceFault(
        None,
        f"Phải chọn {span_vi} thủ tục liên thông, kể cả thủ tục bắt buộc.",
        f"Choose {span_en} linked procedures, the required ones among them.",
    )
