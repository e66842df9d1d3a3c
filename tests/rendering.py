"""Render the template in process, away from the settings and the caches of this machine."""

from __future__ import annotations

import importlib.util
import itertools
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).resolve().parent.parent
SERVICE = ROOT / "{{cookiecutter.service_slug}}"
STANDARD_TESTS = ROOT / "tests" / "standard"
QUESTIONS: dict[str, Any] = {
    name: default
    for name, default in json.loads((ROOT / "cookiecutter.json").read_text("utf-8")).items()
    if not name.startswith("_")
}
# Nobody is asked: services from before have another answer, by `cruft.json`. All combinations have
# the sample: what is without it has tests of its own.
HIDDEN = {
    "_module_names_of_1_1": False,
    "_sample_of_1_3": False,
    "_contract_fuzz": True,
    "sample": QUESTIONS["sample"][0],
}
MODULES = [name for name, default in QUESTIONS.items() if isinstance(default, bool)]
# They take turns: each is met with every framework, and with every other module on and off.
TAKING_TURNS = ("use_telemetry", "use_page", "use_typescript_client", "use_clients")
CHOSEN = [name for name in MODULES if name not in TAKING_TURNS]
# A worker without a database, whose jobs wait in a broker, meets the others off, and on.
CHOICES = [
    modules
    for values in itertools.product([False, True], repeat=len(CHOSEN))
    if (modules := dict(zip(CHOSEN, values, strict=True)))["use_database"]
    or not modules["use_worker"]
    or modules["use_csv_export"] == modules["use_auth"]
]
# What a deployment depends on. The CSV export and what takes turns have little there: they are on
# where Celery is.
DEPLOYED: dict[str, dict[str, str | bool]] = {
    "-".join([*(name for name, on in modules.items() if on), *(["celery"] * celery)]) or "bare": {
        **modules,
        "queue": QUESTIONS["queue"][celery],
        "use_csv_export": celery,
        **dict.fromkeys(TAKING_TURNS, celery),
    }
    for modules in CHOICES
    if not modules["use_csv_export"]
    for celery in (False, True)
    if (modules["use_worker"] if celery else modules["use_database"] or not modules["use_worker"])
}
# They belong to the team, but they are not always there, so cruft cannot skip them.
MODULE_SEEDS = (
    "alembic/versions/0001_create_items.py",
    "alembic/versions/0002_create_queue.py",
    "alembic/versions/0003_create_exports.py",
    "alembic/versions/0004_create_idempotency_keys.py",
    "app/exports.py",
    "app/idempotency.py",
    "app/models.py",
    "app/routes.py",
    "app/tasks.py",
    "deploy/kubernetes/production/kustomization.yaml",
    "deploy/kubernetes/production/release/kustomization.yaml",
    "deploy/kubernetes/staging/kustomization.yaml",
    "deploy/kubernetes/staging/release/kustomization.yaml",
    "tests/test_exports.py",
    "tests/test_item_pages.py",
    "tests/test_item_writes.py",
    "tests/test_items.py",
    "tests/test_tasks.py",
)

# What tools leave in the work tree and git ignores: it is no part of the template.
LEFTOVERS = ("__pycache__", "*.pyc", ".*_cache", ".hypothesis", ".venv", ".env")

# Hard on YAML, TOML, Python, Markdown and INI, and yet what people call things.
AWKWARD: dict[str, str | bool] = {
    "service_name": "Gwasanaeth Llanfair: Tŷ'n y Coed & #1",
    "description": "100 % of 'post', e.g. #2: yes & no <b>*_~|[x](y) - 日本語 @ 5 €!",
    "team": "- Tîm Ôl-ofal: D'Arcy & Söhne, #3 (50 %)",
    "contact_email": "o'brien+post&mail#1@example.org",
}


