"""The probe: an application whose contract is there to be broken."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app import create_app
from app.standard.service import load_settings
from config import Settings
from tests.standard.echoing import WIDE_CONTRACT, WIDE_CONTRACT_3_1
from tests.standard.probe import PROBE_CONTRACT


@pytest.fixture
def probe_settings(
    request: pytest.FixtureRequest, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Give settings; the probe has no table, so a database of its own would be wasted."""
    # {% if cookiecutter.use_database %}
    if "database_url" not in request.fixturenames:
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("shared_database_url"))
    # {% endif %}
    return load_settings(Settings)


@pytest.fixture
def probe(probe_settings: Settings) -> Iterator[TestClient]:
    """Give a client of the running probe."""
    app = create_app(probe_settings, PROBE_CONTRACT)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def wide_settings(request: pytest.FixtureRequest) -> Settings:
    """Give settings for the contracts that are asked for many things."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setenv("ENVIRONMENT", "test")
        # {% if cookiecutter.use_database %}
        patch.setenv("DATABASE_URL", request.getfixturevalue("shared_database_url"))
        # {% endif %}
        return load_settings(Settings)


@pytest.fixture(scope="module")
def wide(wide_settings: Settings) -> Iterator[TestClient]:
    """Give a client of an application that tells what came."""
    with TestClient(create_app(wide_settings, WIDE_CONTRACT), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def wide_3_1(wide_settings: Settings) -> Iterator[TestClient]:
    """Give a client of one whose contract is OpenAPI 3.1."""
    with TestClient(create_app(wide_settings, WIDE_CONTRACT_3_1)) as client:
        yield client
