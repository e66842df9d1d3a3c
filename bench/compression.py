"""Measure what compressing the CSV export costs, for each coding at several levels."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from bench.database import database
from bench.measuring import Service, Way

CODINGS = ("zstd", "br", "gzip")
# A service of each has it in the place of its own.
LEVELS = (1, 3, 4, 6)
OWN = "\nLEVEL = 1\n"


def measure_compression(render: Path, rows: int, rounds: int) -> int:
    """Measure and print; there is no bar to miss."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        print(f"Creating {rows:,} rows ...", flush=True)
        psql.create_table(rows)
        services = {
            level: Service.prepare(render, scratch / str(level), psql.url) for level in LEVELS
        }
        for level, service in services.items():
            set_level(service.folder, level)
            stack.enter_context(service.running())
        plain = services[LEVELS[0]].way("/copy")
        packed = [
            service.way("/copy", coding, f"{coding} {level}")
            for coding in CODINGS
            for level, service in services.items()
        ]
        for number in range(rounds):
            print(f"Round {number + 1} of {rounds} ...", flush=True)
            for way in (plain, *packed):
                way.measure()
    print("\n".join(report(plain, packed)))
    return 0


def set_level(folder: Path, level: int) -> None:
    """Write a level into the code of a service."""
    file = folder / "app" / "standard" / "http" / "compression.py"
    text = file.read_text("utf-8")
    if OWN not in text:
        raise RuntimeError(f"{file} does not say{OWN}")
    file.write_text(text.replace(OWN, f"\nLEVEL = {level}\n"), "utf-8")


def report(plain: Way, packed: Iterable[Way]) -> Iterable[str]:
    """Give a line for each way, beside the plain export."""
    yield f"\n{'way':12} {'best s':>7} {'median':>7} {'/ plain':>8} {'size':>7}"
    for way in (plain, *packed):
        times = f"{way.best:7.2f} {way.median:7.2f} {way.best / plain.best:8.2f}"
        yield f"{way.name:12} {times} {way.size / plain.size:7.1%}"
