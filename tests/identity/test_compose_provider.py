"""The provider of compose.yaml, with the variables that stand there: logins and tokens of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import npm
import pytest
from browsing import visiting
from composing import read_compose, replace
from interpreters import OUR_PYTHON

from examples.serving import environment as our_environment
from examples.serving import free_port, get, serving
from identity.conftest import on
from identity.real_provider import PACKAGE, STOP_SECONDS
from identity.test_login_in_browser import export, log_in

# Without a database its jobs wait in a broker, so that there are two kinds of workers.
COMBINATION = "csv_export-auth-worker"
SERVED, ISSUED = "127.0.0.1:8080", "provider.localhost:9400"
# Of `docker compose`: what a container asks for a name knows the aliases of the others.
NAMES = """
import socket, sys
# It asks without Python.
sys.modules["uvloop"] = None
_ask = socket.getaddrinfo
def getaddrinfo(host, *others, **more):
    name = host.decode() if isinstance(host, bytes) else host
    return _ask("127.0.0.1" if name in {aliases} else host, *others, **more)
socket.getaddrinfo = getaddrinfo
"""
# What a task does, with what work.py gives to tasks.
TASK = """
import asyncio, sys
from app.standard.auth import token_source
from app.standard.service import Application, load_settings, make_current
from config import Settings
from work import add_what_tasks_need

application = Application(settings=load_settings(Settings), contract={})
add_what_tasks_need(application)
make_current(application)
print(asyncio.run(token_source(*sys.argv[1:], scope="items.read").token()))
"""


class Composed(NamedTuple):
    """What compose.yaml starts, without its containers."""

    address: str
    services: dict[str, Any]
    folder: Path
    python: Path
    names: dict[str, str]

    def token(self, name: str, client: str, secret: str) -> str:
        """Return the token that a task gets in a container; raise where it gets none."""
        variables = our_environment() | self.names | self.services[name]["environment"]
        command = [str(self.python), "-c", TASK, client, secret]
        done = subprocess.run(
            command, cwd=self.folder, env=variables, capture_output=True, text=True, check=True
        )
        # Above it is the log.
        *_, token = done.stdout.splitlines()
        return str(token)


@pytest.fixture
def composed(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    tmp_path: Path,
) -> Iterator[Composed]:
    """Serve the sample and its provider by compose.yaml, on other ports."""
    folder = service(f"{framework}-{COMBINATION}")
    ports = {SERVED: free_port(), ISSUED: free_port()}
    places = {place: f"{place.partition(':')[0]}:{port}" for place, port in ports.items()}
    # A client that has a role.
    roles = {'{"my-service": []}': '{"my-service": [], "reader": ["items.read"]}'}
    ours = tmp_path / "compose.yaml"
    ours.write_text(replace((folder / ours.name).read_text("utf-8"), places | roles), "utf-8")
    services = read_compose(ours, {})["services"]
    aliases = services["provider"]["networks"]["default"]["aliases"]
    (tmp_path / "sitecustomize.py").write_text(NAMES.format(aliases=aliases), "utf-8")
    names = {"PYTHONPATH": str(tmp_path)}
    shutil.copy(folder / "development" / "provider" / "provider.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(npm.installed(PACKAGE) / "node_modules")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    # No broker is here: what is enqueued stays in the process.
    told = services["service"]["environment"] | {"BROKER_URL": ""}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        ["node", "provider.mjs"],
        cwd=tmp_path,
        env=our_environment() | services["provider"]["environment"],
        stdout=quiet,
        stderr=quiet,
    ) as provider:
        try:
            variables = our_environment() | names | told | {"LOG_LEVEL": "ERROR"}
            with serving(folder, python, ports[SERVED], variables) as (address, _):
                yield Composed(address, services, folder, python, names)
        finally:
            provider.terminate()
            assert provider.wait(STOP_SECONDS) == 0


@on("async")
def test_people_log_in_at_the_provider_of_compose(composed: Composed) -> None:
    statuses = {}
    for name in ("reader", "somebody"):
        with visiting() as visit:
            log_in(visit, composed.address, name)
            statuses[name], _ = export(visit)
            assert visit.violations() == []

    assert statuses == {"reader": "200", "somebody": "403"}


@on("async")
def test_containers_get_tokens_of_the_issuer_that_browsers_log_in_at(composed: Composed) -> None:
    secret = "only-for-this-machine"  # noqa: S105  (it stands in compose.yaml)
    clients = {"service": "reader", "worker": "reader", "scheduler": "my-service"}
    statuses = {
        name: get(f"{composed.address}/items", composed.token(name, client, secret))[0]
        for name, client in clients.items()
    }

    # Its token is good, and has no role.
    assert statuses == {"service": 200, "worker": 200, "scheduler": 403}
    with pytest.raises(subprocess.CalledProcessError) as failed:
        composed.token("worker", "my-service", "wrong")
    assert "gives no token" in failed.value.stderr


@pytest.mark.parametrize("combination", ["auth", COMBINATION, "database-auth-worker"])
@on("async")
def test_issuer_is_one_address_that_needs_no_name_server(
    framework: str, combination: str, service: Callable[[str], Path]
) -> None:
    services = read_compose(service(f"{framework}-{combination}") / "compose.yaml", {})["services"]
    provider = services["provider"]
    issuer = urlsplit(provider["environment"]["ISSUER"])
    asking = {name for name, each in services.items() if "AUTH_ISSUER" in each["environment"]}

    # RFC 6761, section 6.3: of this machine, for browsers.
    assert issuer.hostname
    assert issuer.hostname.endswith(".localhost")
    assert provider["networks"] == {"default": {"aliases": [issuer.hostname]}}
    assert provider["ports"] == [f"127.0.0.1:{issuer.port}:{issuer.port}"]
    assert asking == {"service", "worker", "scheduler"} & services.keys()
    for name in asking:
        assert services[name]["environment"]["AUTH_ISSUER"] == issuer.geturl()
        # In the network that all have where they name none.
        assert not {"network_mode", "networks"} & services[name].keys()
    assert not [name for name, each in services.items() if "network_mode" in each]
    assert json.loads(provider["environment"]["CLIENTS"]) == {"my-service": []}


@on("async")
def test_image_of_the_provider_has_the_package_that_is_tested(
    framework: str, service: Callable[[str], Path]
) -> None:
    folder = service(f"{framework}-auth") / "development" / "provider"

    assert re.findall("npm install (.+)", (folder / "Dockerfile").read_text("utf-8")) == [PACKAGE]
