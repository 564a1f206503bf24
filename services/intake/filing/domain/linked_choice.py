"""Which linked procedures (thủ tục liên thông) a dossier asks for: those the citizen chose and those that always belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.catalogue import Procedure
from shared.catalogue.linked_procedures import BadChoice, LinkedGroup, LinkedProcedure


@dataclass(frozen=True)
class ChoiceFault:
    """One thing that is wrong with a choice.

    Attributes:
        place: which of the codes given, counted from 0; None where it is the choice as a whole.
        vi: what is wrong, in Vietnamese.
        en: the same in English.
    """

    place: int | None
    vi: str
    en: str


class WrongChoice(ValueError):
    """The citizen's choice of linked procedures cannot be; `options` are those that he may choose."""

    def __init__(self, faults: Iterable[ChoiceFault], options: Iterable[LinkedProcedure]) -> None:
        self.faults = tuple(faults)
        self.options = tuple(options)
        super().__init__("; ".join(fault.en for fault in self.faults))


def choose(procedure: Procedure, given: Sequence[str]) -> tuple[str, ...]:
    """The linked procedures of a dossier in the catalogue's order, the required ones with them.

    Args:
        procedure: the version in force.
        given: codes; a required one need not be among them, one named twice counts once.

    Raises:
        WrongChoice: a code is not linked with this procedure, or there are too few or too many.
    """
    linked = procedure.linked
    codes = [option.code for option in linked.procedures] if linked else []
    unknown = [_not_linked(place) for place, code in enumerate(given) if code not in codes]
    if unknown:
        raise WrongChoice(unknown, linked.procedures if linked else ())
    if linked is None:
        return ()
    try:
        chosen = linked.choice(given)
    except BadChoice as error:
        raise WrongChoice([_wrong_number(linked)], error.options) from error
    return tuple(code for code in codes if code in chosen)


def linked_names(procedure: Procedure, chosen: Iterable[str]) -> list[dict[str, str]]:
    """Code and name of each linked procedure of a dossier, as every answer shows them."""
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
