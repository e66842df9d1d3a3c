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
# Each question is a process of its own.
PAUSE = 0.1
PUT = """
with new as (
    insert into pgqueuer (priority, status, entrypoint, payload)
    select 0, 'queued', :'task', convert_to(:'payload', 'utf-8') from generate_series(1, :count)
    returning id
)
insert into asked select id from new returning job
"""
WHEN = "select extract(epoch from max(at)) from notes where job = :job and event = :'event'"
TALLY = """
select count(*) filter (where event = 'began'), count(*) filter (where event = 'ended'),
    count(distinct job) filter (where event = 'ended'),
    (select count(*) from pgqueuer),
    (select count(*) from (
        select job from asked except select id from pgqueuer
        except select job from notes where event = 'ended') as lost)
from notes
"""


class Tally(NamedTuple):
    """How often jobs began and ended, how many did end, and how many the queue has or has lost."""

    began: int
    ended: int
    jobs_ended: int
    left: int
    lost: int


class Queue(NamedTuple):
    """The jobs in a database that is migrated."""

    psql: Path
    url: str

    def ask(self, sql: str, **values: object) -> list[list[str]]:
        """Run a statement with values for its `:names`; return its rows."""
        given = [f"--set={name}={value}" for name, value in values.items()]
        command = [str(self.psql), self.url, "-XqtA", "--set=ON_ERROR_STOP=1", *given]
        told = subprocess.run(
            command, input=sql, check=True, capture_output=True, text=True, timeout=BOUND
        )
        return [line.split("|") for line in told.stdout.splitlines()]

    def number(self, sql: str, **values: object) -> float:
        """Return the one number that a statement gives."""
        [[value]] = self.ask(sql, **values)
        return float(value)

    def put(self, task: str, count: int = 1, **arguments: object) -> list[int]:
        """Enqueue jobs as a service does; return their ids."""
        rows = self.ask(PUT, task=task, count=count, payload=json.dumps(arguments))
        return [int(row[0]) for row in rows]

    def notes(self, job: int) -> list[tuple[str, int, int]]:
        """Return what a job has noted: the event, its attempt, and the process."""
        sql = "select event, attempt, pid from notes where job = :job order by id"
        return [(event, int(attempt), int(pid)) for event, attempt, pid in self.ask(sql, job=job)]

    def events(self, job: int) -> list[tuple[str, int]]:
        """Return what a job has noted: the event, and its attempt."""
        return [(event, attempt) for event, attempt, _ in self.notes(job)]

    def state(self, job: int) -> str | None:
        """Return the state of a job that the queue still has."""
        rows = self.ask("select status from pgqueuer where id = :job", job=job)
        return rows[0][0] if rows else None

    def when(self, job: int, event: str) -> float:
        """Wait until a job has noted an event; return when, in seconds of the database's clock."""
        until(lambda: event in dict(self.events(job)), pause=PAUSE)
        return self.number(WHEN, job=job, event=event)

    def wait_until_empty(self, seconds: float = BOUND) -> None:
        """Wait until no job is left but those that failed."""
        left = "select count(*) from pgqueuer where status <> 'failed'"
        until(lambda: self.number(left) == 0, seconds, PAUSE)

    def wait_for_ends(self, count: float) -> float:
        """Wait until more jobs than so many have ended; return the seconds that it took."""
        return until(lambda: self.tally().jobs_ended > count, pause=PAUSE)

    def wait_for_more(self) -> float:
        """Wait until another job has ended, if any is left; return the seconds that it took."""
        before = self.tally().jobs_ended

        def is_there() -> bool:
            now = self.tally()
            # All that was left may have ended before the first look.
            return now.jobs_ended > before or not now.left

        return until(is_there, pause=PAUSE)

    def tally(self) -> Tally:
        """Count what became of all jobs that were ever put here."""
        return Tally(*map(int, self.ask(TALLY)[0]))
