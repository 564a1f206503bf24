"""One database per service: engine, store, unit of work, SQL helpers, migrations."""