def combinations() -> dict[str, dict[str, str | bool]]:
    """Name every framework with every choice of modules, as in `flask-database-csv_export`.

    Pipelines and deployments take turns: each is met with every framework, and with every module
    on and off. So do the queues, where there is a worker and a database.
    """
    named = {}
    for framework, modules in itertools.product(QUESTIONS["framework"], CHOICES):
        chosen = [name.removeprefix("use_") for name, on in modules.items() if on]
        odd = (len(chosen) + (framework == "flask")) % 2
        number = QUESTIONS["framework"].index(framework)
        place = (CHOICES.index(modules) + number) % len(QUESTIONS["deploy"])
        turn = (len(chosen) + number) % 2 if modules["use_database"] else 1
        taken = {
            "ci": QUESTIONS["ci"][odd],
            "deploy": QUESTIONS["deploy"][place],
            "queue": QUESTIONS["queue"][turn if modules["use_worker"] else 0],
            **{name: _has_its_turn(name, framework, modules) for name in TAKING_TURNS},
        }
        named["-".join([framework, *chosen])] = {"framework": framework, **modules, **taken}
    return named


def _has_its_turn(name: str, framework: str, modules: dict[str, bool]) -> bool:
    if len({*modules.values()}) == 1:
        # With all or with none.
        return modules["use_database"]
    turn = CHOICES.index(modules) + TAKING_TURNS.index(name)
    return bool((turn + turn // 2 + QUESTIONS["framework"].index(framework)) % 2)


COMBINATIONS = combinations()


def copy_template(destination: Path) -> Path:
    """Copy what cookiecutter reads, as git keeps it: no leftovers and no empty folders."""
    for folder in (ROOT / "hooks", SERVICE):
        ignore = shutil.ignore_patterns(*LEFTOVERS)
        shutil.copytree(folder, destination / folder.name, ignore=ignore)
    shutil.copy(ROOT / "cookiecutter.json", destination)
    for path in sorted(destination.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return destination


def render(
    answers: Mapping[str, str | bool],
    destination: Path,
    *,
    with_tests_of_the_standard: bool = False,
) -> Path:
    """Render the template with these answers, and the defaults of the others, and say where.

    The tests of the standard are not in a service; they are rendered with it to be run there.
    """
    with tempfile.TemporaryDirectory() as scratch:
        template = copy_template(Path(scratch, "template"))
        if with_tests_of_the_standard:
            for folder in folders_of_tests(answers):
                place = template / SERVICE.name / "tests" / "standard"
                ignore = shutil.ignore_patterns(*LEFTOVERS)
                shutil.copytree(STANDARD_TESTS / folder, place, ignore=ignore, dirs_exist_ok=True)
        config = write_config(Path(scratch))
        project = cookiecutter(
            str(template),
            no_input=True,
            extra_context=dict(answers),
            output_dir=str(destination),
            config_file=str(config),
        )
    return Path(project)


def folders_of_tests(answers: Mapping[str, str | bool]) -> list[str]:
    """Return the folders of the tests of the standard that are for these answers."""
    chosen = [name.removeprefix("use_") for name in MODULES if answers.get(name, QUESTIONS[name])]
    framework = str(answers.get("framework", QUESTIONS["framework"][0]))
    queue = [str(answers.get("queue", QUESTIONS["queue"][0]))] if "worker" in chosen else []
    with_database = [f"{each}_database" for each in queue if "database" in chosen]
    meetings = {
        "database_export": {"database", "csv_export"},
        "telemetry_celery": {"telemetry", "celery"},
        "telemetry_csv_export": {"telemetry", "csv_export"},
        "telemetry_database": {"telemetry", "database"},
        "telemetry_worker": {"telemetry", "pgqueuer", "csv_export"},
    }
    meeting = [name for name, needed in meetings.items() if needed <= {*chosen, *queue}]
    names = ["base", framework, *chosen, *queue, *with_database, *meeting]
    return [name for name in names if (STANDARD_TESTS / name).is_dir()]


def write_config(folder: Path) -> Path:
    """Write a cookiecutter configuration that keeps everything in the folder."""
    config = folder / "cookiecutter.yaml"
    places = {name: str(folder / name) for name in ("cookiecutters_dir", "replay_dir")}
    config.write_text(json.dumps(places), "utf-8")
    return config


def load_hook(name: str) -> ModuleType:
    """Import a hook as it stands in the template, un-rendered."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "hooks" / f"{name}.py")
    assert spec and spec.loader
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    return hook
