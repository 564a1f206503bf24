"""What changes between two versions of a procedure, in lines for the person who publishes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_KEYS = ("code", "id")
_LONGEST = 200


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each member that differs, such as ``~ cases.transfer.limit.working_days: 8 → 6``.

    Entries of lists are found by their code or id; ``+`` is new, ``-`` is gone, ``~`` is changed.

    Args:
        old, new: procedures in the catalogue's JSON shape.
    """
    yield from _between("", _keyed(old), _keyed(new))


def _between(place: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if not isinstance(old, dict) or not isinstance(new, dict) or _replaced(old, new):
        yield f"~ {place}: {_short(old)} → {_short(new)}"
        return
    for name in (*old, *(name for name in new if name not in old)):
        inner = f"{place}.{name}" if place else name
        if name not in new:
            yield f"- {inner}: {_short(old[name])}"
        elif name not in old:
            yield f"+ {inner}: {_short(new[name])}"
        else:
            yield from _between(inner, old[name], new[name])
    both = [name for name in old if name in new]
    if place and both != [name for name in new if name in old]:
        yield f"~ order of {place}: {', '.join(new)}"


def _replaced(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether plain values, such as a limit in another unit, have no member in common."""
    plain = not any(isinstance(value, dict) for value in (*old.values(), *new.values()))
    return bool(plain and old and new and not old.keys() & new.keys())


def _keyed(value: Any) -> Any:
    """The same with every list of coded entries as a mapping, so that an entry is compared with itself wherever it stands."""
    if isinstance(value, Mapping):
        return {name: _keyed(member) for name, member in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(isinstance(entry, Mapping) for entry in value):
        key = next((key for key in _KEYS if key in value[0]), None)
        if key:
            return {entry[key]: _keyed({name: entry[name] for name in entry if name != key}) for entry in value}
    return value or {}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = f'"{text}"' if isinstance(value, str) else text
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
