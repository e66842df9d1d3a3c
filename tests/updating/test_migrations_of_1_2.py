"""The migration of release 1.2.0: files of the standard have moved since, and changed so much."""

from __future__ import annotations

from pathlib import Path

from updates.migrated import read, write
from updates.migrating import FILE, OURS, load

ROOMS = "1.2.0/0001-rooms-of-the-standard"
FLAT = {"app/standard/limits.py": b"a", "app/standard/database.py": b"b", "app/limits.py": b"c"}
IN_ROOMS = {
    "app/standard/http/limits.py": b"a",
    "app/standard/database/pool.py": b"b",
    "app/limits.py": b"c",
}


def test_files_of_the_standard_move_once(tmp_path: Path) -> None:
    migration = load(OURS / ROOMS / FILE, ROOMS)
    write(tmp_path, FLAT)

    for _ in range(2):
        assert migration.run(tmp_path) == []
        assert read(tmp_path) == IN_ROOMS


def test_file_that_is_in_its_place_already_stays(tmp_path: Path) -> None:
    migration = load(OURS / ROOMS / FILE, ROOMS)
    both = FLAT | IN_ROOMS
    write(tmp_path, both)

    assert migration.run(tmp_path) == []
    assert read(tmp_path) == both
