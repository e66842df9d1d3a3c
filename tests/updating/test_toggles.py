"""Modules and the framework are changed on a living service, at the version that it has."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import COMBINATIONS, MODULES, QUESTIONS

from updating import team
from updating.conftest import RELEASES
from updating.living import NOW, Create, clone, commit, files, status

Run = Callable[..., int]
KEYS = "create_idempotency_keys"
# Each module with all frameworks but one, which is another one each time.
FRAMEWORKS = QUESTIONS["framework"]
PAIRS = [
    (module, framework)
    for number, module in enumerate(MODULES)
    for framework in FRAMEWORKS
    if framework != FRAMEWORKS[number % len(FRAMEWORKS)]
]


@pytest.mark.parametrize(("module", "framework"), PAIRS)
def test_module_off_and_on_again_makes_a_new_service(
    framework: str, module: str, create: Create, run: Run, tmp_path: Path
) -> None:
    answers = {"framework": framework, **dict.fromkeys(MODULES, True)}
    # It cannot be without a database, as another one can.
    answers["use_worker"] = module != "use_database"
    service = create(NOW, **answers)

    for number, value in enumerate([False, True, False]):
        service = clone(service, tmp_path / f"clone-{number}")
        assert run(service, "--answers", f"{module}={value}".lower()) == 0
        fresh = create(NOW, f"fresh-{number}", **answers | {module: value})
        found = files(service)
        # Migrations that come stand behind those that are there: another order is as good.
        own = {path for path in found if path.startswith((".cruft.json", "alembic/versions/"))}
        assert found.keys() == files(fresh).keys()
        assert found == {**files(fresh), **{path: found[path] for path in own}}
        assert answers_of(service) == answers_of(fresh)


def test_framework_is_changed_and_changed_back(
    create: Create, run_counted: Run, tmp_path: Path
) -> None:
    answers = COMBINATIONS["flask-database-csv_export-auth"]
    service = create(NOW, **answers)
    pristine = files(service)
    kept = team.edit(service)
    commit(service, "A year of work")
    before = files(service)
    edited = {path for path in before if before[path] != pristine.get(path)} | {".cruft.json"}

    for framework in ("async", "fastapi", "flask"):
        service = clone(service, tmp_path / framework)
        assert run_counted(service, "--answers", f"framework={framework}") == 0
        fresh = files(create(NOW, f"fresh-{framework}", **answers | {"framework": framework}))
        found = files(service)
        assert found["app/api.py"] == before["app/api.py"]
        assert {path: found[path] for path in found.keys() - edited} == {
            path: fresh[path] for path in fresh.keys() - edited
        }
    assert files(service) == {**before, ".cruft.json": files(service)[".cruft.json"]}
    assert team.lost(service, kept) == []


def test_queue_is_changed_and_changed_back(create: Create, run: Run, tmp_path: Path) -> None:
    answers = COMBINATIONS["async"] | {"use_database": True, "use_worker": True}
    service = create(NOW, **answers | {"queue": "pgqueuer"})

    for queue, history in (
        ("celery", kept := {"0001": None, "create_exports": "0001", KEYS: "create_exports"}),
        # What comes follows the newest.
        ("pgqueuer", {**kept, "create_queue": KEYS}),
    ):
        service = clone(service, tmp_path / queue)
        assert run(service, "--answers", f"queue={queue}") == 0
        fresh = create(NOW, f"fresh-{queue}", **answers | {"queue": queue})
        assert other_files(service) == other_files(fresh)
        assert history_of(service) == history


def other_files(service: Path) -> dict[str, str]:
    """Return the files of a service but for its answers and its migrations."""
    return {
        path: content
        for path, content in files(service).items()
        if path != ".cruft.json" and not path.startswith("alembic/versions/")
    }


def history_of(service: Path) -> dict[str, str | None]:
    """Return what each migration of a service follows."""
    texts = [path.read_text("utf-8") for path in (service / "alembic" / "versions").glob("*.py")]
    found = [dict(re.findall(r"^(revision|down_revision) = (.+)$", text, re.M)) for text in texts]
    return {
        ast.literal_eval(each["revision"]): ast.literal_eval(each["down_revision"])
        for each in found
    }


def test_worker_stays_where_the_database_leaves(create: Create, run: Run) -> None:
    answers = COMBINATIONS["async"] | {"use_worker": True, "queue": "celery"}
    service = create(NOW, **answers | {"use_database": True})

    assert run(service, "--answers", "use_database=false") == 0

    fresh = create(NOW, "fresh", **answers)
    assert files(service) == {**files(fresh), ".cruft.json": files(service)[".cruft.json"]}


def test_service_of_1_2_keeps_its_pipeline_and_changes_to_the_other(
    create: Create, run_counted: Run, tmp_path: Path
) -> None:
    service = create(RELEASES["1.2.0"], **COMBINATIONS["async"])
    # New services get a newer Python, and no clients.
    same = {"deploy": "none", "python_version": "3.13", "use_clients": True}
    answers = COMBINATIONS["async"] | same
    of_gitlab = files(create(NOW, "new", **answers | {"ci": "gitlab"}))[".gitlab-ci.yml"]
    assert run_counted(service, "--to", NOW) == 0
    assert files(service)[".gitlab-ci.yml"] == of_gitlab
    assert not [path for path in files(service) if path.startswith(".github/")]
    assert answers_of(service)["ci"] == "gitlab"

    service = clone(service, tmp_path / "github")
    assert run_counted(service, "--answers", "ci=github") == 0
    fresh = create(NOW, "fresh", **answers | {"ci": "github"})
    pipeline = {path for path in files(fresh) if path.startswith(".github/")}
    assert {path: files(service).get(path) for path in pipeline} == {
        path: files(fresh)[path] for path in pipeline
    }
    assert ".gitlab-ci.yml" not in files(service)

    service = clone(service, tmp_path / "gitlab")
    assert run_counted(service, "--answers", "ci=gitlab") == 0
    assert files(service)[".gitlab-ci.yml"] == of_gitlab
    assert not [path for path in files(service) if path.startswith(".github/")]


def test_service_of_1_3_is_put_on_one_host_on_lambda_and_taken_from_there(
    create: Create, run_counted: Run, tmp_path: Path
) -> None:
    service = create(RELEASES["1.3.0"], **COMBINATIONS["async-database"])
    assert run_counted(service, "--to", NOW) == 0
    before = files(service)
    assert answers_of(service)["deploy"] == "none"
    assert not [path for path in before if path.startswith(("compose.prod", "deploy/"))]

    for answer in ("compose", "lambda", "none"):
        service = clone(service, tmp_path / answer)
        assert run_counted(service, "--answers", f"deploy={answer}") == 0
        # What 1.3.0 did not ask for is off.
        answers = {"deploy": answer, "use_typescript_client": False}
        fresh = create(NOW, f"fresh-{answer}", **COMBINATIONS["async-database"] | answers)
        kinds = ("compose.production.yaml", "deploy/compose/backup.sh", "lambda_handler.py")
        for path in (*kinds, "deploy/lambda/image.yaml", ".gitignore"):
            assert files(service).get(path) == files(fresh).get(path), path
    assert files(service) == {**before, ".cruft.json": files(service)[".cruft.json"]}


def test_pipeline_that_a_team_edited_is_kept_when_the_other_comes(
    create: Create, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = create(NOW, **COMBINATIONS["async"])
    kept = team.edit(service)
    commit(service, "A year of work")

    assert run(service, "--answers", "ci=github") == 2

    assert "- .gitlab-ci.yml: you changed it, the template removed it" in capsys.readouterr().out
    assert (service / ".github" / "workflows" / "pipeline.yml").exists()
    assert team.lost(service, kept) == []


def test_service_of_1_3_goes_to_a_cluster_and_leaves_it(
    create: Create, run_counted: Run, tmp_path: Path
) -> None:
    # There was no telemetry then.
    answers = COMBINATIONS["flask-database"] | {"use_telemetry": False}
    service = create(RELEASES["1.3.0"], **answers)
    assert run_counted(service, "--to", NOW) == 0
    before = files(service)

    for answer in ("kubernetes", "none"):
        service = clone(service, tmp_path / answer)
        assert run_counted(service, "--answers", f"deploy={answer}") == 0
        fresh = files(create(NOW, f"fresh-{answer}", **answers | {"deploy": answer}))
        found = files(service)
        assert {
            path: found[path] for path in found if path.startswith(("deploy/", "scripts/"))
        } == {path: fresh[path] for path in fresh if path.startswith(("deploy/", "scripts/"))}
        assert ("deploy/kubernetes/base/service.yaml" in found) == (answer == "kubernetes")
    assert files(service) == {**before, ".cruft.json": files(service)[".cruft.json"]}


def test_module_comes_to_a_service_that_a_team_wrote(create: Create, run_counted: Run) -> None:
    service = create(NOW, **COMBINATIONS["async"])
    kept = team.edit(service)
    commit(service, "A year of work")

    assert run_counted(service, "--answers", "use_auth=true") == 0

    assert status(service) == {}
    assert team.lost(service, kept) == []
    assert (service / "app" / "standard" / "auth").exists()


def test_edited_file_of_a_module_that_leaves_is_kept(
    create: Create, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = create(NOW, **COMBINATIONS["flask-database"])
    models = service / "app" / "models.py"
    models.write_text(models.read_text("utf-8") + team.MODEL, "utf-8")
    commit(service, "Notes")

    assert run(service, "--answers", "use_database=false") == 2

    assert "- app/models.py: you changed it, the template removed it" in capsys.readouterr().out
    assert models.read_text("utf-8").endswith(team.MODEL)
    assert not (service / "app" / "standard" / "database.py").exists()


def test_edited_seed_gets_markers(create: Create, run: Run) -> None:
    service = create(NOW, **COMBINATIONS["flask"])
    queries = service / "app" / "data_queries.py"
    queries.write_text(queries.read_text("utf-8").replace("Alder", "Elder"), "utf-8")
    commit(service, "Another tree")

    assert run(service, "--answers", "use_database=true") == 2

    assert status(service)["app/data_queries.py"] == "UU"
    assert "<<<<<<< service" in queries.read_text("utf-8")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("use_databse=true", "use_databse is no answer: say NAME=VALUE with one of service_name,"),
        ("use_database", "use_database is no answer"),
        ("_template=x", "_template is no answer"),
        ("use_database=perhaps", "The template refuses the answers:"),
        ("framework=django", "The template refuses the answers:"),
        ("ci=jenkins", "The template refuses the answers:"),
        ("http_port=1", "http_port must be a number from 1024 to 65535"),
    ],
)
def test_bad_answer_is_refused(
    answer: str, why: str, create: Create, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    service = create(NOW, **COMBINATIONS["flask"])
    before = files(service)

    assert run(service, "--answers", answer) == 1

    error = capfd.readouterr().err
    assert why in error
    assert "Traceback" not in error
    assert (files(service), status(service)) == (before, {})


def test_same_answers_change_nothing(
    create: Create, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = create(NOW, **COMBINATIONS["flask"])

    assert run(service, "--answers", "framework=flask", "use_auth=false") == 0
    assert "Nothing changes." in capsys.readouterr().out


def answers_of(service: Path) -> dict[str, str]:
    """Return the answers in `.cruft.json`."""
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    context: dict[str, str] = state["context"]["cookiecutter"]
    return {name: value for name, value in context.items() if not name.startswith("_")}
