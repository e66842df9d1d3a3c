import asyncio
import io
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import URL, make_url

from app.standard.database import DatabaseUnavailable, engine, open_database, to_asyncpg_url
from app.standard.database.pool import Database
from app.standard.service import load_settings
from config import Settings

SERVICE = "{{ cookiecutter.service_slug }}"
# Nobody listens there.
DEAD = ("127.0.0.1", 1)
PAIR = "must have a host and a port for each server"
REFUSED = {
    "sslmode=bogus": "sslmode must be one of disable, allow, prefer, require, verify-ca, verify-fu",
    "ssl=true": "sslmode must be one of disable",
    "target_session_attrs=master": "target_session_attrs must be one of any, primary",
    "connect_timeout=0": "connect_timeout must be a whole number of seconds, at least 1",
    "connect_timeout=soon": "connect_timeout must be",
    "channel_binding=require&keepalives=1": "are not supported: channel_binding, keepalives",
    "sslmode=verify-full": "sslmode=verify-full needs sslrootcert",
    "sslmode=verify-ca&sslrootcert=nowhere.pem": "sslrootcert must name a readable file",
    "sslrootcert=config.py": "sslrootcert must name a readable file of certificates",
    "sslcert=nowhere.pem&sslkey=nowhere.key": "sslcert and sslkey must name readable files",
    "host=a,b&port=1,2,3": PAIR,
    "host=a,b:x": PAIR,
    "host=a,": PAIR,
    "host=a&port=x": PAIR,
}


def hosts_of(*servers: tuple[str, int]) -> dict[str, str]:
    hosts, ports = zip(*servers, strict=True)
    return {"host": ",".join(hosts), "port": ",".join(map(str, ports))}


@pytest.mark.parametrize(
    ("address", "servers"),
    [
        ("postgresql://u:p@a:1,b:2/name", [("a", 1), ("b", 2)]),
        ("postgresql://a,b:2", [("a", 5432), ("b", 2)]),
        ("postgresql://u:p,a/ss@[::1]:1,b/name", [("::1", 1), ("b", 5432)]),
        ("postgresql://u:p@/name?host=a:1&host=b:2", [("a", 1), ("b", 2)]),
        ("postgresql://u:p@/name?host=/run/a,b&port=1,2", [("/run/a", 1), ("b", 2)]),
        ("postgresql://u:p@/name?host=a,b&port=1", [("a", 1), ("b", 1)]),
        ("postgresql://u:p@[::1]/name?port=1", [("::1", 1)]),
    ],
)
def test_hosts_and_ports_are_two_lists(address: str, servers: list[tuple[str, int]]) -> None:
    url = to_asyncpg_url(address)

    assert url.query == hosts_of(*servers)
    assert to_asyncpg_url(url.render_as_string(hide_password=False)) == url


@pytest.mark.parametrize(
    ("address", "password", "host"),
    [
        ("postgresql://u:a,b@h/name", "a,b", "h"),
        ("postgresql://u:a/b,c@h/name?application_name=a,b", "a/b,c", "h"),
        ("postgresql://u:a,b/c?d@h/name", "a,b/c?d", "h"),
        ("postgresql://u:a%2Cb%40@h:5433/name", "a,b@", "h"),
    ],
)
def test_comma_elsewhere_makes_no_list(address: str, password: str, host: str) -> None:
    url = to_asyncpg_url(address)

    assert (url.password, url.host, "host" in url.query) == (password, host, False)


@pytest.mark.parametrize(("options", "sentence"), REFUSED.items())
def test_what_cannot_be_kept_is_refused_without_the_address(
    options: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ValueError, match=sentence) as error:
        to_asyncpg_url(f"postgresql://user:hunter2@host/name?{options}")

    assert "hunter2" not in str(error.value)


def test_certificates_where_libpq_looks_for_them_are_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()

    url = to_asyncpg_url("postgresql://user@host/name?sslmode=verify-full")

    assert url.query == {"ssl": "verify-full"}


def with_database(address: URL, work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        url = address.render_as_string(hide_password=False)
        settings = load_settings(Settings, database_url=url)
        async with asyncio.timeout(20), open_database(settings) as database:
            return await work(database)

    return asyncio.run(run())


async def show(database: Database, setting: str) -> str:
    async with database.connect() as connection:
        return str(await connection.scalar(sa.select(sa.func.current_setting(setting))))


def socket_of(url: URL) -> str:
    host = url.query["host"]
    assert isinstance(host, str)
    return host


@pytest.mark.parametrize(
    ("option", "setting", "value"),
    [
        ({}, "application_name", SERVICE),
        ({"application_name": "a b&c"}, "application_name", "a b&c"),
        ({"options": "-c search_path=some_schema"}, "search_path", "some_schema"),
        ({"target_session_attrs": "read-write"}, "transaction_read_only", "off"),
        ({"connect_timeout": "3"}, "application_name", SERVICE),
    ],
)
def test_option_reaches_the_server(
    shared_database_url: str, option: dict[str, str], setting: str, value: str
) -> None:
    url = make_url(shared_database_url).update_query_dict(option)

    assert with_database(url, lambda database: show(database, setting)) == value


def test_dead_host_is_passed_over(shared_database_url: str) -> None:
    url = make_url(shared_database_url)
    several = url.update_query_dict(hosts_of(DEAD, (socket_of(url), 5432)))

    assert with_database(several, lambda database: show(database, "port")) == "5432"


def test_silent_host_is_passed_over_but_for_the_sake_of_a_standby(
    shared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SILENT_SECONDS", 0.1)
    monkeypatch.setenv("DATABASE_POOL_TIMEOUT", "0.3")
    url = make_url(shared_database_url)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        several = url.update_query_dict(hosts_of(silent.getsockname(), (socket_of(url), 5432)))
        choosy = several.update_query_dict({"target_session_attrs": "prefer-standby"})

        assert with_database(several, lambda database: show(database, "port")) == "5432"
        with pytest.raises(DatabaseUnavailable):
            with_database(choosy, lambda database: show(database, "port"))


def test_statements_have_no_names_for_a_pooler_by_transaction(shared_database_url: str) -> None:
    named = sa.text("select count(*) from pg_prepared_statements where name <> :no")

    async def count(pooler: str) -> int:
        settings = load_settings(Settings, database_url=shared_database_url, database_pooler=pooler)
        async with open_database(settings) as database, database.connect() as connection:
            rows = await connection.stream(named, {"no": ""})
            assert await rows.scalars().one() is not None
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            statement = await driver.prepare("select 1")
            copied = io.BytesIO()
            await driver.copy_from_query("select $1::int", 7, output=copied)
            assert (copied.getvalue(), await statement.fetchval()) == (b"7\n", 1)
            return int(await connection.scalar(named, {"no": ""}) or 0)

    assert asyncio.run(count("session")) > 0
    assert asyncio.run(count("transaction")) == 0
