"""The `motcua` command of tests: it can read PDF, with a library that only tests need."""

from __future__ import annotations

from shared.cli import cli
from tests.support.pdf import text_of

if __name__ == "__main__":
    cli.main(prog_name="motcua", obj=text_of)
