"""compose.production.yaml, in every choice of modules: who reads it, and what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from composing import read_compose, replace
from rendering import DEPLOYED
from test_deployment_files import COMPOSE, check
from test_manifest import lines, traces_off

from compose.conftest import FILE, PROGRAMS, ROUTES, SECRETS, VARIABLES, docker


def test_files_are_as_the_specification_of_compose_says(choose: Callable[[str], Path]) -> None:
    status, output = check(COMPOSE, *(choose(name) / FILE for name in DEPLOYED))

    assert status == 0, output


def test_swarm_takes_the_file_and_wants_the_variables(
    folder: Path, compose: dict[str, Any]
) -> None:
    (folder / "secrets").mkdir()
    for name in SECRETS:
        (folder / "secrets" / name).touch()
    command = [docker(), "stack", "config", "--compose-file", FILE]
    here = {name: value for name, value in os.environ.items() if name not in VARIABLES}

    done = subprocess.run(command, cwd=folder, env=here | VARIABLES, text=True, capture_output=True)
    bare = subprocess.run(command, cwd=folder, env=here, text=True, capture_output=True)

    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["services"].keys() == compose["services"].keys()
    assert bare.returncode == 1
    assert "is missing a value" in bare.stderr


def test_backups_are_unhealthy_where_the_newest_is_old(
    choose: Callable[[str], Path], tmp_path: Path
) -> None:
    services = read_compose(choose("use_database") / FILE, VARIABLES)["services"]
    kind, command = services["backup"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    dump = tmp_path / "2027-01-31.dump"

    shell = ["sh", "-c", replace(command, {"/backups": str(tmp_path)})]

    def check(hours: float) -> int:
        at = time.time() - hours * 3600
        os.utime(dump, (at, at))
        return subprocess.run(shell).returncode

    assert subprocess.run(shell).returncode == 1
    dump.touch()
    assert (check(25), check(27)) == (0, 1)


def test_routes_lead_to_services_that_are_there(folder: Path, compose: dict[str, Any]) -> None:
    http = yaml.safe_load((folder / ROUTES).read_text("utf-8"))["http"]
    services = http["services"]
    urls = {name: each["loadBalancer"]["servers"][0]["url"] for name, each in services.items()}
    used = {name for router in http["routers"].values() for name in router["middlewares"]}

    assert urls.pop("service") == "http://service:9123"
    shown = {"flower": "http://flower:5555", "pgadmin": "http://pgadmin"}
    assert urls == {name: url for name, url in shown.items() if name in compose["services"]}
    assert {router["service"] for router in http["routers"].values()} == services.keys()
    assert used == http["middlewares"].keys()
    assert http["middlewares"]["prefix"]["stripPrefix"]["prefixes"] == ["/post"]
    assert compose["services"]["service"]["environment"]["ROOT_PATH"] == "/post"


def test_what_is_declared_is_used(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    volumes = {each.split(":")[0] for one in services for each in one.get("volumes", [])}
    configs = {each["source"] for one in services for each in one.get("configs", [])}
    for kind, used in {
        "volumes": volumes,
        "configs": configs,
        "secrets": {each for one in services for each in one.get("secrets", [])},
        "networks": {each for one in services for each in one["networks"]},
    }.items():
        assert used == (compose.get(kind) or {}).keys(), kind


def test_another_version_brings_its_files(folder: Path, compose: dict[str, Any]) -> None:
    services = compose["services"]
    newer = read_compose(folder / FILE, {**VARIABLES, "VERSION": "1.1.0"})["services"]

    # Compose leaves a container as it is where its service says the same as before.
    assert {name for name in services if services[name] == newer[name]} == services.keys() & {
        *("flower", "pgadmin", "postgres", "rabbitmq")
    }


def test_only_the_proxy_is_open_and_everything_is_bounded(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert [name for name, each in services.items() if "ports" in each] == ["traefik"]
    for name, each in services.items():
        assert each["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert each["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert each["deploy"]["restart_policy"], name
    for name in services.keys() - {"postgres", "pgadmin", "rabbitmq"}:
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"]), name


@pytest.mark.parametrize("name", DEPLOYED)
def test_jobs_are_shown_on_this_machine(name: str, choose: Callable[[str], Path]) -> None:
    chosen = DEPLOYED[name]
    service = read_compose(choose(name) / "compose.yaml", {})["services"]["service"]
    shown = chosen["use_worker"] and chosen["queue"] == "pgqueuer" and not chosen["use_auth"]

    assert service["environment"].get("SERVE_JOBS") == ("true" if shown else None)
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_image_is_built_once_and_comes_from_nowhere_else(folder: Path) -> None:
    services = read_compose(folder / "compose.yaml", {})["services"]
    ours = {name: each for name, each in services.items() if each.get("image") == "post"}

    assert ours.keys() == PROGRAMS & services.keys()
    assert [name for name, each in ours.items() if "build" in each] == ["service"]
    assert {each.get("pull_policy") for name, each in ours.items() if name != "service"} <= {
        "never"
    }


@pytest.mark.parametrize("name", DEPLOYED)
def test_nothing_is_there_of_a_module_that_is_off(
    name: str, choose: Callable[[str], Path], tmp_path: Path
) -> None:
    shutil.copytree(choose(name) / "deploy", tmp_path / "deploy")
    shutil.copy(choose(name) / FILE, tmp_path)
    services = read_compose(tmp_path / FILE, VARIABLES)["services"]

    chosen = DEPLOYED[name]
    assert lines(tmp_path, *traces_off(chosen)) == []
    assert ("worker" in services) is chosen["use_worker"]
    for each in ("flower", "rabbitmq", "scheduler"):
        assert (each in services) is (chosen["queue"] == "celery")
    for each in ("backup", "migrate", "pgadmin", "postgres"):
        assert (each in services) is chosen["use_database"]
