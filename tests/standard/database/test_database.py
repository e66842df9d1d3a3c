import pytest
from sqlalchemy import URL
from starlette.testclient import TestClient

from app import create_app
from app.standard.database import DatabaseSettings, to_asyncpg_url
from app.standard.service import SettingsError, load_settings
from config import Settings

NOWHERE = "postgresql://user:hunter2@127.0.0.1:1/nowhere"


def test_production_without_an_address_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.delenv("DATABASE_URL", raising=False)

    with pytest.raises(SettingsError, match="DATABASE_URL: must be set in production"):
        load_settings(DatabaseSettings)


@pytest.mark.parametrize(
    "address",
    [
        "mysql://user:hunter2@host/name",
        "postgresql://user:hunter2/name",
        "postgresql://user:pa@ss:hunter2@host/name",
        "postgresql://user:pa@ss?hunter2=1@host/name",
        "postgresql://host:5432/name?hunter2=me@there",
    ],
)
def test_bad_address_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("DATABASE_URL", address)

    with pytest.raises(SettingsError, match="DATABASE_URL: must be an address such as") as error:
        load_settings(DatabaseSettings)

    assert "hunter2" not in str(error.value)


def test_address_of_libpq_is_understood() -> None:
    url = to_asyncpg_url("postgresql://user@host/name?sslmode=require")

    assert url == URL.create(
        "postgresql+asyncpg", "user", host="host", database="name", query={"ssl": "require"}
    )


def test_service_without_its_database_is_alive_but_not_ready(settings: Settings) -> None:
    lost = load_settings(Settings, database_url=NOWHERE)

    with TestClient(create_app(lost)) as client:
        assert client.get("/healthz").status_code == 200
        readiness = client.get("/readyz")

    assert readiness.status_code == 503
    assert readiness.json()["checks"]["database"] == {"status": "failing"}
