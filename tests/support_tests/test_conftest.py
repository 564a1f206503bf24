from __future__ import annotations

import re

from sqlalchemy import create_engine, text


def test_store_url_is_a_working_empty_store(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one_per_test (id integer)"))
    engine.dispose()


def test_store_url_is_fresh_for_each_test(store_url: str) -> None:
    test_store_url_is_a_working_empty_store(store_url)


def test_bus_url_names_an_adapter(bus_url: str) -> None:
    assert re.fullmatch(r"embedded:/.+/bus\.db|amqp://\S+:\S+@127\.0\.0\.1:\d+/test-\w+", bus_url)
