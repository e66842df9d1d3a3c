"""Code that blocks runs in threads of its own, so many at once, whatever becomes of requests."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event, Thread, current_thread

import pytest
from starlette.testclient import TestClient

from app import create_app
from app.standard.service import load_settings
from app.standard.service.blocking import BlockingThreads
from config import Settings
from tests.standard import blocking
from tests.standard.blocking import CONTRACT, SECONDS, Gate


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Give a gate that no thread of another test waits at; it is open at the end."""
    gate = Gate()
    monkeypatch.setattr(blocking, "gate", gate)
    yield gate
    gate.opened.set()


def running(settings: Settings) -> TestClient:
    return TestClient(create_app(settings, CONTRACT), raise_server_exceptions=False)


def test_thread_sees_the_context_of_the_request(probe_settings: Settings) -> None:
    with running(probe_settings) as client:
        response = client.get("/context", headers={"X-Request-ID": "an-id"})

    assert response.json() == {
        "text": "ab",
        "environment": "test",
        "headers": {"X-Request-ID": "an-id"},
        "other": True,
    }


def test_failure_in_a_thread_is_that_of_the_handler(probe_settings: Settings) -> None:
    with running(probe_settings) as client:
        response = client.get("/failure")

    assert (response.status_code, response.json()["detail"]) == (409, "It is taken.")


def test_call_and_what_waits_for_its_place_end_with_their_requests(
    probe_settings: Settings, gate: Gate
) -> None:
    settings = probe_settings.model_copy(update={"blocking_threads": 1, "request_timeout": 0.1})
    with running(settings) as client:
        responses = [client.get("/held"), client.get("/held")]

        assert [each.status_code for each in responses] == [503, 503]
        assert responses[1].json()["detail"] == "It took more than 0.1 seconds."
        # The second has never begun.
        assert sum(gate.came.acquire(blocking=False) for _ in responses) <= 1


def test_threads_that_others_use_are_free_while_all_places_are_taken(
    probe_settings: Settings, gate: Gate
) -> None:
    count = probe_settings.blocking_threads
    with running(probe_settings) as client, ThreadPoolExecutor(count) as clients:
        held = [clients.submit(client.get, "/held") for _ in range(count)]
        assert all(gate.came.acquire(timeout=SECONDS) for _ in held)
        free = client.get("/free")
        gate.opened.set()

        assert {each.result().status_code for each in held} == {204}
    assert free.json() == {"free": True}


def test_place_of_a_cancelled_call_is_free_when_its_thread_has_ended() -> None:
    opened = Event()
    seen: list[str] = []

    def call(name: str) -> None:
        seen.append(f"{name} begins")
        assert opened.wait(SECONDS)
        seen.append(f"{name} ends")

    async def work() -> None:
        threads = BlockingThreads(1)
        names = ("first", "cancelled before it begins", "last")
        first, waiting, last = (
            asyncio.ensure_future(threads.run(partial(call, name))) for name in names
        )
        await asyncio.sleep(0)
        for task in (first, waiting):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        opened.set()
        await asyncio.wait_for(last, SECONDS)
        threads.end()

    asyncio.run(work())

    assert seen == ["first begins", "first ends", "last begins", "last ends"]


def test_number_of_threads_is_at_least_one(clean_environment: None) -> None:
    with pytest.raises(ValueError, match="BLOCKING_THREADS"):
        load_settings(Settings, blocking_threads=0)


def test_threads_are_kept_and_end_with_the_application() -> None:
    async def work() -> list[Thread]:
        threads = BlockingThreads(5)
        used = [await threads.run(current_thread) for _ in range(3)]
        threads.end()
        return used

    first, *others = asyncio.run(work())

    assert others == [first, first]
    first.join(SECONDS)
    assert not first.is_alive()


def test_failure_holds_nothing_when_it_was_handled() -> None:
    class Held:
        pass

    gone = Event()

    def fail() -> None:
        held = Held()
        weakref.finalize(held, gone.set)
        raise KeyError(held)

    async def work() -> None:
        threads = BlockingThreads(1)
        with suppress(KeyError):
            await threads.run(fail)
        # The loop lets go of what woke this up; the thread, before it has another call.
        await asyncio.sleep(0)
        assert gone.wait(SECONDS)
        threads.end()

    gc.disable()
    try:
        asyncio.run(work())
    finally:
        gc.enable()


def test_failure_that_nobody_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    opened = Event()

    def fail() -> None:
        assert opened.wait(SECONDS)
        raise KeyError("too late")

    async def work() -> None:
        threads = BlockingThreads(1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.run(fail), 0.01)
        opened.set()
        # It has the one place when the other has ended.
        await threads.run(current_thread)
        threads.end()

    asyncio.run(work())

    assert [(each.name, each.levelname) for each in caplog.records] == [("asyncio", "ERROR")]
    assert "too late" in caplog.text


def test_thread_outlives_its_loop_in_peace(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    found: list[Thread] = []

    def wait() -> None:
        found.append(current_thread())
        gate.wait()

    async def work() -> None:
        threads = BlockingThreads(1)
        waiting = asyncio.ensure_future(threads.run(wait))
        assert await asyncio.to_thread(gate.came.acquire, timeout=SECONDS)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        threads.end()

    asyncio.run(work())
    gate.opened.set()
    found[0].join(SECONDS)

    assert not found[0].is_alive()
    assert caplog.records == []
