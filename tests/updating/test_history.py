"""Migrations of the template follow those of the service's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from rendering import COMBINATIONS

from updating.living import NOW, Create, commit, status

OWN = '''"""Create notes.

Revision: {0}, after {1}.
"""

revision: str = "{0}"
down_revision: str | None = {2}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""


def downgrade() -> None:
    """Take the change back."""
'''
# Of a service without the queue.
NEWEST = "create_idempotency_keys"
Run = Callable[..., int]
ON, OFF = ("--answers", "use_worker=true"), ("--answers", "use_worker=false")


def migrate(service: Path, revision: str, earlier: str) -> None:
    """Add a migration of the team's own."""
    file = service / "alembic" / "versions" / f"{revision}_create_notes.py"
    file.write_text(OWN.format(revision, earlier.strip("'"), earlier), "utf-8")
    commit(service, f"Create notes in {revision}")


def history(service: Path) -> list[list[str]]:
    """Return the ways that lead to the ends of a service's migrations, the newest first."""
    config = Config()
    config.set_main_option("script_location", str(service / "alembic"))
    scripts = ScriptDirectory.from_config(config)
    return [
        [script.revision for script in scripts.iterate_revisions(head, "base")]
        for head in scripts.get_heads()
    ]


def test_queue_comes_behind_the_newest_migration_of_the_service(create: Create, run: Run) -> None:
    service = create(NOW, **COMBINATIONS["async-database"])
    migrate(service, "0002", f"'{NEWEST}'")
    migrate(service, "a1b2", "'0002'")

    assert run(service, *ON) == 0

    assert history(service) == [["create_exports", "create_queue", "a1b2", "0002", NEWEST, "0001"]]
    migrate(service, "c3d4", "'create_exports'")

    assert run(service, "--answers", "use_auth=true") == 0

    assert history(service)[0][:2] == ["c3d4", "create_exports"]
    assert status(service) == {}


def test_queue_leaves_as_it_came(create: Create, run: Run) -> None:
    service = create(NOW, **COMBINATIONS["async-database"])
    migrate(service, "0002", f"'{NEWEST}'")

    assert run(service, *ON) == 0
    assert run(service, *OFF) == 0

    assert history(service) == [["0002", NEWEST, "0001"]]
    assert not (service / "work.py").exists()


@pytest.mark.parametrize("earlier", ["None", f"'{NEWEST}'"])
def test_history_with_several_ends_is_left_to_the_team(
    create: Create, run: Run, earlier: str
) -> None:
    service = create(NOW, **COMBINATIONS["async-database"])
    migrate(service, "0002", f"'{NEWEST}'")
    migrate(service, "0003", earlier)

    assert run(service, *ON) == 0

    assert sorted(way[0] for way in history(service)) == ["0002", "0003", "create_exports"]
