import gc
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app import create_app
from app.standard.http import limits
from config import Settings


@pytest.fixture
def garbage() -> Iterator[list[object]]:
    """Give what a collection finds that nothing else has freed."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.enable()
    gc.garbage.clear()


@pytest.mark.parametrize("address", ["/echo?names=a", "/echo?unknown=1"])
def test_answered_request_is_freed_at_once(
    probe: TestClient, garbage: list[object], address: str
) -> None:
    probe.get(address)
    gc.collect()

    # What it holds, such as its body, would pile up until then.
    assert not [each for each in garbage if isinstance(each, limits.WatchedRequest)]


def test_garbage_is_collected_while_the_service_runs(settings: Settings) -> None:
    gc.disable()

    with TestClient(create_app(settings)):
        assert gc.isenabled()
