"""The test of the sample's task; it leaves with it."""

import asyncio

import structlog

from app.tasks import count_items


def test_items_are_counted() -> None:
    with structlog.testing.capture_logs() as events:
        asyncio.run(count_items())

    assert events == [{"event": "items", "count": 3, "log_level": "info"}]
