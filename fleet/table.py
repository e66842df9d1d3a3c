"""What is printed: tables for people, and JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from fleet.rehearsal import CLEAN, UP_TO_DATE, Row
from fleet.updates import Result
from updates.drift import sum_up as sum_up_drift

COLUMNS = (
    *("service", "template", "behind", "answers", "last update"),
    *("drift", "would merge", "suite"),
)


def draw(lines: Sequence[Sequence[str]]) -> str:
    """Draw lines of cells, the first of which are the headings, in columns."""
    # A cell comes from a service, and no line break of it shall break the table.
    rows = [[" ".join(cell.split()) or "-" for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return "\n".join("  ".join(row).rstrip() for row in padded)


def draw_rows(rows: Sequence[Row], verify: bool) -> str:
    """Draw the table of a rehearsal, what is wrong first, and below it why."""
    rows = sorted(rows, key=rank)
    lines = [COLUMNS, *map(cells, rows)]
    notes = [
        f"{row.service}: {note}"
        for row in rows
        for note in (*row.conflicts, *row.offers, row.problem)
    ]
    table = draw([line if verify else line[:-1] for line in lines])
    return "\n".join([table, "", *(note for note in notes if not note.endswith(": "))]).rstrip()


def rank(row: Row) -> tuple[int, int]:
    """Return a number that is the lower, the more a service needs somebody."""
    fine = (CLEAN, UP_TO_DATE).index(row.merge) + 2 if row.good else int(row.merge == CLEAN)
    return fine, -len(row.conflicts)


def cells(row: Row) -> tuple[str, ...]:
    """Return the cells of a row."""
    behind = "" if row.behind is None else str(row.behind)
    merge = f"{row.merge}: {len(row.conflicts)}" if row.conflicts else row.merge
    drift = "" if row.drift is None else sum_up_drift(row.drift)
    known = row.service, row.template, behind, row.answers, row.updated
    return *known, drift, merge, row.suite


def draw_results(results: Sequence[Result]) -> str:
    """Draw the summary of the updates."""
    wrong_first = sorted(results, key=lambda result: result.good)
    lines = [(each.service, each.channel, sum_up(each)) for each in wrong_first]
    return draw([("service", "channel", "result"), *lines])


def sum_up(result: Result) -> str:
    """Return how an update went, and what was wrong."""
    return ": ".join(part for part in (result.result, result.problem) if part)


def write_json(outcomes: Sequence[Row] | Sequence[Result]) -> str:
    """Write an array of objects."""
    return json.dumps([asdict(outcome) for outcome in outcomes], indent=2)
