"""Tools for local runs: a private broker, temporary directories and ports, process groups."""
