"""The ladder settings → app → client, fresh for each test."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app import create_app
from app.standard.framework import App
from app.standard.service import load_settings
from config import Settings


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of the shell out; in the environment ``test`` no ``.env`` is read."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ENVIRONMENT", "test")


@pytest.fixture
def settings(clean_environment: None) -> Settings:
    """Give the settings of a test: the defaults."""
    return load_settings(Settings)


@pytest.fixture
def app(settings: Settings) -> App:
    """Give an application that has not started."""
    return create_app(settings)


@pytest.fixture
def client(
    app: App,
    # {% if cookiecutter.use_auth %}
    admin_token: str,
    # {% endif %}
) -> Iterator[TestClient]:
    """Give a client of the running application."""
    with TestClient(app, raise_server_exceptions=False) as client:
        # {% if cookiecutter.use_auth %}
        client.headers["Authorization"] = f"Bearer {admin_token}"
        # {% endif %}
        yield client
