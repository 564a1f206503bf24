"""Personal data in tables: columns that are encrypted at rest, and blind indexes by which they are searched.

A table declares ``Column("name", PersonalText("table.name", row="code"))``: whoever selects the column gets the text, whoever looks into
the database's files does not. `row` names the column that tells one row from another and never changes; a sealed text that is copied into
another row or column does not open. Whoever writes passes the values through :func:`personal_values`, which also fills the blind
indexes::

    connection.execute(table.insert(), personal_values(table, {"code": "D-1", "name": "Nguyễn Thị Bưởi"}))
    connection.execute(table.update().where(...), personal_values(table, {"name": "Lê Thị Đào"}, row="D-1"))

A blind index (``Column("name_index", BlindIndex("table.name", words))``) holds a keyed hash of each word of its column, so that whole words
can be found by :func:`index_matches`. Equal words have equal hashes: who has a copy of the database learns how often a word occurs, not
which it is. NULL stays NULL, and the empty text stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Column, ColumnElement, Connection, Dialect, String, Table, Text, and_, false, or_, type_coerce
from sqlalchemy.sql.expression import literal_column
from sqlalchemy.types import TypeDecorator

from shared.runtime.data_keys import DataKeys

_KEYS: WeakKeyDictionary[Dialect, DataKeys] = WeakKeyDictionary()
_BETWEEN: ColumnElement[str] = literal_column("' '", Text())
"""Between a sealed text and the identifier of its row in what the database returns; sealed texts have no space."""


class NoDataKeys(LookupError):
    """The store was opened without keys for personal data."""


def use_data_keys(dialect: Dialect, keys: DataKeys) -> None:
    """Lets the columns of all tables that are used with an engine's dialect be sealed by these keys."""
    _KEYS[dialect] = keys


def data_keys_of(connection: Connection) -> DataKeys:
    """The keys of a connection's store.

    Raises:
        NoDataKeys: it was opened without.
    """
    return _keys(connection.dialect)


def _keys(dialect: Dialect) -> DataKeys:
    try:
        return _KEYS[dialect]
    except KeyError:
        raise NoDataKeys("this store was opened without keys for personal data (MOTCUA_DATA_KEYS)") from None


@dataclass(frozen=True, slots=True)
class PersonalValue:
    """A text on its way into a personal column, with the identifier of its row. Made by :func:`personal_values`."""

    text: str = field(repr=False)
    row: str


class PersonalText(TypeDecorator[str]):
    """A text that is encrypted in the database.

    Args:
        purpose: the table's and the column's name, joined by a dot.
        row: the name of the column of the same table that identifies the row; its value never changes.
    """

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str, row: str) -> None:
        super().__init__()
        self.purpose = purpose
        self.row = row

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, PersonalValue):
            raise TypeError(
                f"{self.purpose} is written through personal_values() and searched through its blind index only"
            )
        return _keys(dialect).seal(value.text, self.purpose, value.row) if value.text else ""

    def column_expression(self, column: Any) -> Any:
        """The column with its row's identifier, since it takes both to open it."""
        row = type_coerce(column.table.c[self.row], Text())
        return type_coerce(type_coerce(column, Text()).concat(_BETWEEN).concat(row), self)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        sealed, _, row = value.partition(" ")
        return _keys(dialect).unseal(sealed, self.purpose, row) if sealed else ""


class BlindIndex(TypeDecorator[str]):
    """Keyed hashes of the words of a personal column of the same table, with spaces between them.

    Args:
        purpose: the table's and the personal column's name, joined by a dot.
        words: the words of a text in the form in which they are compared.
    """

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str, words: Callable[[str], Iterable[str]]) -> None:
        super().__init__()
        self.purpose = purpose
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, PersonalValue):
            raise TypeError(f"the index of {self.purpose} is written through personal_values()")
        keys = _keys(dialect)
        return " ".join(keys.token(word, self.purpose) for word in dict.fromkeys(self.words(value.text)))


@dataclass(frozen=True, slots=True)
class PersonalColumns:
    """The personal columns of a table.

    Attributes:
        texts: column → the column that identifies its row.
        indexes: personal column → the names of its blind indexes.
    """

    texts: Mapping[str, str]
    indexes: Mapping[str, tuple[str, ...]]


@cache
def personal_columns(table: Table) -> PersonalColumns:
    """Which columns of a table are personal, and which index them."""
    texts = {column.name: column.type.row for column in table.c if isinstance(column.type, PersonalText)}
    found: dict[str, tuple[str, ...]] = {}
    for column in table.c:
        if isinstance(column.type, BlindIndex):
            source = column.type.purpose.rpartition(".")[2]
            found[source] = (*found.get(source, ()), column.name)
    return PersonalColumns(texts, found)


def personal_values(table: Table, values: Mapping[str, Any], row: str | None = None) -> dict[str, Any]:
    """The values of a row, ready to be written: personal ones are sealed on their way, and their blind indexes are added.

    Args:
        table: into which they go.
        values: column → value; those of other columns stay as they are.
        row: the value of the column that identifies the row, for an UPDATE that does not set it.
    """
    known = personal_columns(table)
    ready = dict(values)
    for name, row_column in known.texts.items():
        text = values.get(name)
        if text is None:
            if name in values:
                ready.update(dict.fromkeys(known.indexes.get(name, ())))
            continue
        value = PersonalValue(text, values[row_column] if row is None else row)
        ready[name] = value
        for index in known.indexes.get(name, ()):
            ready[index] = value
    return ready


def index_matches(connection: Connection, index: Column[str], text: str) -> ColumnElement[bool]:
    """A condition: the index has all words of a text, in any order; false for a text without words.

    Args:
        connection: of the store; it has the keys.
        index: a column of type :class:`BlindIndex`.
        text: as a person types it.
    """
    kind = _blind(index)
    keys, column = data_keys_of(connection), type_coerce(index, Text())
    words = list(dict.fromkeys(kind.words(text)))
    if not words:
        return false()
    return and_(*(or_(*(column.contains(token) for token in keys.tokens(word, kind.purpose))) for word in words))


def index_equals(connection: Connection, index: Column[str], text: str) -> ColumnElement[bool]:
    """A condition: the index, of one word, is that of a text; false for a text without words. A database index of the column serves it."""
    kind = _blind(index)
    keys = data_keys_of(connection)
    tokens = [token for word in kind.words(text) for token in keys.tokens(word, kind.purpose)]
    return type_coerce(index, String()).in_(tokens) if tokens else false()


def _blind(index: Column[str]) -> BlindIndex:
    if not isinstance(index.type, BlindIndex):
        raise TypeError(f"{index.name} is no blind index")
    return index.type
