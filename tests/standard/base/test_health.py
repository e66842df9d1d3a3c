import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app import create_app
from app.standard.service import NotReady, ReadinessCheck, health, run_check
from config import Settings
from tests.standard.probe import PROBE_CONTRACT


def test_healthz_answers(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_passes_all_checks(client: TestClient) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert {check["status"] for check in response.json()["checks"].values()} <= {"ok"}


def test_health_stands_at_the_root_of_any_contract(settings: Settings, tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec_file.write_text(PROBE_CONTRACT.read_text("utf-8").replace("url: /", "url: /v1"), "utf-8")

    with TestClient(create_app(settings, spec_file)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/echo").status_code == 200
        assert client.get("/openapi.json").json()["servers"] == [{"url": "./v1"}]


async def lacks_data() -> Mapping[str, object]:
    raise NotReady("There is no data.")


async def fails() -> Mapping[str, object]:
    raise OSError("hunter2")


async def hangs() -> Mapping[str, object]:
    await asyncio.Event().wait()
    return {}


@pytest.mark.parametrize(
    ("check", "told"), [(lacks_data, {"reason": "There is no data."}), (fails, {}), (hangs, {})]
)
def test_failing_check_tells_only_what_anybody_may_read(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    check: ReadinessCheck,
    told: dict[str, str],
) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.01)

    assert asyncio.run(run_check("stock", check)) == {"status": "failing", **told}
    assert '"check":"stock"' in capsys.readouterr().out
