"""Prints results for a developer."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from shared.plugin_sdk.conformance.result import Report, Result

INDENT = 9


def print_result(console: Console, result: Result) -> None:
    """Prints the result of one check; if it failed, also what was expected and seen."""
    mark, style = ("ĐẠT", "bold green") if result.passed else ("HỎNG", "bold red")
    vietnamese, english = result.title
    line = Text.assemble((f"  {mark:<5} ", style), (vietnamese, "bold"), f" · {english}")
    console.print(line + Text(f"  {result.seconds:.1f} s", "dim"), soft_wrap=True)
    if result.passed:
        _print_detail(console, result.seen, "dim")
        return
    _print_detail(console, f"Mong đợi · expected: {result.expected}", "")
    _print_detail(console, f"Thấy · seen: {result.seen}", "")


def print_summary(console: Console, report: Report) -> None:
    """Prints the number of passed checks."""
    passed = len(report.results) - len(report.failed)
    style = "bold green" if report.passed else "bold red"
    console.print(Text(f"\n  {passed}/{len(report.results)} đạt · passed", style))


def _print_detail(console: Console, text: str, style: str) -> None:
    for line in text.splitlines():
        console.print(Text(" " * INDENT + line, style), soft_wrap=True)
