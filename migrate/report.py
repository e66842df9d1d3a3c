"""What was moved, marked and left: for the terminal, for machines, and in the new service."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

MARK = re.compile(r"\bmigrate: (.+?)['\"]?$", re.M)
FILE = "MIGRATION.md"


@dataclass
class Report:
    """What became of a service."""

    source: str
    destination: str
    # From what to what.
    operations: list[tuple[str, str, str]] = field(default_factory=list)
    modules: list[tuple[str, str]] = field(default_factory=list)
    tests: list[tuple[str, str]] = field(default_factory=list)
    # Operations that do not run before what is marked is moved.
    halted: list[str] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # What must not be overlooked.
    warnings: list[str] = field(default_factory=list)


def find_marks(folder: Path) -> list[tuple[str, str]]:
    """Return where marks are in a new service, as ``app/api.py:12``, and what they say."""
    found = []
    for file in sorted([*folder.glob("app/**/*.py"), *folder.glob("tests/**/*.py"),
                        *folder.glob("*.yml"), *folder.glob("*.toml")]):  # fmt: skip
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if match := MARK.search(line):
                found.append((f"{file.relative_to(folder)}:{number}", match[1]))
    return found


def write_page(report: Report) -> str:
    """Return the page of the new service."""
    parts = [
        f"# Moved from {report.source}",
        f"{sum_up(report)}\n\nWhat is to be done is marked; `grep -rn 'migrate:' app tests "
        "api-spec.yml` finds it.\nA function with a mark raises `NotImplementedError` at its "
        "beginning: delete that line with the last mark.",
        "\n".join(f"**{each}**" for each in report.warnings),
        _table("Operations", ("operation", "was", "is"), report.operations),
        _list("Operations that do not run yet", report.halted),
        _table("Modules", ("was", "is"), report.modules),
        _table("Tests", ("was", "is"), report.tests),
        _table("Marked", ("where", "what and why"), report.marks),
        _table("Left", ("what", "why"), report.left),
        _list("Dependencies that were taken over", report.dependencies),
        _list("What clients may notice", report.notes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def sum_up(report: Report) -> str:
    """Return the numbers."""
    ready = len(report.operations) - len(report.halted)
    counts = {
        "operations": f"{len(report.operations)}, of which {ready} run",
        "modules moved": len(report.modules),
        "files of tests": len(report.tests),
        "marks": len(report.marks),
        "left": len(report.left),
    }
    return "; ".join(f"{what}: {count}" for what, count in counts.items()) + "."


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    for row in rows:
        lines.append(f"| {' | '.join(each.replace('|', chr(92) + '|') for each in row)} |")
    return f"## {title}\n\n" + "\n".join(lines)


def _list(title: str, rows: list[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {each}" for each in rows) if rows else ""
