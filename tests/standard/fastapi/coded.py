"""Routes in code beside the probe's contract, as they are served."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from app import create_app
from app.standard.framework import App
from config import Settings
from tests.standard.probe import PROBE_CONTRACT

REQUEST_ID = "abc"


def create(settings: Settings, router: APIRouter, contract: Path = PROBE_CONTRACT) -> App:
    """Return an application in which the router is that of `app/routes.py`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.router", router)
        return create_app(settings, contract)


@contextmanager
def serving(
    settings: Settings, router: APIRouter, contract: Path = PROBE_CONTRACT
) -> Iterator[TestClient]:
    """Give a client of such an application while it runs."""
    app = create(settings, router, contract)
    headers = {"X-Request-ID": REQUEST_ID}
    with TestClient(app, raise_server_exceptions=False, headers=headers) as client:
        yield client


def logged(captured: pytest.CaptureFixture[str], event: str = "request") -> list[dict[str, Any]]:
    """Return the lines of the log that tell of such an event."""
    found = [json.loads(line) for line in captured.readouterr().out.splitlines()]
    return [line for line in found if line["event"] == event]
