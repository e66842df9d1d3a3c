"""What handlers have, tasks have too: in a worker, and where a test runs their jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

import work

# {%- if cookiecutter.use_auth +%}
from app.standard.auth import TokenSources

# {%- endif +%}
# {%- if cookiecutter.use_clients +%}
from app.standard.clients import client_of

# {%- endif +%}
from app.standard.service import (
    Application,
    # {% if cookiecutter.use_auth %}
    current_application,
    # {% endif %}
    make_current,
    run_blocking,
)
from app.standard.worker import enqueue, task
from config import Settings
from tests.standard.worker_fixtures import RunJobs, in_service

seen: list[object] = []


@task(attempts=1)
async def use_all() -> None:
    """Take what there is for tasks."""
    seen.append(await run_blocking(len, "four"))
    # {% if cookiecutter.use_clients %}
    seen.append(str((await client_of("https://prices.example/v1")).base_url))
    # {% endif %}
    # {% if cookiecutter.use_auth %}
    # Without an issuer, as in tests, it has no token for anybody.
    seen.append(type(current_application().resource(TokenSources)))
    # {% endif %}


WANTED = [
    4,
    # {% if cookiecutter.use_clients %}
    "https://prices.example/v1/",
    # {% endif %}
    # {% if cookiecutter.use_auth %}
    TokenSources,
    # {% endif %}
]


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


def test_worker_has_what_handlers_have(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def working(application: Application, _tasks: object) -> AsyncIterator[None]:
        make_current(application)
        await use_all()
        yield

    monkeypatch.setattr(work, "working", working)
    with TestClient(work.create_worker(settings, {})):
        assert seen == WANTED


def test_jobs_of_a_test_have_what_handlers_have(settings: Settings, run_jobs: RunJobs) -> None:
    async def ask(_: Any) -> None:
        await enqueue(use_all)

    in_service(settings, ask)

    assert run_jobs([use_all]) == [("use_all", "successful")]
    assert seen == WANTED
