"""The log of a service that runs."""

from __future__ import annotations

import json
from typing import Any

from reliability.clients import until
from reliability.conftest import Running

Event = dict[str, Any]


def events(running: Running) -> list[Event]:
    """Return what was logged; raise if a line is no JSON."""
    # The last line may be half written.
    whole = running.log.read_text("utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def events_of(running: Running, request_id: str) -> list[Event]:
    """Return what was logged for a request, its last line included."""

    def found() -> list[Event]:
        return [event for event in events(running) if event.get("request_id") == request_id]

    until(lambda: any(event["event"] == "request" for event in found()))
    return found()
