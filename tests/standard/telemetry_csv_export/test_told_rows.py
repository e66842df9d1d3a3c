"""An export of rows tells how many there were, and their bytes."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from opentelemetry import metrics, trace

from app.standard.csv_export import rows, stream_rows
from tests.standard.receiver import Receiver
from tests.standard.telling import Tell, receiver, tell, told_settings

__all__ = ["receiver", "tell", "told_settings"]

spans: Any = trace.get_tracer_provider
meters: Any = metrics.get_meter_provider


async def lines(number: int, *, fail: bool) -> AsyncGenerator[tuple[str, int]]:
    """Give so many rows of two lines each, and fail behind them if asked to."""
    for each in range(number):
        yield "ä\nb", each
    if fail:
        raise OSError


async def export(number: int, *, fail: bool = False) -> bytes:
    """Export so many rows; return what was written of them."""
    chunks = []

    async def write(chunk: bytes) -> None:
        chunks.append(chunk)

    stream = stream_rows(lines(number, fail=fail), ["a", "b"], filename="x.csv")
    with trace.get_tracer("test").start_as_current_span("caller"):
        try:
            await stream._produce(write)
        except OSError:
            assert fail
    return b"".join(chunks)


def counted(receiver: Receiver) -> list[int]:
    """Return the rows and bytes of all exports in this process."""
    meters().force_flush()
    names = ["service.export.rows", "service.export.size"]
    return [
        sum(int(each["asInt"]) for each in receiver.points(name)) if name in receiver.metrics else 0
        for name in names
    ]


@pytest.mark.parametrize("number", [0, 1, 10])
@pytest.mark.parametrize("characters", [1, 128 * 1024])
def test_rows_and_bytes_are_told(
    tell: Tell,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    characters: int,
) -> None:
    tell()
    monkeypatch.setattr(rows, "CHUNK_CHARACTERS", characters)
    before = counted(receiver)

    file = asyncio.run(export(number))

    size = len(file.removeprefix(b"a,b\n"))
    spans().force_flush()
    assert receiver.spans[-1]["attributes"] == {
        "service.export.rows": number,
        "service.export.size": size,
    }
    assert counted(receiver) == [before[0] + number, before[1] + size]


def test_export_that_breaks_tells_what_was_written(
    tell: Tell, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell()
    monkeypatch.setattr(rows, "CHUNK_CHARACTERS", 1)

    asyncio.run(export(3, fail=True))

    spans().force_flush()
    assert receiver.spans[-1]["attributes"]["service.export.rows"] == 3
