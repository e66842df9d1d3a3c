"""Scheduled jobs: one for each time that has come, by the clock of the database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.standard.database import Database
from app.standard.worker import Task, task
from app.standard.worker.scheduling import due_before, keep_schedule, keep_schedules, next_time
from config import Settings
from tests.standard.worker_fixtures import in_service


@task(schedule="*/10 * * * *")
async def tidy() -> None:
    """Do nothing."""


@task(schedule="30 1 * * *", zone="Europe/London")
async def load() -> None:
    """Do nothing."""


COUNT = text("select count(*) from pgqueuer")
AGO = text("update pgqueuer_schedules set last_run = now() - make_interval(hours => :hours)")


async def enqueued(database: Database) -> int:
    """Count the jobs."""
    async with database.connect() as connection:
        return int(str(await connection.scalar(COUNT)))


async def set_back(database: Database, hours: int) -> None:
    """Have the last time be so long ago."""
    async with database.session() as session:
        await session.execute(AGO, {"hours": hours})
        await session.execute(text("delete from pgqueuer"))


def test_first_worker_makes_up_for_nothing(settings: Settings) -> None:
    async def work(database: Database) -> tuple[float, int]:
        return await keep_schedule(database, tidy), await enqueued(database)

    seconds, count = in_service(settings, work)

    assert 0 < seconds <= 600
    assert count == 0


@pytest.mark.parametrize("hours", [1, 24 * 365])
def test_times_that_passed_are_made_up_for_by_one_job(settings: Settings, hours: int) -> None:
    async def work(database: Database) -> int:
        await keep_schedule(database, tidy)
        await set_back(database, hours)
        await keep_schedule(database, tidy)
        await keep_schedule(database, tidy)
        return await enqueued(database)

    assert in_service(settings, work) == 1


def test_many_workers_enqueue_one_job(settings: Settings) -> None:
    async def work(database: Database) -> list[int]:
        counts = []
        await keep_schedules(database, [tidy, load])
        for _ in range(5):
            await set_back(database, 48)
            await asyncio.gather(*(keep_schedules(database, [tidy, load]) for _ in range(4)))
            counts.append(await enqueued(database))
        return counts

    assert in_service(settings, work) == [2] * 5


def test_job_that_still_waits_gets_no_second_one(settings: Settings) -> None:
    async def work(database: Database) -> int:
        await keep_schedule(database, tidy)
        for _ in range(3):
            async with database.session() as session:
                await session.execute(AGO, {"hours": 1})
            await keep_schedule(database, tidy)
        return await enqueued(database)

    assert in_service(settings, work) == 1


def times(declared: Task[[]], of: datetime, hours: int) -> list[str]:
    """Return the times at which a worker that looks each minute enqueues a job, in UTC."""
    minutes = [of + timedelta(minutes=minute) for minute in range(hours * 60)]
    found = {due_before(declared, minute).astimezone(UTC) for minute in minutes}
    return [f"{each:%d %H:%M}" for each in sorted(found) if each >= of]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        # 1:30 comes twice, and counts once.
        (datetime(2026, 10, 24, 12, tzinfo=UTC), ["25 00:30", "26 01:30"]),
        # 1:30 does not come; the job runs when the clock has jumped over it.
        (datetime(2026, 3, 28, 12, tzinfo=UTC), ["29 01:00", "30 00:30"]),
    ],
)
def test_day_on_which_clocks_change_has_one_job(day: datetime, wanted: list[str]) -> None:
    assert times(load, day, 48) == wanted


def test_next_time_has_not_passed_where_an_hour_comes_twice() -> None:
    midnight = datetime(2026, 10, 25, tzinfo=UTC)
    minutes = [midnight + timedelta(minutes=minute) for minute in range(180)]

    # The worker would ask the database again and again until then.
    assert [minute for minute in minutes if next_time(load, minute) <= minute] == []
