"""The first tables of each slice, one module a slice. ``0001_first`` creates them; Alembic reads no folder below its own."""
