"""Directmail with as many premises as a country has: a release file, and each filter's export."""

import http.client
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.database import Psql, database
from bench.measuring import migrate
from bench.memory import measure_peak
from examples.build import build_example
from examples.demo import issue_token
from examples.serving import environment, free_port, serving

OVERLAY = Path(__file__).parent / "directmail_service"
ALL, SAME = "", "all, the same statement"
# Of all premises: at most so many times the seconds of psql with the same statement; megabytes.
BAR, MEMORY_BAR = 1.15, 200.0
# A filter, as a client asks for it and as PostgreSQL is asked by hand.
FILTERS = {
    ALL: "true",
    "communities=Community 7,Community 8": "community in ('Community 7', 'Community 8')",
    "rfs=true": "rfs",
    "rfs_date_before=2026-02-01": "rfs_date < '2026-02-01'",
    "rfs_date_after=2029-12-01": "rfs_date >= '2029-12-01'",
    "business=true": "business",
    "bduk=true": "bduk",
    "segments=S1": "segment in ('S1')",
}
# Each community has 400 premises, which stand together; no other column knows of any other.
FILL = """
insert into premises
select
    (10000000 + n * 7)::text,
    'TA' || n / 40000 || ' ' || n / 4000 % 9 || chr(65 + n / 160 % 26) || chr(65 + n / 7 % 26),
    'Community ' || n / 400,
    abs(hashint4(n)) % 10 < 7,
    case when abs(hashint4(n + 1)) % 3 = 0 then date '2026-01-01' + abs(hashint4(n + 2)) % 1461 end,
    abs(hashint4(n + 3)) % 9 = 0,
    'S' || 1 + abs(hashint4(n + 4)) % 8 / 6,
    abs(hashint4(n + 5)) % 20 = 0
from generate_series(1, {rows}) as n order by hashint4(n / 400)
"""
HEADER = (
    "uprn,postcode,bduk_recognised_premises,subsidy_control_status,current_gigabit,"
    "bduk_gis,bduk_gis_final_coverage_date"
)
STATUSES = ("Gigabit White", "Gigabit Under Review", "Gigabit Grey/Black")


@dataclass
class Export:
    """A filter, the statement that psql is given, and the seconds of both."""

    query: str
    statement: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    size: int = 0

    def measure(self, psql: Psql, port: int, token: str) -> None:
        """Get the file from both, one after the other."""
        seconds, self.size = psql.copy(self.statement)
        self.theirs.append(seconds)
        target = f"/directmail-csv?{self.query.replace(' ', '%20')}"
        self.ours.append(download(port, target, token))

    @property
    def ratio(self) -> float:
        """How many times as long as psql's the export takes."""
        return min(self.ours) / min(self.theirs)

    def report(self, name: str) -> None:
        """Print a line."""
        seconds = f"{min(self.ours):7.3f} {min(self.theirs):7.3f}"
        print(f"{name:42} {self.size / 1e6:6.1f} {seconds} {self.ratio:6.2f}")


def measure_premises(render: Callable[..., Path], rows: int, rounds: int) -> int:
    """Measure and print; return 1 if a bar is missed."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        folder = build_example("directmail", scratch, lambda answers, _: render("flask"))
        shutil.copytree(OVERLAY, folder, dirs_exist_ok=True)
        migrate(folder, psql.url)
        missed = measure_load(folder, psql, write_release(scratch / "release.csv", rows))
        for statement in ("truncate premises", FILL.format(rows=rows), "vacuum analyze premises"):
            psql.run(statement)
        variables = environment() | {"DATABASE_URL": psql.url, "LOG_LEVEL": "WARNING"}
        exports = exports_of(folder, variables)
        token = issue_token(folder, Path(sys.executable))
        port = free_port()
        with serving(folder, Path(sys.executable), port, variables):
            for number in range(rounds):
                print(f"Round {number + 1} of {rounds} ...", flush=True)
                for export in exports.values():
                    export.measure(psql, port, token)
    print(f"\n{'best seconds of an export':42} {'MB':>6} {'ours':>7} {'psql':>7} {'ratio':>6}")
    for name, export in exports.items():
        export.report(name)
    if (ratio := exports[SAME].ratio) > BAR:
        missed.append(f"All premises take {ratio:.2f} times psql's seconds, the bar is {BAR}")
    print("\n" + ("\n".join(missed) or "All bars are met."))
    return bool(missed)


def exports_of(folder: Path, variables: dict[str, str]) -> dict[str, Export]:
    """Return what is measured, by its name."""
    exports = {SAME: Export(ALL, statement_of_all(folder, variables))}
    for query, condition in FILTERS.items():
        # Of constants alone.
        by_hand = f"select * from premises where {condition} order by postcode, uprn"  # noqa: S608
        exports[query or "all"] = Export(query, by_hand)
    return exports


def statement_of_all(folder: Path, variables: dict[str, str]) -> str:
    """Return the statement that the export of all premises sends."""
    command = [sys.executable, "statement.py"]
    told = subprocess.run(
        command, cwd=folder, env=variables, check=True, capture_output=True, text=True
    )
    return told.stdout


def measure_load(folder: Path, psql: Psql, release: Path) -> list[str]:
    """Load a release into an empty table and over itself; return the bars that are missed."""
    missed = []
    command = ["env", "-C", str(folder), f"DATABASE_URL={psql.url}", sys.executable, "-m"]
    for how in ("new", "again"):
        began = time.perf_counter()
        status, peak = measure_peak([*command, "app.bduk", str(release), "Somerset"])
        seconds = time.perf_counter() - began
        if status:
            raise RuntimeError(f"python -m app.bduk ended with {status}")
        print(f"Loading a release, {how}: {seconds:.1f} s, {peak:.0f} MB at most", flush=True)
        if peak > MEMORY_BAR:
            missed.append(f"Loading takes {peak:.0f} MB, the bar is {MEMORY_BAR:.0f}")
    return missed


def write_release(path: Path, rows: int) -> Path:
    """Write a release file with so many premises."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in release_lines(rows))
    return path


def release_lines(rows: int) -> Iterator[str]:
    """Give the lines of a release file."""
    yield HEADER
    for n in range(rows):
        covered = f"20{26 + n % 4}-{1 + n % 12:02}-{1 + n % 28:02}" if n % 3 == 0 else ""
        yield ",".join(
            [
                *(f"{10_000_000 + n * 7}", f"TA{n // 4000 % 100} {n // 400 % 9}AB", "true"),
                *(STATUSES[n % 3], "true" if n % 10 < 7 else "false"),
                *("true" if n % 9 == 0 else "false", covered),
            ]
        )


def download(port: int, target: str, token: str) -> float:
    """Get a file; return the seconds until its last byte."""
    buffer = bytearray(1024 * 1024)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    while response.readinto(buffer):
        pass
    seconds = time.perf_counter() - began
    connection.close()
    if response.status != http.client.OK:
        raise RuntimeError(f"{target} answered {response.status}")
    return seconds
