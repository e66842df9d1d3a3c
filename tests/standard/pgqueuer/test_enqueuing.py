"""A job is enqueued with the transaction of its caller, or not at all."""

import importlib
import json

import pytest
from pgqueuer.domain.settings import DBSettings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.standard.database import Database
from app.standard.worker import (
    enqueue,
    enqueue_all,
    enqueue_all_in,
    enqueue_in,
    enqueuing,
    job_state,
    queue,
    task,
)
from config import Settings
from tests.standard.worker_fixtures import RunJobs, in_service

ROWS = text("select entrypoint, convert_from(payload, 'utf-8') from pgqueuer order by id")


@task(key="{word}")
async def note(word: str) -> None:
    """Do nothing."""


@task()
async def count() -> None:
    """Do nothing."""


async def waiting(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return what waits in the queue."""
    return [(name, payload) for name, payload in await connection.execute(ROWS)]


@pytest.mark.parametrize("is_first", [True, False])
def test_rolled_back_job_was_never_there(settings: Settings, is_first: bool) -> None:
    async def work(database: Database) -> list[tuple[str, str]]:
        with pytest.raises(ZeroDivisionError):
            async with database.session() as session:
                if not is_first:
                    await session.execute(text("select 1"))
                await enqueue_in(session, note, "a")
                raise ZeroDivisionError
        async with database.connect() as connection:
            return await waiting(connection)

    assert in_service(settings, work) == []


def test_job_is_seen_when_it_is_committed(settings: Settings) -> None:
    async def work(database: Database) -> None:
        async with database.connect() as other:
            async with database.connect() as connection, connection.begin():
                number = await enqueue_in(connection, note, word="a")
                assert number is not None
                assert await job_state(other, number) is None
            await other.rollback()
            assert await job_state(other, number) == "queued"
            assert await waiting(other) == [("note", '{"word":"a"}')]

    in_service(settings, work)


def test_second_job_with_the_key_of_one_that_waits_is_none(settings: Settings) -> None:
    async def work(database: Database) -> None:
        async with database.session() as session:
            assert await enqueue_in(session, note, "a") is not None
            assert await enqueue_in(session, note, "a") is None
            assert await enqueue_in(session, note, "b") is not None
        assert await enqueue(note, "a") is None
        assert await enqueue(count) is not None
        assert await enqueue(count) is not None

    in_service(settings, work)


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_many_are_enqueued_together(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(enqueuing, "AT_ONCE", at_once)

    async def work(database: Database) -> None:
        numbers = await enqueue_all(note.job(word) for word in "abac")
        assert numbers[2] is None
        given = [number for number in numbers if number is not None]
        assert given == sorted(set(given)) and len(given) == 3
        first, second, third = await enqueue_all([count.job(), note.job("b"), count.job()])
        assert first and second is None and third
        assert await enqueue_all([]) == []
        async with database.connect() as connection:
            names = [f"note {word}" for word in "abc"] + ["count", "count"]
            assert names == [
                " ".join([name, *json.loads(arguments).values()])
                for name, arguments in await waiting(connection)
            ]

    in_service(settings, work)


def test_many_are_rolled_back_together(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enqueuing, "AT_ONCE", 1)

    async def work(database: Database) -> list[tuple[str, str]]:
        with pytest.raises(ZeroDivisionError):
            async with database.session() as session:
                await enqueue_all_in(session, [count.job(), count.job()])
                raise ZeroDivisionError
        async with database.connect() as connection:
            return await waiting(connection)

    assert in_service(settings, work) == []


def test_key_is_free_when_its_job_has_ended(settings: Settings, run_jobs: RunJobs) -> None:
    async def work(_: Database) -> int | None:
        return await enqueue(note, "a")

    assert in_service(settings, work)
    assert run_jobs([note]) == [("note", "successful")]
    assert in_service(settings, work)


def test_variables_of_the_service_are_no_names_of_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = DBSettings.model_fields.keys() - {"durability", "widen_id", "db_schema"}
    for name in fields:
        monkeypatch.setenv(name.upper(), "mine")
        monkeypatch.setenv(f"PGQUEUER_{name}".upper(), "mine")
    assert DBSettings().channel == "mine"

    names = importlib.reload(queue).NAMES

    assert {getattr(names, name) for name in fields} & {"mine"} == set()
