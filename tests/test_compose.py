"""compose.production.yaml, in every choice of modules: who reads it, and what it says."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from composing import read_compose, replace
from git import Repo
from rendering import DEPLOYED, ROOT, render
from test_deployment_files import COMPOSE, check
from test_docs import settings, settings_of_providers
from test_manifest import lines, traces_off

FILE, ROUTES = "compose.production.yaml", "deploy/compose/routes.yaml"
VARIABLES = {
    "ADMIN_EMAIL": "ann@example.org",
    "AUTH_AUDIENCE": "items",
    "AUTH_ISSUER": "https://issuer.example",
    "DOMAIN": "example.org",
    "IMAGE": "registry.example.org/my-service",
    "VERSION": "1.0.0",
}
SECRETS = ("otel_headers", "pgadmin_password", "postgres_password", "rabbitmq_password", "users")
PROGRAMS = {"service", "worker", "scheduler", "migrate"}
# What is made of the secrets.
DATABASE = "postgresql://service:x@postgres:5432/service"
BROKER = "amqp://service:x@rabbitmq:5672//"
LOAD = """
import json, os, sys
from app.standard.service import load_settings
from config import Settings
for variables in json.loads(sys.argv[1]):
    os.environ.clear()
    os.environ.update(variables)
    load_settings(Settings)
"""
# The oldest client that was tried; `docker stack` of older ones wants a `version`.
SINCE = 28


@functools.cache
def docker() -> str:
    """Return where the client of Docker is, which reads stacks without an engine."""
    program = shutil.which("docker")
    if not program:
        pytest.skip("there is no client of Docker here")
    told = subprocess.run([program, "--version"], text=True, capture_output=True, check=True).stdout
    if int(re.findall(r"\d+", told)[0]) < SINCE:
        pytest.skip(f"the client of Docker is too old: {told}")
    return program


@pytest.fixture(scope="module")
def choose(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render a choice of modules when first asked for."""

    @functools.cache
    def project(name: str) -> Path:
        answers = {"deploy": "compose", "http_port": "9123", "service_slug": "post"}
        return render({**answers, **DEPLOYED[name]}, tmp_path_factory.mktemp("compose"))

    return project


@pytest.fixture(params=DEPLOYED)
def folder(request: pytest.FixtureRequest, choose: Callable[[str], Path]) -> Path:
    """Give each choice in turn."""
    return choose(request.param)


@pytest.fixture
def compose(folder: Path) -> dict[str, Any]:
    """Read the file of a choice."""
    return read_compose(folder / FILE, VARIABLES)


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


