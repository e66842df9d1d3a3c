"""A job that is handed back is not lost, whenever that is, and can end properly."""

import asyncio
import importlib
from typing import Any

import pytest
from pgqueuer.core.qm import QueueManager
from sqlalchemy import text

from app.standard.database import Database
from app.standard.worker import Worker, collect_tasks, enqueue, task
from config import Settings
from tests.standard import failing
from tests.standard.failing import begun, seen
from tests.standard.worker_fixtures import in_service

JOBS = text("select entrypoint, status::text from pgqueuer order by id")
let_go_slowly = task()(failing.let_go_slowly)


@task()
async def remember() -> None:
    """Remember that it ran."""
    seen.append("ran")


class Contexts(dict[Any, Any]):
    """The jobs of a worker, which is told to hand them back when it has another one."""

    def __init__(self, worker: Worker, is_early: bool) -> None:
        super().__init__()
        self.worker = worker
        self.is_early = is_early

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.is_early:
            self._stop()
        else:
            # Before the first step of the job.
            asyncio.get_running_loop().call_soon(self._stop)
        super().__setitem__(key, value)

    def _stop(self) -> None:
        self.worker.stop()
        self.worker.hand_back()


@pytest.mark.parametrize("is_early", [True, False])
def test_job_that_has_not_begun_is_handed_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, is_early: bool
) -> None:
    seen.clear()

    async def work(database: Database) -> list[tuple[str, str]]:
        await enqueue(remember)
        worker = Worker(settings, collect_tasks([remember]))

        def make(*arguments: Any) -> QueueManager:
            manager = QueueManager(*arguments)
            manager.job_context = Contexts(worker, is_early)
            return manager

        # The package has a function of that name.
        module = importlib.import_module("app.standard.worker.working")
        monkeypatch.setattr(module, "QueueManager", make)
        async with asyncio.timeout(20):
            await worker.run()
        async with database.connect() as connection:
            return [(name, status) for name, status in await connection.execute(JOBS)]

    assert in_service(settings, work) == [("remember", "queued")]
    assert seen == []


def test_job_that_is_told_to_end_can_await(settings: Settings) -> None:
    seen.clear()
    begun.clear()

    async def work(_: Database) -> None:
        await enqueue(let_go_slowly)
        worker = Worker(settings, collect_tasks([let_go_slowly]))
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(20):
            await begun.wait()
            worker.stop()
            worker.hand_back()
            await running

    in_service(settings, work)
    assert seen == ["told"]
