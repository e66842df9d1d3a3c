"""A worker that loses its queue asks for it again, and soon."""

import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.standard.database import Database
from app.standard.service import configure_logging
from app.standard.worker import Worker, WorkerSettings, collect_tasks, enqueue, task
from config import Settings
from tests.standard.worker_fixtures import in_service

workers: list[Worker] = []
connections: list[Any] = []


@task()
async def cut() -> None:
    """Cut the connection of the worker, and leave more to do to the next one."""
    connections.pop().raw.terminate()
    try:
        await asyncio.sleep(60)
    finally:
        await enqueue(finish)


@task()
async def finish() -> None:
    """Stop the worker."""
    workers.pop().stop()


def test_each_outage_begins_with_a_short_pause(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(settings)
    # The package has a function of that name.
    module = importlib.import_module("app.standard.worker.working")
    connect = module.connect_to_queue
    is_there = iter([False, False, False, True, False, True])

    @asynccontextmanager
    async def connect_or_not(given: WorkerSettings) -> AsyncIterator[Any]:
        if not next(is_there):
            raise ConnectionRefusedError
        async with connect(given) as connection:
            connections.append(connection)
            yield connection

    monkeypatch.setattr(module, "connect_to_queue", connect_or_not)
    monkeypatch.setattr(module, "SHORTEST_PAUSE", 0.01)

    async def work(_: Database) -> None:
        await enqueue(cut)
        workers.append(Worker(settings, collect_tasks([cut, finish])))
        async with asyncio.timeout(20):
            await workers[0].run()

    in_service(settings, work)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    *before, after = [e["again_in"] for e in events if "Refused" in e.get("cause", "")]
    assert before == [0.01, 0.02, 0.04]
    # The loss may have been the first pause.
    assert after <= 0.02
