"""``python -m shared.cli`` is the ``motcua`` command."""

from shared.cli import main

main()
