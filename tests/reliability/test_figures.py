"""The table of the figures."""

from __future__ import annotations

import json

from reliability.figures import BEGIN, END, PAGE, table


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


def test_page_has_a_place_for_the_table() -> None:
    text = PAGE.read_text("utf-8")

    assert 0 < text.find(BEGIN) < text.find(END)
