import pytest
from alembic import command
from alembic.script import ScriptDirectory

from tests.standard.database_fixtures import ALEMBIC


@pytest.fixture(autouse=True)
def _empty_database(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("DATABASE_URL", empty_database_url)


def test_migrations_run_up_and_down_and_up() -> None:
    command.upgrade(ALEMBIC, "head")
    command.downgrade(ALEMBIC, "base")
    command.upgrade(ALEMBIC, "head")


def test_migrations_make_the_tables_of_the_models() -> None:
    command.upgrade(ALEMBIC, "head")

    command.check(ALEMBIC)


def test_migrations_have_one_head() -> None:
    # {% if cookiecutter.sample == "items" %}
    assert len(ScriptDirectory.from_config(ALEMBIC).get_heads()) == 1
    # {% endif %}
    # {% if cookiecutter.sample == "none" %}
    # {% print "    assert len(ScriptDirectory.from_config(ALEMBIC).get_heads()) <= 1\n" %}
    # {% endif %}
