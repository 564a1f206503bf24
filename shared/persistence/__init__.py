"""One database per service: engine, unit of work, SQL helpers, migrations."""
