"""The sample citizens, in ``data/citizens.json``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.data_files import Record, read_record

FILE = Path(__file__).parent / "data" / "citizens.json"


@dataclass(frozen=True, slots=True)
class SampleCitizen:
    """A made-up citizen; `id` is the subject of their tokens, the other fields are claims."""

    id: str
    citizen_id: str
    name: str
    birthdate: str
    phone: str
    email: str
    address: str

    def claims(self) -> dict[str, object]:
        """Standard claims (OpenID Connect Core, section 5.1) and the identity number; what is unknown is left out."""
        known = {
            "name": self.name,
            "birthdate": self.birthdate,
            "phone_number": self.phone,
            "email": self.email,
            "citizen_id": self.citizen_id,
        }
        claims: dict[str, object] = {name: value for name, value in known.items() if value}
        return claims | ({"address": {"formatted": self.address}} if self.address else {})


@cache
def sample_citizens() -> dict[str, SampleCitizen]:
    """The sample citizens by id.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    record = read_record(FILE)
    record.optional_text("description")
    found = [_citizen(one) for one in record.records("citizens", named_by="id")]
    record.done()
    record.raise_faults()
    return {one.id: one for one in found}


def _citizen(record: Record) -> SampleCitizen:
    citizen = SampleCitizen(
        record.text("id"),
        record.text("citizen_id", pattern=r"\d{12}", like="12 digits"),
        record.text("name"),
        record.text("birthdate", pattern=r"\d{4}-\d{2}-\d{2}", like="a day"),
        record.optional_text("phone") or "",
        record.optional_text("email") or "",
        record.optional_text("address") or "",
    )
    record.done()
    return citizen
