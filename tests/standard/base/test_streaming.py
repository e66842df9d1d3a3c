import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.types import Message

from app.standard.http import streaming
from app.standard.http.streaming import ClientLeft, Stream, Write

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
SCOPE = {"type": "http", "method": "GET"}
BOUND = 5.0


class Source:
    """A producer that knows how it ended, and what was sent of it."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.end: str | None = None
        self.sent: list[Message] = []

    async def produce(self, write: Write) -> None:
        try:
            await write(b"one")
            if self.failure:
                raise self.failure
            await write(b"two")
            self.end = "whole"
        except BaseException as error:
            self.end = type(error).__name__
            raise

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def run(self, method: str = "GET") -> None:
        async def work() -> None:
            stream = Stream(self.produce, "text/plain")
            await stream.prime()
            await stream.send(START, SCOPE | {"method": method}, self.send)

        run(work())


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, BOUND))


def test_stream_sends_all_chunks_and_ends() -> None:
    source = Source()

    source.run()

    assert [message.get("body") for message in source.sent[1:]] == [b"one", b"two", b""]
    assert source.end == "whole"


def test_failure_after_the_first_chunk_breaks_the_response() -> None:
    source = Source(failure=OSError("disk"))

    with pytest.raises(OSError, match="disk"):
        source.run()

    assert source.sent[-1]["more_body"]


def test_failure_before_the_first_chunk_is_raised_before_the_response() -> None:
    async def fail(_write: Write) -> None:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        run(Stream(fail, "text/plain").prime())


def test_head_sends_no_chunk() -> None:
    source = Source()

    source.run(method="HEAD")

    assert [message.get("body") for message in source.sent[1:]] == [b""]
    assert source.end == "ClientLeft"


async def stuck(_message: Message) -> None:
    await asyncio.Event().wait()


async def until_left(write: Write) -> None:
    await write(b"one")
    await write(b"two")


async def silent(write: Write) -> None:
    await write(b"one")
    await asyncio.Event().wait()


@pytest.mark.parametrize("produce", [until_left, silent])
def test_producer_ends_when_its_response_is_cancelled(
    produce: Callable[[Write], Coroutine[Any, Any, None]],
) -> None:
    async def work() -> None:
        stream = Stream(produce, "text/plain")
        await stream.prime()
        sending = asyncio.ensure_future(stream.send({"type": "none"}, SCOPE, send))
        await begun.wait()
        sending.cancel()
        await asyncio.wait({sending})
        assert stream._producer
        assert stream._producer.done()

    async def send(message: Message) -> None:
        if "body" in message:
            begun.set()
            await stuck(message)

    begun = asyncio.Event()
    run(work())


def test_client_that_reads_nothing_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "STALL_SECONDS", 0.01)

    async def send(message: Message) -> None:
        if "body" in message:
            await stuck(message)

    async def work() -> None:
        stream = Stream(Source().produce, "text/plain")
        await stream.prime()
        await stream.send(START, SCOPE, send)

    with pytest.raises(ClientLeft, match="read nothing"):
        run(work())
