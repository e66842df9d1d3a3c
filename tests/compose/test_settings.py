"""What the programs of a service are given by Compose: settings, secrets, memory and time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from composing import read_compose
from git import Repo
from rendering import ROOT
from test_docs import settings, settings_of_providers

from compose.conftest import FILE, PROGRAMS, SECRETS, VARIABLES, docker

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
