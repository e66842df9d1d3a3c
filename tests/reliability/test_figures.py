"""The table of the figures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from reliability import figures
from reliability.figures import BEGIN, BEGIN_WORKER, END, PAGE, table


def line(framework: str, value: float) -> str:
    figure = {"name": "A wait", "framework": framework, "value": value, "unit": "s", "bar": 20.0}
    return json.dumps(figure)


def test_table_shows_the_worst_of_each_framework() -> None:
    lines = [line("flask", 1.0), line("async", 12.34), line("flask", 0.5)]

    assert table(lines).splitlines() == [
        "| figure | flask | async | bar |",
        "| --- | --- | --- | --- |",
        "| A wait | 1.00 | 12 | 20 s |",
    ]


def test_table_has_a_dash_where_nothing_was_measured() -> None:
    lines = [line("flask", 1.0), line("async", 2.0).replace("A wait", "Another")]

    assert table(lines).splitlines()[2:] == [
        "| A wait | 1.00 | - | 20 s |",
        "| Another | - | 2.00 | 20 s |",
    ]


@pytest.mark.parametrize("framework", ["flask", figures.WORKER])
def test_table_is_written_and_the_other_one_stays(
    framework: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = PAGE.read_text("utf-8")
    monkeypatch.setattr(figures, "FILE", tmp_path / "figures.jsonl")
    monkeypatch.setattr(figures, "PAGE", Path(shutil.copy(PAGE, tmp_path)))
    figures.FILE.write_text(line(framework, 1.0) + "\n", "utf-8")

    figures.main()

    after = figures.PAGE.read_text("utf-8")
    written, other = (BEGIN, BEGIN_WORKER) if framework == "flask" else (BEGIN_WORKER, BEGIN)
    assert f"| A wait | 1.00 | 20 s |\n\n{END}" in part(after, written)
    assert part(after, other) == part(before, other)
    assert after.partition(BEGIN)[0] == before.partition(BEGIN)[0]
    assert after.count(END) == 2


def part(text: str, begin: str) -> str:
    """Return what stands between the marker and its end."""
    assert text.count(begin) == 1
    return text.partition(begin)[2].partition(END)[0] + END
