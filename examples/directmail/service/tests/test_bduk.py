import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.bduk import BadRelease, load_release, read_release
from app.models import Premises
from app.standard.database import open_database
from config import Settings

RELEASE = Path("data/bduk_barton_st_david_2026-05.csv")


def test_release_loaded_twice_holds_each_premises_once(settings: Settings) -> None:
    async def load_twice_and_count() -> int | None:
        async with open_database(settings) as database:
            await load_release(database, RELEASE, "Barton St David")
            await load_release(database, RELEASE, "Barton St David")
            async with database.session() as session:
                return await session.scalar(select(func.count()).select_from(Premises))

    assert asyncio.run(load_twice_and_count()) == 266


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("uprn", "30129155X", "uprn must be 1 to 12 digits"),
        ("current_gigabit", "yes", "current_gigabit must be one of: true, false"),
        ("bduk_gis_final_coverage_date", "30/09/2029", "30/09/2029"),
    ],
)
def test_bad_line_is_named(tmp_path: Path, column: str, value: str, complaint: str) -> None:
    header, first, *_ = RELEASE.read_text("utf-8").splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([header, ",".join((cells | {column: value}).values())]), "utf-8")

    with pytest.raises(BadRelease, match=f"bad.csv, line 2: .*{complaint}"):
        list(read_release(bad, "Nowhere"))
