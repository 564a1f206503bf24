"""The papers, forms and fees of a procedure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared.catalogue.text import normalise

PaperKind = Literal["original", "copy", "form"]


@dataclass(frozen=True)
class Paper:
    """A paper (thành phần hồ sơ) of a procedure; ``cases`` empty means it belongs to every case."""

    code: str
    name: str
    required: bool
    kind: PaperKind
    cases: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Paper:
        """Read one paper of the catalogue's JSON shape."""
        return cls(data["code"], normalise(data["name"]), data["required"], data["kind"], tuple(data.get("cases", ())))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        data = {"code": self.code, "name": self.name, "required": self.required, "kind": self.kind}
        return data | ({"cases": list(self.cases)} if self.cases else {})


@dataclass(frozen=True)
class Fee:
    """A fee or charge (phí, lệ phí) in whole VND; ``cases`` empty means it is due in every case."""

    code: str
    name: str
    amount: int
    cases: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Fee:
        """Read one fee of the catalogue's JSON shape."""
        return cls(data["code"], normalise(data["name"]), int(data["amount"]), tuple(data.get("cases", ())))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        data: dict[str, Any] = {"code": self.code, "name": self.name, "amount": self.amount}
        return data | ({"cases": list(self.cases)} if self.cases else {})


@dataclass(frozen=True)
class Form:
    """A form to download and fill in (mẫu đơn, tờ khai).

    Args:
        code: unique within the procedure.
        name: its Vietnamese name and number.
        url: an https address, or the path of a file of this platform.
        paper: code of the paper that it becomes.
    """

    code: str
    name: str
    url: str
    paper: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Form:
        """Read one form of the catalogue's JSON shape."""
        return cls(data["code"], normalise(data["name"]), data["url"], data["paper"])

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        return {"code": self.code, "name": self.name, "url": self.url, "paper": self.paper}
