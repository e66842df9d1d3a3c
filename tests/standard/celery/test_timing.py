"""Scheduled jobs: one at each time, from now on, in the time of its zone."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.standard.worker import BrokerUnavailable, task, timing

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
END = NOW + timedelta(minutes=4)


@task(schedule="* * * * *")
async def tidy() -> None:
    """Do nothing."""


@task(schedule="30 1 * * *", zone="Europe/London")
async def load() -> None:
    """Do nothing."""


class Ended(Exception):
    """The time of a test is over."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Give the function that keeps a schedule for four minutes, and tells when it enqueued."""

    def keep(away: int = 0, oversleeps: float = 0.0) -> list[str]:
        clock = SimpleNamespace(shown=NOW)
        asked: list[str] = []

        async def sleep(seconds: float) -> None:
            clock.shown += timedelta(seconds=seconds + oversleeps)
            if clock.shown > END:
                raise Ended

        async def enqueue(_task: object) -> None:
            asked.append(f"{clock.shown:%M:%S}")
            if len(asked) <= away:
                raise BrokerUnavailable

        monkeypatch.setattr(timing, "asyncio", SimpleNamespace(sleep=sleep))
        monkeypatch.setattr(timing, "datetime", SimpleNamespace(now=lambda _zone: clock.shown))
        monkeypatch.setattr(timing, "enqueue", enqueue)
        with pytest.raises(Ended):
            asyncio.run(timing.keep_schedule(tidy))
        return asked

    return keep


def test_each_time_has_a_job_and_what_was_before_has_none(run: Callable[..., list[str]]) -> None:
    assert run() == ["01:00", "02:00", "03:00", "04:00"]


def test_times_that_are_missed_are_made_up_for_by_one_job(run: Callable[..., list[str]]) -> None:
    assert run(oversleeps=100.0) == ["02:40"]


def test_broker_that_is_away_gets_the_job_later(run: Callable[..., list[str]]) -> None:
    assert run(away=2) == ["01:00", "01:05", "01:10", "02:00", "03:00", "04:00"]


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        # 1:30 comes twice, and counts once.
        (datetime(2026, 10, 25, 0, 0, tzinfo=UTC), "25 00:30"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "26 01:30"),
        (datetime(2026, 10, 25, 1, 10, tzinfo=UTC), "26 01:30"),
        # 1:30 does not come; the job runs when the clock has jumped over it.
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), "29 01:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "30 00:30"),
    ],
)
def test_day_on_which_clocks_change_has_one_job(now: datetime, wanted: str) -> None:
    assert f"{timing.next_time(load, now).astimezone(UTC):%d %H:%M}" == wanted
