"""Personal columns and blind indexes, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, Text, func, select, type_coerce, update

from services.registry import SERVICES
from shared.persistence.personal_data import (
    BlindIndex,
    NoDataKeys,
    PersonalText,
    index_equals,
    index_matches,
    personal_columns,
    personal_values,
)
from shared.persistence.store import Store
from shared.runtime.data_keys import DataKeys, UnreadableData

OLD, NEW = ("old", "o" * 40), ("new", "n" * 40)
people = Table(
    "person",
    MetaData(),
    Column("code", String(20), primary_key=True),
    Column("name", PersonalText("person.name", row="code"), nullable=False),
    Column("name_index", BlindIndex("person.name", str.split), nullable=False),
    Column("note", PersonalText("person.note", row="code")),
)
ADD = people.insert()
NAME = "Nguyễn Thị Bưởi"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    made = Store(store_url, "intake", data_keys=DataKeys([OLD]))
    people.metadata.create_all(made.engine)
    add(made, "P-1", NAME, "con trai")
    yield made
    made.close()


def add(store: Store, code: str, name: str, note: str | None = None) -> None:
    store.run(lambda work: work.execute(ADD, personal_values(people, {"code": code, "name": name, "note": note})))


def raw(store: Store, column: str, code: str = "P-1") -> str:
    with store.read() as connection:
        found = select(type_coerce(people.c[column], Text())).where(people.c.code == code)
        text: str = connection.execute(found).scalar_one()
        return text


def found(store: Store, text: str) -> list[str]:
    with store.read() as connection:
        where = index_matches(connection, people.c.name_index, text)
        return list(connection.execute(select(people.c.code).where(where).order_by(people.c.code)).scalars())


def test_who_selects_reads_the_text_and_who_looks_into_the_table_does_not(store: Store) -> None:
    with store.read() as connection:
        assert connection.execute(select(people.c.name, people.c.note)).one() == (NAME, "con trai")
        alias = people.alias()
        assert connection.execute(select(alias.c.name).where(alias.c.code == "P-1")).scalar_one() == NAME
    assert raw(store, "name").startswith("old.")
    assert not any(word in raw(store, column) for word in NAME.split() for column in ("name", "name_index"))


def test_null_stays_null_and_empty_stays_empty(store: Store) -> None:
    add(store, "P-2", "")
    with store.read() as connection:
        assert connection.execute(select(people.c.name, people.c.note).where(people.c.code == "P-2")).one() == (
            "",
            None,
        )


def test_a_change_returns_the_new_text_and_renews_the_index(store: Store) -> None:
    change = update(people).where(people.c.code == "P-1").values(personal_values(people, {"name": "Lê Đào"}, row="P-1"))
    assert store.run(lambda work: work.execute(change.returning(people.c.name)).scalar_one()) == "Lê Đào"
    assert (found(store, "Đào"), found(store, "Bưởi")) == (["P-1"], [])


@pytest.mark.parametrize("column", ["name", "note"])
def test_a_text_does_not_open_in_another_row_or_column(store: Store, column: str) -> None:
    add(store, "P-2", "Lê Thị Đào")
    moved = type_coerce(people.c[column], Text())
    stolen = raw(store, "name" if column == "note" else column)
    code = "P-1" if column == "note" else "P-2"
    store.run(lambda work: work.execute(update(people).where(people.c.code == code).values({moved: stolen})))
    with store.read() as connection, pytest.raises(UnreadableData, match=f"person.{column}") as caught:
        connection.execute(select(people.c[column]).where(people.c.code == code)).all()
    assert "Nguyễn" not in str(caught.value)


def test_whole_words_in_any_order_are_found_under_every_key(store: Store, store_url: str) -> None:
    both = Store(store_url, "intake", data_keys=DataKeys([NEW, OLD]))
    add(both, "P-2", "Bưởi Nguyễn")
    assert found(both, "Bưởi Nguyễn") == ["P-1", "P-2"]
    assert found(both, "Thị") == ["P-1"]
    assert found(both, "Ng") == found(both, "") == []
    with both.read() as connection:
        where = index_equals(connection, people.c.name_index, "Bưởi")
        assert connection.execute(select(func.count()).select_from(people).where(where)).scalar_one() == 0
    assert raw(both, "name", "P-2").startswith("new.")
    both.close()


def test_a_missing_key_is_named_and_nothing_else_is_said(store: Store, store_url: str) -> None:
    other = Store(store_url, "intake", data_keys=DataKeys([NEW]))
    with other.read() as connection, pytest.raises(UnreadableData, match="the key 'old' is not among new"):
        connection.execute(select(people.c.name)).all()
    other.close()
    without = Store(store_url, "stats")
    with without.read() as connection, pytest.raises(NoDataKeys):
        connection.execute(select(people.c.name)).all()
    without.close()


def test_a_plain_text_is_neither_written_nor_compared(store: Store) -> None:
    for statement in (select(people).where(people.c.name == NAME), ADD.values(code="P-3", name=NAME, name_index="")):
        with store.read() as connection, pytest.raises(Exception, match=r"personal_values\(\)"):
            connection.execute(statement)


@given(st.text(max_size=80), st.text(max_size=20))
def test_any_text_opens_as_it_was_sealed(text: str, row: str) -> None:
    keys = DataKeys([NEW, OLD])
    sealed = keys.seal(text, "a.b", row)
    assert keys.unseal(sealed, "a.b", row) == text
    assert sealed != keys.seal(text, "a.b", row)
    for purpose, other in (("a.c", row), ("a.b", row + "x")):
        with pytest.raises(UnreadableData):
            keys.unseal(sealed, purpose, other)


@pytest.mark.parametrize("service", [found.name for found in SERVICES])
def test_personal_columns_are_named_after_their_place_and_kept_where_keys_are(service: str) -> None:
    (declared,) = [found for found in SERVICES if found.name == service]
    personal = False
    for table in declared.migrations().metadata.tables.values():
        for name, row in personal_columns(table).texts.items():
            personal = True
            kind = table.c[name].type
            assert isinstance(kind, PersonalText)
            assert kind.purpose == f"{table.name}.{name}"
            assert not table.c[row].nullable
        for source in personal_columns(table).indexes:
            assert isinstance(table.c[source].type, PersonalText)
    assert personal == declared.keeps_personal_data
