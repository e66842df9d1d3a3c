"""Scheduled jobs: one at each time, from now on, in the time of its zone."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.standard.service import Application
from app.standard.worker import Broker, task, timing
from config import Settings
from tests.standard.worker_fixtures import RunJobs, in_service

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


@task(schedule="* * * * *")
async def tidy() -> None:
    """Do nothing."""


@task(schedule="30 1 * * *", zone="Europe/London")
async def load() -> None:
    """Do nothing."""


class Clock(datetime):
    """A clock that tests set."""

    shown = NOW

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        """Return the time that was set."""
        return cls.shown


def test_times_that_come_are_enqueued_and_others_not(
    settings: Settings, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "datetime", Clock)
    monkeypatch.setattr(timing, "LONGEST_WAIT", 0.01)

    async def work(application: Application) -> list[int]:
        counts = []
        broker = application.resource(Broker)
        Clock.shown = NOW
        keeping = asyncio.create_task(timing.keep_schedule(tidy))
        for minute, second in ((0, 59), (1, 0), (1, 1), (1, 59), (6, 5), (6, 30)):
            Clock.shown = NOW.replace(minute=minute, second=second)
            await asyncio.sleep(0.1)
            counts.append(broker.count_waiting())
        keeping.cancel()
        return counts

    # Those that passed between 1:59 and 6:05 are made up for by one.
    assert in_service(settings, work) == [0, 1, 1, 1, 2, 2]


def test_broker_that_is_away_gets_the_job_later(
    settings: Settings, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "datetime", Clock)
    monkeypatch.setattr(timing, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(timing, "PAUSE", 0.01)
    asked = []

    async def refuse(_task: object) -> None:
        asked.append(1)
        if len(asked) < 3:
            raise timing.BrokerUnavailable

    monkeypatch.setattr(timing, "enqueue", refuse)

    async def work(_: Application) -> None:
        Clock.shown = NOW
        keeping = asyncio.create_task(timing.keep_schedule(tidy))
        await asyncio.sleep(0.05)
        Clock.shown = NOW.replace(minute=1)
        async with asyncio.timeout(20):
            while len(asked) < 3:
                await asyncio.sleep(0.01)
        keeping.cancel()

    in_service(settings, work)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        # 1:30 comes twice, and counts once.
        (datetime(2026, 10, 25, 0, 0, tzinfo=UTC), "25 00:30"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "26 01:30"),
        # 1:30 does not come; the job runs when the clock has jumped over it.
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), "29 01:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "30 00:30"),
    ],
)
def test_day_on_which_clocks_change_has_one_job(now: datetime, wanted: str) -> None:
    assert f"{timing.next_time(load, now).astimezone(UTC):%d %H:%M}" == wanted
