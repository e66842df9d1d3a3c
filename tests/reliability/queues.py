"""A queue of jobs, seen from its database, and the notes that jobs leave there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from reliability.clients import BOUND, until

NOTES = """
create table asked (job bigint primary key);
create table notes (
    id bigserial primary key, at timestamptz not null default clock_timestamp(),
    job bigint not null, attempt int not null, pid int not null, event text not null
)
"""


class Tally(NamedTuple):
    """How often jobs began and ended; how many jobs did; and those that the queue holds or lost."""

    began: int
    ended: int
    jobs_began: int
    jobs_ended: int
    left: int
    lost: int


class Queue(NamedTuple):
    """The jobs in a database that is migrated."""

    psql: Path
    url: str

    def ask(self, sql: str) -> list[list[str]]:
        """Run a statement; return its rows."""
        command = [str(self.psql), self.url, "-qtA", "-v", "ON_ERROR_STOP=1", "--command", sql]
        told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=BOUND)
        return [line.split("|") for line in told.stdout.splitlines()]

    def number(self, sql: str) -> float:
        """Return the one number that a statement gives."""
        [[value]] = self.ask(sql)
        return float(value)

    def put(self, task: str, count: int = 1, **arguments: object) -> list[int]:
        """Enqueue jobs as a service does; return their ids."""
        rows = self.ask(
            "with new as (insert into pgqueuer (priority, status, entrypoint, payload)"
            f" select 0, 'queued', '{task}', convert_to('{json.dumps(arguments)}', 'utf-8')"
            f" from generate_series(1, {count}) returning id)"
            " insert into asked select id from new returning job"
        )
        return [int(row[0]) for row in rows]

    def notes(self, job: int) -> list[tuple[str, int, int]]:
        """Return what a job has noted: the event, its attempt, and the process."""
        rows = self.ask(f"select event, attempt, pid from notes where job = {job} order by id")
        return [(event, int(attempt), int(pid)) for event, attempt, pid in rows]

    def events(self, job: int) -> list[tuple[str, int]]:
        """Return what a job has noted: the event, and its attempt."""
        return [(event, attempt) for event, attempt, _ in self.notes(job)]

    def state(self, job: int) -> str | None:
        """Return the state of a job that the queue still has."""
        rows = self.ask(f"select status from pgqueuer where id = {job}")
        return rows[0][0] if rows else None

    def when(self, job: int, event: str) -> float:
        """Return when a job noted an event first, in seconds of the database's clock; wait."""
        until(lambda: event in dict(self.events(job)))
        return self.number(
            f"select extract(epoch from min(at)) from notes where job = {job} and event = '{event}'"
        )

    def wait_until_empty(self, seconds: float = BOUND) -> None:
        """Wait until no job is left but those that failed."""
        left = "select count(*) from pgqueuer where status <> 'failed'"
        until(lambda: self.number(left) == 0, seconds)

    def tally(self) -> Tally:
        """Count what became of all jobs that were ever put here."""
        counts = self.ask(
            "select count(*) filter (where event = 'began'), count(*) filter (where event = 'ended'),"
            " count(distinct job) filter (where event = 'began'),"
            " count(distinct job) filter (where event = 'ended'),"
            " (select count(*) from pgqueuer),"
            " (select count(*) from (select job from asked except select id from pgqueuer"
            "  except select job from notes where event = 'ended') as lost) from notes"
        )
        return Tally(*map(int, counts[0]))