def test_each_program_takes_the_settings_that_it_is_given(folder: Path) -> None:
    told = [
        # The image says that it is for production.
        {"ENVIRONMENT": "production", **made, **services[name]["environment"]}
        for made, services in (
            (
                {"DATABASE_URL": DATABASE, "BROKER_URL": BROKER},
                read_compose(folder / FILE, VARIABLES)["services"],
            ),
            ({}, read_compose(folder / "compose.yaml", {})["services"]),
        )
        for name in PROGRAMS & services.keys()
    ]

    command = [sys.executable, "-c", LOAD, json.dumps(told)]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "programs", "made"),
    [
        ("use_database-use_worker", ["service", "worker", "migrate"], {"DATABASE_URL": DATABASE}),
        (
            "use_database-use_worker-celery",
            ["service", "worker", "scheduler", "migrate"],
            {"DATABASE_URL": DATABASE, "BROKER_URL": BROKER},
        ),
        (
            "use_worker-celery",
            ["service", "worker", "scheduler"],
            {"BROKER_URL": BROKER, "OTEL_EXPORTER_OTLP_HEADERS": "x"},
        ),
        ("use_worker-celery", ["flower"], {"CELERY_BROKER_URL": BROKER}),
        ("use_worker-celery", ["rabbitmq"], {"RABBITMQ_DEFAULT_PASS": "x"}),
    ],
)
def test_programs_get_the_passwords_of_the_secrets_or_do_not_start(
    name: str,
    programs: list[str],
    made: dict[str, str],
    choose: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    services = read_compose(choose(name) / FILE, VARIABLES)["services"]
    places = {"/run/secrets": str(tmp_path), "docker-entrypoint.sh ": ""}

    def start(program: str) -> tuple[int, list[str]]:
        entrypoint = "\n".join(services[program]["entrypoint"])
        for said, ours in places.items():
            entrypoint = entrypoint.replace(said, ours)
        command = [*entrypoint.split("\n"), "printenv", *made]
        done = subprocess.run(command, text=True, capture_output=True)
        return done.returncode, done.stdout.splitlines()

    assert [start(each) for each in programs] == [(1, [])] * len(programs)
    secrets = {each for program in programs for each in services[program]["secrets"]}
    for secret in secrets:
        (tmp_path / secret).write_text("x\n", "utf-8")
    assert [start(each) for each in programs] == [(0, [*made.values()])] * len(programs)


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


def test_settings_of_a_team_reach_each_program(
    choose: Callable[[str], Path], tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "compose.md").read_text("utf-8")
    here, there = (each for each in re.findall(r"```yaml\n(.*?)```", page, re.S) if "SHOP" in each)
    names = ["service", "worker", "migrate"]
    assert {*names} == yaml.safe_load(here)["services"].keys()
    folder = shutil.copytree(choose("use_database-use_worker"), tmp_path / "post")
    (folder / "ours.yaml").write_text(there, "utf-8")
    (folder / "secrets").mkdir(exist_ok=True)
    for name in (*SECRETS, "shop_secret"):
        (folder / "secrets" / name).write_text(f"the {name}\n", "utf-8")

    command = [docker(), "stack", "config", "--compose-file", FILE, "--compose-file", "ours.yaml"]
    done = subprocess.run(command, cwd=folder, env=os.environ | VARIABLES, capture_output=True)

    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    for name in names:
        started = [*services[name]["entrypoint"], *services[name]["command"]]
        # It shows what it was told, in the place of the program that it ends in.
        told = [each.replace("/run/secrets", f"{folder}/secrets") for each in started]
        told[-1] = re.sub("exec .*", "exec printenv DATABASE_URL SHOP_SECRET", told[-1])
        shown = subprocess.run(told, capture_output=True, text=True, check=True).stdout
        assert shown.splitlines() == [
            DATABASE.replace("x@", "the postgres_password@"),
            "the shop_secret",
        ]
        assert services[name]["environment"]["SHOP_URL"] == "https://shop.example.org"
        assert "LOG_LEVEL" in services[name]["environment"]


@pytest.mark.parametrize("file", [FILE, "compose.yaml"])
def test_stop_waits_for_what_ends(file: str, folder: Path) -> None:
    services = read_compose(folder / file, VARIABLES)["services"]

    for name in {"service", "worker", "scheduler"} & services.keys():
        setting = "SHUTDOWN_TIMEOUT" if name == "service" else "WORKER_SHUTDOWN_TIMEOUT"
        assert setting not in services[name]["environment"]
        # What is cancelled has five seconds, and what waits for the collector two.
        ending = int(settings()[setting]) + 5 + 2
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > ending, name


def test_bodies_fit_into_the_memory(compose: dict[str, Any]) -> None:
    told = settings()
    bodies = int(told["REQUEST_CONCURRENCY"]) * int(told["REQUEST_MAX_BYTES"]) * 2
    memory = compose["services"]["service"]["deploy"]["resources"]["limits"]["memory"]

    # As much as Kubernetes is told of is for the service itself.
    assert int(memory.removesuffix("M")) * 2**20 >= bodies + 256 * 2**20


def test_variables_are_settings_of_the_service(folder: Path, compose: dict[str, Any]) -> None:
    known = {*re.findall(r"^([A-Z_]+)=", (folder / ".env.example").read_text("utf-8"), re.M)}

    for name in PROGRAMS & compose["services"].keys():
        assert compose["services"][name]["environment"].keys() <= known


@pytest.mark.parametrize("file", [FILE, "compose.yaml"])
def test_what_a_provider_wants_reaches_who_asks_it(
    file: str, choose: Callable[[str], Path]
) -> None:
    told = dict.fromkeys({*settings_of_providers(), "CORS_ALLOW_ORIGINS"}, "told")
    # A worker asks for tokens, and checks none.
    asking = {"AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_TENANTS"}

    for name in ("use_database-use_auth-use_worker", "use_database-use_auth-use_worker-celery"):
        services = read_compose(choose(name) / file, VARIABLES | told)["services"]
        for program in {"service", "worker", "scheduler"} & services.keys():
            needed = told if program == "service" else dict.fromkeys(asking, "told")
            assert needed.items() <= services[program]["environment"].items(), program


def test_secrets_are_in_no_history_and_no_image(folder: Path) -> None:
    private = ["production.env", "secrets/users"]

    with Repo.init(folder) as repository:
        assert repository.ignored(*private) == private
    assert {"deploy", "production.env", "secrets"} <= {
        *(folder / ".dockerignore").read_text().split()
    }


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
