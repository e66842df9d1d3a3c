import io
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

MIGRATION = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "1", None
names = sa.table("names", sa.column("name", sa.Text))
def upgrade():
    op.execute("update names set name = 'a' where name like 'b%'")
    op.execute(names.update().where(names.c.name == "50 %").values(name="%s"))
"""


def test_offline_migration_prints_percent_signs_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1_percent.py").write_text(MIGRATION)
    monkeypatch.setenv("ENVIRONMENT", "test")
    printed = io.StringIO()
    config = Config("alembic.ini", output_buffer=printed)
    config.set_main_option("version_locations", str(tmp_path))

    command.upgrade(config, "head", sql=True)

    sql = printed.getvalue()
    assert "where name like 'b%';" in sql
    assert "SET name='%s' WHERE names.name = '50 %'" in sql
    assert "%%" not in sql
