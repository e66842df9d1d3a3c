import asyncio
import json
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from starlette.testclient import TestClient

from app import create_app
from app.standard.database import migrations, open_database, to_asyncpg_url
from app.standard.database.migrations import check_migrations, read_earlier
from app.standard.service import NotReady, load_settings
from config import Settings
from tests.standard.database_fixtures import run_on

NEVER = "The database was never migrated: run `uv run alembic upgrade head`."
BEHIND = "The database lacks migrations: run `uv run alembic upgrade head`."
# What a database may be: how it becomes so from the newest revision, and why it is not ready.
STATES = {
    "at the head": ("select 1", None),
    "ahead": ("update alembic_version set version_num = 'of a later release'", None),
    "not ours to read": ("alter database {} set role = pg_monitor", None),
    "behind": ("update alembic_version set version_num = 'second'", BEHIND),
    "taken back": ("delete from alembic_version", NEVER),
    "never migrated": ("drop table alembic_version", NEVER),
}


@pytest.fixture(autouse=True)
def _three_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = ScriptDirectory.from_config(Config("alembic.ini")).get_current_head()
    for revision, earlier in [("first", None), ("second", "first"), (head, "second")]:
        migration = f"revision = {revision!r}\ndown_revision = {earlier!r}\n"
        (tmp_path / f"{revision}.py").write_text(migration)
    monkeypatch.setattr(migrations, "VERSIONS_FOLDER", tmp_path)


@pytest.mark.parametrize("state", STATES)
def test_service_is_ready_unless_migrations_of_its_own_are_missing(
    settings: Settings, database_url: str, state: str
) -> None:
    statement, reason = STATES[state]
    database = to_asyncpg_url(database_url)
    run_on(database, statement.format(database.database))

    with TestClient(create_app(settings)) as client:
        response = client.get("/readyz")

    told = {"status": "failing", "reason": reason} if reason else {"status": "ok"}
    assert response.json()["checks"]["database"] == told
    assert response.status_code == (503 if reason else 200)


def test_setting_lets_a_service_be_ready_without_its_migrations(
    settings: Settings, database_url: str
) -> None:
    run_on(to_asyncpg_url(database_url), "drop table alembic_version")
    indifferent = load_settings(Settings, database_migrations_required=False)

    with TestClient(create_app(indifferent)) as client:
        assert client.get("/readyz").status_code == 200


def test_start_logs_what_migrates(
    settings: Settings, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_on(to_asyncpg_url(database_url), "drop table alembic_version")
    development = settings.model_copy(update={"environment": "development"})

    with TestClient(create_app(development)):
        # The first check ends before the service does.
        pass

    printed = capsys.readouterr().out
    (line,) = [line for line in map(json.loads, printed.splitlines()) if "cause" in line]
    assert (line["level"], line["check"]) == ("warning", "database")
    assert NEVER in line["cause"]


def test_command_in_production_is_that_of_the_image(settings: Settings, database_url: str) -> None:
    run_on(to_asyncpg_url(database_url), "drop table alembic_version")

    async def check() -> None:
        async with open_database(settings) as database:
            await check_migrations(database, "production")

    with pytest.raises(NotReady, match="run `alembic upgrade head`"):
        asyncio.run(check())


def test_migrations_are_read_as_alembic_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    folder.mkdir()
    for name, lines in {
        "merged": "revision = 'd'\ndown_revision = ('b', 'c')",
        "typed": "revision: str = 'c'\ndown_revision: str | tuple[str, ...] | None = 'a'",
        "plain": "import os\nrevision = 'b'\ndown_revision = 'a'\ndepends_on = None",
        "first": "revision = 'a'\ndown_revision = None",
    }.items():
        (folder / f"{name}.py").write_text(f"{lines}\n\n\ndef upgrade(): ...\n")
    config = Config()
    config.set_main_option("script_location", "alembic")
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(folder))

    steps = ScriptDirectory.from_config(config).walk_revisions()

    expected = {each for step in steps for each in step._versioned_down_revisions or [None]}
    assert read_earlier(folder) == expected == {None, "a", "b", "c"}
