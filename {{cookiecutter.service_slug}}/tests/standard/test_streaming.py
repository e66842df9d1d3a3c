import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.types import Message

from app.standard.streaming import Stream

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
BOUND = 2.0


class Source:
    """Chunks that know whether they were closed, and what was sent of them."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.closed = False
        self.failure = failure
        self.sent: list[Message] = []

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        try:
            yield b"one"
            if self.failure:
                raise self.failure
            yield b"two"
        finally:
            self.closed = True

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def ended(self) -> bool:
        return not self.sent[-1].get("more_body", False)


async def stay() -> Message:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


async def leave() -> Message:
    return {"type": "http.disconnect"}


def send(source: Source, method: str = "GET") -> None:
    async def run() -> None:
        stream = Stream(source.chunks(), "text/plain")
        await stream.prime()
        await asyncio.wait_for(
            stream.send(START, {"type": "http", "method": method}, stay, source.send), BOUND
        )

    asyncio.run(run())


def test_stream_sends_all_chunks_and_ends() -> None:
    source = Source()

    send(source)

    assert [message.get("body") for message in source.sent[1:]] == [b"one", b"two", b""]
    assert source.ended
    assert source.closed


def test_failure_after_the_first_chunk_breaks_the_response() -> None:
    source = Source(failure=OSError("disk"))

    with pytest.raises(OSError, match="disk"):
        send(source)

    assert not source.ended
    assert source.closed


def test_head_sends_no_chunk() -> None:
    source = Source()

    send(source, method="HEAD")

    assert [message.get("body") for message in source.sent[1:]] == [b""]
    assert source.closed


def test_client_that_leaves_closes_the_chunks() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            yield b"one"
            await asyncio.Event().wait()
        finally:
            closed.set()

    async def run() -> None:
        source = Source()
        stream = Stream(endless(), "text/plain")
        await stream.prime()
        scope = {"type": "http", "method": "GET"}
        await asyncio.wait_for(stream.send(START, scope, leave, source.send), BOUND)

    asyncio.run(run())

    assert closed.is_set()
