"""Two services behind one address: each proxy asks the one that the table names."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from reliability import raw_http
from reliability.clients import Host, opened, read, until
from ways import proxies
from ways.asking import ask
from ways.cases import CASES, NEW, OLD
from ways.conftest import Serve
from ways.proxies import NO_ROUTER, Pair, Run, find
from ways.recording import BROKEN_STREAM, FIRST, STREAM, ZIPPED, recording

# What the page says of each.
DIFFERENCES: dict[str, dict[str, object]] = {
    "nginx": {
        "an encoded slash": "old",
        "the path": "/v1//notes/x/../7",
        "the client": "192.0.2.1, 127.0.0.1",
        "more than 1 MB": 413,
        "encodings": "",
        "is unpacked": False,
    },
    "traefik": {
        "an encoded slash": "new",
        "the path": "/v1/notes/7",
        "the client": "127.0.0.1",
        "more than 1 MB": 204,
        # https://github.com/traefik/traefik/issues/13075
        "encodings": "gzip",
        "is unpacked": True,
    },
}
BOUNDS = {
    "--entrypoints.<name>.transport.respondingtimeouts.readtimeout": 60,
    "--entrypoints.<name>.transport.respondingtimeouts.writetimeout": 0,
    "--serverstransport.forwardingtimeouts.responseheadertimeout": 0,
}


class Behind(NamedTuple):
    """A proxy that runs, and the servers behind it."""

    proxy: str
    address: str
    folder: Path
    sides: Pair

    @property
    def host(self) -> Host:
        """Return where it listens."""
        parts = urlsplit(self.address)
        return str(parts.hostname), int(parts.port or 0)


@pytest.fixture(params=["nginx", "traefik"], scope="module")
def behind(
    request: pytest.FixtureRequest, serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    """Run a proxy, with the table of both contracts."""
    folder = tmp_path_factory.mktemp(request.param)
    run: Run = getattr(proxies, request.param)
    with recording() as sides:
        addresses = Pair(*(side.address for side in sides))
        with run(serve, folder, Pair(OLD, NEW), addresses) as address:
            yield Behind(request.param, address, folder, sides)


def side(behind: Behind, asked: str) -> str | None:
    """Tell which side answers."""
    method, path, *wanted = asked.split(" ")
    headers = {"Access-Control-Request-Method": wanted[0]} if wanted else {}
    return ask(behind.address, f"{method} {path}", headers=headers).headers["X-Side"]


def test_each_request_is_for_the_side_that_has_it(behind: Behind) -> None:
    assert {asked: side(behind, asked) for asked in CASES} == CASES


def test_proxies_differ_in_what_the_page_says(behind: Behind) -> None:
    spoofed = {"X-Forwarded-For": "192.0.2.1"}
    # http.client would ask for none.
    zipped = raw_http.ask(behind.host, raw_http.message(f"GET {ZIPPED}"))

    found = {
        "an encoded slash": side(behind, "GET /v1/notes/a%2Fb"),
        "the path": ask(behind.address, "GET /v1//notes/x/../7").headers["X-Path"],
        "the client": ask(behind.address, "GET /", headers=spoofed).headers["X-Client"],
        "more than 1 MB": ask(behind.address, "POST /", bytes(1024 * 1024 + 1)).status,
        "encodings": zipped.headers["x-encodings"],
        "is unpacked": zipped.body == FIRST,
    }

    assert found == DIFFERENCES[behind.proxy]


@pytest.mark.parametrize("path", [STREAM, BROKEN_STREAM])
def test_stream_comes_while_it_is_made_and_breaks_where_it_does(behind: Behind, path: str) -> None:
    behind.sides.old.asked_to_go_on.clear()

    with opened(behind.host, path) as response:
        first = response.read1()
        behind.sides.old.asked_to_go_on.set()
        outcome = read(response)

    assert (response.status, first) == (200, FIRST)
    assert outcome.is_whole is (path == STREAM)


def test_traefik_has_the_bounds_that_the_page_names() -> None:
    told = subprocess.run([find("traefik"), "--help"], text=True, capture_output=True).stdout

    for option, seconds in BOUNDS.items():
        assert f'{option}  (Default: "{seconds}")' in told


@pytest.mark.parametrize("behind", ["traefik"], indirect=True)
def test_traefik_takes_a_table_that_is_moved_and_one_that_is_empty(behind: Behind) -> None:
    routes = behind.folder / "routes.yml"
    printed = routes.read_text("utf-8")
    moved = behind.folder / "routes.new"

    # As a shell leaves it until the command has ended.
    routes.write_text("", "utf-8")
    until(lambda: ask(behind.address, "GET /v1/notes").body == NO_ROUTER)
    moved.write_text(printed.replace("service: new", "service: old"), "utf-8")
    moved.replace(routes)
    until(lambda: side(behind, "GET /v1/notes") == "old")
    moved.write_text(printed, "utf-8")
    moved.replace(routes)
    until(lambda: side(behind, "GET /v1/notes") == "new")
