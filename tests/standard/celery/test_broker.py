"""What is sent to the broker, what is told of it, and what its address may be."""

import json
from typing import Any

import pytest
from celery import Celery
from starlette.testclient import TestClient

from app.standard.service import Application, SettingsError, load_settings
from app.standard.worker import (
    Broker,
    BrokerUnavailable,
    enqueue,
    enqueue_all,
    settings_of_worker,
    task,
)
from config import Settings
from tests.standard.worker_fixtures import RunJobs, in_service

# Nobody listens there.
AWAY = "redis://:hunter2@127.0.0.1:9/0"


@task()
async def note(word: str, other: str = "hunter2") -> None:
    """Do nothing."""


def test_message_has_the_arguments_and_shows_none(settings: Settings, run_jobs: RunJobs) -> None:
    async def work(application: Application) -> Any:
        await enqueue(note, "a")
        app: Celery = application.resource(Broker).celery
        with app.connection_for_read() as connection:
            return connection.default_channel.basic_get(app.conf.task_default_queue, no_ack=True)

    message = in_service(settings, work)

    assert json.loads(message.body)[1] == {"word": "a", "other": "hunter2"}
    assert message.headers["task"] == "note"
    assert "hunter2" not in json.dumps(message.headers)


def test_readiness_counts_what_waits(
    client: TestClient, settings: Settings, run_jobs: RunJobs
) -> None:
    async def work(_: Application) -> None:
        await enqueue_all([note.job("a"), note.job("b"), note.job("c")])

    in_service(settings, work)

    told = client.get("/readyz").json()["checks"]["queue"]
    assert told == {"status": "ok", "is_reachable": True, "queued": 3}


def test_broker_that_is_away_is_told_and_takes_no_job(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", AWAY)

    async def work(application: Application) -> object:
        with pytest.raises(BrokerUnavailable) as refused:
            await enqueue(note, "a")
        assert refused.value.status == 503
        assert "hunter2" not in str(refused.value)
        return await application.readiness_checks["queue"]()

    assert in_service(load_settings(Settings), work) == {"is_reachable": False}


@pytest.mark.parametrize(
    "address",
    [
        "amqp://guest:guest@localhost:5672//",
        "amqps://rabbit/",
        "redis://:hunter2@localhost:6379/0",
        "rediss://redis",
    ],
)
def test_address_of_a_broker_is_taken(
    address: str, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", address)

    settings = settings_of_worker(load_settings(Settings))

    assert settings.broker == address
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "address",
    [
        "hunter2",
        "memory://localhost",
        "http://user:hunter2@host/",
        "redis://",
        "amqp://user:hunter2@host:port/",
        "amqp://[user:hunter2@host/",
        "sqs://hunter2@",
    ],
)
def test_other_address_is_refused_and_not_told(
    address: str, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", address)

    with pytest.raises(SettingsError, match="BROKER_URL: must be an address such as") as refused:
        load_settings(Settings)

    assert "hunter2" not in str(refused.value)


def test_variable_that_celery_would_take_instead_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://localhost")

    with pytest.raises(SettingsError, match="BROKER_URL: is what counts: unset CELERY_BROKER_URL"):
        load_settings(Settings)


def test_production_and_workers_must_have_a_broker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="BROKER_URL: must be set"):
        settings_of_worker(settings)
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match="BROKER_URL: must be set in production"):
        load_settings(Settings)
