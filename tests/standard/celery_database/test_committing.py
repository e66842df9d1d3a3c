"""A job is sent when the transaction of its caller is committed, and not before."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.standard.database import session
from app.standard.service import Application, load_settings
from app.standard.worker import Broker, BrokerUnavailable, enqueue_in, task
from config import Settings
from tests.standard.worker_fixtures import RunJobs, in_service

MAKE = text("create table marks (word text unique deferrable initially deferred)")
MARK = text("insert into marks values ('a')")
COUNT = text("select count(*) from marks")


@task()
async def note(word: str) -> None:
    """Do nothing."""


def words(application: Application) -> list[str]:
    """Take what waits; return the arguments."""
    broker = application.resource(Broker)
    found = []
    while message := broker.take():
        found.append(message.arguments.decode())
    return found


@pytest.mark.parametrize("is_first", [True, False])
def test_rolled_back_job_was_never_there(
    settings: Settings, run_jobs: RunJobs, is_first: bool
) -> None:
    async def work(application: Application) -> list[str]:
        with pytest.raises(ZeroDivisionError):
            async with session() as work:
                if not is_first:
                    await work.execute(text("select 1"))
                await enqueue_in(work, note, "a")
                raise ZeroDivisionError
        return words(application)

    assert in_service(settings, work) == []


def test_jobs_are_sent_when_they_are_committed(settings: Settings, run_jobs: RunJobs) -> None:
    async def work(application: Application) -> None:
        async with session() as work:
            await enqueue_in(work, note, word="a")
            await enqueue_in(work, note, "b")
            assert words(application) == []
        assert words(application) == ['{"word":"a"}', '{"word":"b"}']
        async with session() as work:
            await enqueue_in(work, note, "c")
        assert words(application) == ['{"word":"c"}']

    in_service(settings, work)


def test_savepoint_that_is_rolled_back_takes_its_jobs_along(
    settings: Settings, run_jobs: RunJobs
) -> None:
    async def work(application: Application) -> list[str]:
        async with session() as work:
            await enqueue_in(work, note, "a")
            with pytest.raises(ZeroDivisionError):
                async with work.begin_nested():
                    await enqueue_in(work, note, "b")
                    async with work.begin_nested():
                        await enqueue_in(work, note, "c")
                    raise ZeroDivisionError
            async with work.begin_nested():
                await enqueue_in(work, note, "d")
            assert words(application) == []
        return words(application)

    assert in_service(settings, work) == ['{"word":"a"}', '{"word":"d"}']


def test_commit_that_the_database_refuses_sends_nothing(
    settings: Settings, run_jobs: RunJobs
) -> None:
    async def work(application: Application) -> list[str]:
        async with session() as work:
            await work.execute(MAKE)
        with pytest.raises(DBAPIError):
            async with session() as work:
                await work.execute(MARK)
                await work.execute(MARK)
                await enqueue_in(work, note, "a")
        return words(application)

    assert in_service(settings, work) == []


def test_broker_that_is_away_fails_the_caller_after_the_commit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", str(settings.database_url and settings.database_url.get_secret_value())
    )
    monkeypatch.setenv("BROKER_URL", "redis://127.0.0.1:9/0")

    async def work(_: Application) -> int:
        async with session() as work:
            await work.execute(MAKE)
        with pytest.raises(BrokerUnavailable):
            async with session() as work:
                await work.execute(MARK)
                await enqueue_in(work, note, "a")
        async with session() as work:
            return int(str(await work.scalar(COUNT)))

    assert in_service(load_settings(Settings), work) == 1
