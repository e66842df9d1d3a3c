import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app.bduk import BadRelease, load_release, read_release
from app.models import Premises
from app.standard.database import open_database
from app.standard.worker import Task, enqueue_in, task
from app.tasks import reload_bduk
from config import Settings
from tests.standard.worker_fixtures import RunJobs

RELEASE = Path("data/bduk_barton_st_david_2026-05.csv")
COMMUNITY = "Barton St David"


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean_environment: None) -> Path:
    path = tmp_path / "release.csv"
    monkeypatch.setenv("BDUK_FILE", str(path))
    return path


def load(settings: Settings, path: Path = RELEASE) -> int:
    async def load_and_count() -> int:
        async with open_database(settings) as database:
            await load_release(database, path, COMMUNITY)
        return await count(settings)

    return asyncio.run(load_and_count())


async def count(settings: Settings) -> int:
    async with open_database(settings) as database, database.session() as session:
        return await session.scalar(select(func.count()).select_from(Premises)) or 0


def write_release(path: Path, *changes: dict[str, str]) -> Path:
    header, first, *_ = RELEASE.read_text("utf-8").splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    lines = [",".join((cells | change).values()) for change in changes]
    path.write_text("\n".join([header, *lines]), "utf-8")
    return path


def test_release_loaded_twice_holds_each_premises_once(settings: Settings) -> None:
    assert load(settings) == 266
    assert load(settings) == 266


def test_premises_that_left_the_release_leave_the_table(settings: Settings, tmp_path: Path) -> None:
    load(settings)

    assert load(settings, write_release(tmp_path / "newer.csv", {}, {"uprn": "1"})) == 2


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("uprn", "30129155X", "uprn must be 1 to 12 digits"),
        ("current_gigabit", "yes", "current_gigabit must be one of: true, false"),
        ("bduk_gis_final_coverage_date", "30/09/2029", "30/09/2029"),
    ],
)
def test_bad_line_is_named(tmp_path: Path, column: str, value: str, complaint: str) -> None:
    bad = write_release(tmp_path / "bad.csv", {}, {column: value})

    with pytest.raises(BadRelease, match=f"bad.csv, line 3: .*{complaint}"):
        list(read_release(bad, "Nowhere"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "release.csv cannot be read: No such file or directory"),
        (b"", "release.csv has no premises"),
        (b"uprn,postcode\n", "release.csv has no premises"),
        (b"\xff\xfe", "release.csv is not UTF-8"),
        (b'uprn,postcode\n"1"2,TA11 6AT\n', "release.csv, line 2: "),
    ],
)
def test_bad_file_is_named(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "release.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BadRelease, match=complaint):
        list(read_release(path, "Nowhere"))


def test_premises_that_are_there_twice_change_nothing(settings: Settings, tmp_path: Path) -> None:
    load(settings)

    with pytest.raises(BadRelease, match=r"twice.csv has premises twice: .*\(30129155\)"):
        load(settings, write_release(tmp_path / "twice.csv", {}, {}))

    assert asyncio.run(count(settings)) == 266


def test_release_may_be_large(settings: Settings, tmp_path: Path) -> None:
    uprns = [{"uprn": str(number)} for number in range(1, 10_002)]

    assert load(settings, write_release(tmp_path / "large.csv", *uprns)) == 10_001


def reload(settings: Settings, run_jobs: RunJobs, declared: Task[[]]) -> list[tuple[str, str]]:
    async def enqueue() -> None:
        async with open_database(settings) as database, database.session() as session:
            # What a reload mends.
            await session.execute(update(Premises).values(segment="S9"))
            await enqueue_in(session, declared)

    asyncio.run(enqueue())
    return run_jobs([declared])


async def segments(settings: Settings) -> set[str]:
    async with open_database(settings) as database, database.session() as session:
        return set(await session.scalars(select(Premises.segment)))


def test_nightly_job_loads_the_release_anew(settings: Settings, run_jobs: RunJobs) -> None:
    load(settings)

    assert reload(settings, run_jobs, reload_bduk) == [("reload_bduk", "successful")]
    assert asyncio.run(segments(settings)) == {"S1", "S2", "S3"}
    assert asyncio.run(count(settings)) == 266


@pytest.mark.parametrize("is_there", [True, False], ids=["bad", "missing"])
def test_nightly_job_without_a_good_file_fails_and_leaves_the_premises(
    release: Path, settings: Settings, run_jobs: RunJobs, is_there: bool
) -> None:
    load(settings)
    if is_there:
        write_release(release, {}, {"uprn": "none"})
    # Its attempts are ten minutes apart.
    once = task(attempts=1)(reload_bduk.function)

    assert reload(settings, run_jobs, once) == [("reload_bduk", "failed")]
    assert asyncio.run(segments(settings)) == {"S9"}
    assert asyncio.run(count(settings)) == 266
