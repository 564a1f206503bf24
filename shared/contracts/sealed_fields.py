"""Personal fields of events travel encrypted, so that neither the bus nor the tables of events show them.

They are one JSON text in the field `sealed`. The event's type is the purpose and its id the row (:mod:`shared.runtime.data_keys`), so that
the contact of one event does not open in another.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from shared.messaging.event import Event
from shared.runtime.data_keys import DataKeys

SEALED = "sealed"
_NO_KEYS = "an event with personal data needs the keys of personal data (MOTCUA_DATA_KEYS)"


def seal_fields(event: Event, fields: Sequence[str], keys: DataKeys | None) -> Event:
    """The event with some fields encrypted.

    Raises:
        LookupError: there are no keys.
    """
    if keys is None:
        raise LookupError(_NO_KEYS)
    personal = {name: event.data[name] for name in fields if name in event.data}
    clear = {name: value for name, value in event.data.items() if name not in personal}
    sealed = keys.seal(orjson.dumps(personal).decode(), event.name, event.id)
    return event.with_data(clear | {SEALED: sealed})


def unseal_fields(event: Event, keys: DataKeys | None) -> Event:
    """The event with its encrypted fields readable.

    Raises:
        shared.runtime.data_keys.UnreadableData: they were sealed by another key.
        LookupError: there are no keys.
    """
    if keys is None:
        raise LookupError(_NO_KEYS)
    clear = {name: value for name, value in event.data.items() if name != SEALED}
    return event.with_data(clear | orjson.loads(keys.unseal(event.data[SEALED], event.name, event.id)))
