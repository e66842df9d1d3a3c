"""The figures that the tests measure; run by itself, it writes their table into the page."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# One JSON object per line, of the last long run.
FILE = ROOT / "build" / "figures.jsonl"
PAGE = ROOT / "docs" / "reliability.md"
# A table for what each framework has figures of, and one for the worker, which has none.
WORKER = "worker"
BEGIN, BEGIN_WORKER, END = (
    "<!-- figures -->",
    "<!-- figures of the worker -->",
    "<!-- end of figures -->",
)
# In the short run, other tests share the machine: what takes a second alone may take many.
SLACK, SLACK_OF_SECONDS = 4, 15


def record(framework: str, soak: bool, name: str, value: float, unit: str, bar: float) -> None:
    """Keep what was measured, and fail if it is above its bar."""
    print(f"{framework}: {name}: {value:.2f} {unit}, the bar is {bar:g}")
    if soak:
        FILE.parent.mkdir(exist_ok=True)
        figure = {"name": name, "framework": framework, "value": value, "unit": unit, "bar": bar}
        with FILE.open("a", encoding="utf-8") as file:
            file.write(json.dumps(figure) + "\n")
    slack = SLACK_OF_SECONDS if unit == "s" else SLACK
    assert value <= bar * (1 if soak else slack), name


def table(lines: list[str]) -> str:
    """Make the table of the figures; of one that was measured more than once, the worst counts."""
    worst: dict[str, dict[str, float]] = {}
    bars: dict[str, str] = {}
    # In the order in which they come.
    frameworks: dict[str, None] = {}
    for figure in map(json.loads, lines):
        frameworks[figure["framework"]] = None
        values = worst.setdefault(figure["name"], {})
        values[figure["framework"]] = max(figure["value"], values.get(figure["framework"], 0.0))
        bars[figure["name"]] = f"{figure['bar']:g} {figure['unit']}"
    rows = [
        ["figure", *frameworks, "bar"],
        ["---"] * (2 + len(frameworks)),
        *(
            [n, *(_short(values.get(f)) for f in frameworks), bars[n]]
            for n, values in worst.items()
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 10 else f"{value:.2f}"


def main() -> None:
    """Put each table between its markers; one of which nothing was measured stays."""
    lines = FILE.read_text("utf-8").splitlines()
    of_worker = [line for line in lines if json.loads(line)["framework"] == WORKER]
    text = PAGE.read_text("utf-8")
    for begin, some in {
        BEGIN: [line for line in lines if line not in of_worker],
        BEGIN_WORKER: of_worker,
    }.items():
        if some:
            head, _, rest = text.partition(begin)
            tail = rest.partition(END)[2]
            text = f"{head}{begin}\n\n{table(some)}\n\n{END}{tail}"
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
