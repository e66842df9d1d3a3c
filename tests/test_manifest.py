"""The manifest in the post-generation hook says which files a render has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

import pytest
from rendering import COMBINATIONS, HIDDEN, MODULES, QUESTIONS, SERVICE, load_hook

hook = load_hook("post_gen_project")
PATHS: list[str] = [path for _, paths in hook.MANIFEST for path in paths]


# `postgres` is not among them: the CSV dialect writes numbers as PostgreSQL does, and says so.
TRACES = {
    "use_database": "alembic|asyncpg|database|migrat|sqlalchemy",
    "use_csv_export": "csv",
    # Nor are `bearer` and `token`: the log masks them in every service. What is shown to AWS, and
    # to registries, has such names there.
    "use_auth": (
        r"audience(?!=sts)|(?<!gh )\bauth\b|(?<!registry_)auth_|development-key|issuer|jw[kt]|"
        r"oauth|openid|principal|(?<!node\.)\broles?\b(?!=|: \")|signing|_client_id|"
        r"(?<!id_)tokens|(admin|reader|issue)_token"
    ),
    # The server and the threads of blocking code have workers and queues, too.
    "use_worker": (
        r"cronsim|enqueue|pgqueuer|standard\.worker|\btasks\.py|work\.py|"
        r"worker_(port|jobs|shutdown|lost|history|database)|run_jobs|make_current"
    ),
    # FastAPI looks for OpenTelemetry by itself, and says so.
    "use_telemetry": (
        r"standard[./]telemetry|otel_(?!\")|prometheus|metrics_port|log_fields|trace_?id|"
        r"fingerprint|observability|tracedclient|opentelemetry import|grafana|\becs\b"
    ),
    # Other modules have pages, too.
    "use_page": r"standard[./]page\b|/page/|x-page|x-values",
    # Those who call this service are its clients, too.
    "use_clients": (
        r"client-gen|generate_clients|clients-check|openapi.python.client|ruamel|\battrs\b|"
        r"client_of|(app|standard|scripts)[./]clients\b|generated client|call another service|"
        r'that we call|^ +"?clients"?,'
    ),
    "use_typescript_client": r"typescript",
}
# The page for people reads CSV, whoever makes it.
ELSEWHERE = {"use_csv_export": "app/standard/page"}
# In a service with the other queue, or with none.
TRACES_OF_QUEUES = {
    "pgqueuer": r"pgqueuer|worker_(lost|history|database)|serve_jobs|ui/jobs|jobs\.manage",
    "celery": r"amqp|broker|celery|flower|kombu|rabbitmq|redis:|worker_(longest|schedules)",
}
# Of the other pipeline; an address of an issue is none.
TRACES_OF_PIPELINES = {
    "gitlab": r"gitlab|merge.request|\bCI_",
    "github": r"github(?!\.com/[a-z-]+/[a-z]+/(issues|pull)/)|\bgh\b|pull.request",
}

# Of a cluster; that `docker stop` waits less than Kubernetes, and that it looks at the user of the
# image, is told to all.
TRACES_OF_DEPLOYMENTS = {
    "kubernetes": r"kubeconfig|kubectl|kustomiz|deploy/kubernetes|scripts/(deploy|release)\.sh",
    "lambda": r"aws_lwa|aws_?lambda|lambda_(function|handler)|deploy/lambda|mangum|\.lambda\b|_lambda\.sh",
}

TRACES_OF_FRAMEWORKS = {"flask": "fastapi", "async": "fastapi", "fastapi": "connexion|flask"}


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """Make a project of the manifest's paths and one file more."""
    project = tmp_path / "project"
    for path in PATHS:
        file = project / path if PurePath(path).suffix else project / path / "inner" / "file"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (project / "README.md").touch()
    return project


@pytest.mark.parametrize("path", PATHS)
def test_path_of_the_manifest_is_in_the_template(path: str) -> None:
    assert (SERVICE / path).exists()


def test_no_path_stands_in_the_manifest_twice() -> None:
    assert len(PATHS) == len(set(PATHS))


def test_no_path_of_the_manifest_lies_in_a_folder_of_it() -> None:
    assert not [path for path in PATHS for above in PurePath(path).parents if str(above) in PATHS]


@pytest.mark.parametrize("missing", PATHS)
def test_missing_path_is_an_error_that_names_it_and_removes_nothing(
    missing: str, stand_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stand_in / missing).rename(stand_in / "elsewhere")
    before = sorted(stand_in.rglob("*"))
    answers = json.dumps(COMBINATIONS["flask"] | HIDDEN)

    assert hook.main(stand_in, answers) == 1
    assert capsys.readouterr().err == f"The template lacks paths of the manifest: {missing}.\n"
    assert sorted(stand_in.rglob("*")) == before


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_hook_leaves_what_was_chosen_and_no_empty_folder(combination: str, stand_in: Path) -> None:
    assert hook.main(stand_in, json.dumps(COMBINATIONS[combination] | HIDDEN)) == 0
    assert (stand_in / "README.md").exists()
    assert existing_paths(stand_in) == expected_paths(combination)
    assert empty_folders(stand_in) == []


def test_project_folder_stays_even_when_nothing_is_left_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project" / "deep" / "down").mkdir(parents=True)
    (tmp_path / "project" / "deep" / "down" / "file").touch()
    monkeypatch.setattr(hook, "MANIFEST", [(lambda answers: False, ["deep/down/file"])])

    assert hook.main(tmp_path / "project", "{}") == 0
    assert list(tmp_path.rglob("*")) == [tmp_path / "project"]


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_render_has_the_files_of_its_modules_only(
    combination: str, rendered: Callable[[str], Path]
) -> None:
    assert existing_paths(rendered(combination)) == expected_paths(combination)


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_render_has_no_empty_folder(combination: str, rendered: Callable[[str], Path]) -> None:
    assert empty_folders(rendered(combination)) == []


def existing_paths(project: Path) -> set[str]:
    """Tell which paths of the manifest a project has."""
    return {path for path in PATHS if (project / path).exists()}


def expected_paths(combination: str) -> set[str]:
    """Tell which paths of the manifest a combination should have."""
    answers = COMBINATIONS[combination] | HIDDEN
    return {path for stays, paths in hook.MANIFEST if stays(answers) for path in paths}


def empty_folders(project: Path) -> list[Path]:
    """List the folders with nothing in them."""
    return [path for path in project.rglob("*") if path.is_dir() and not any(path.iterdir())]


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_module_that_is_off_leaves_no_word(
    combination: str, rendered: Callable[[str], Path]
) -> None:
    project = rendered(combination)
    names = {*off(combination)}

    assert lines(project, *(TRACES[name] for name in names - ELSEWHERE.keys())) == []
    for name in names & ELSEWHERE.keys():
        elsewhere = str(project / ELSEWHERE[name])
        found = lines(project, TRACES[name])
        assert [line for line in found if not line.startswith(elsewhere)] == []


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_queue_that_was_not_chosen_leaves_no_word(
    combination: str, rendered: Callable[[str], Path]
) -> None:
    answers = COMBINATIONS[combination]
    others = {*QUESTIONS["queue"]} - ({answers["queue"]} if answers["use_worker"] else set())

    assert lines(rendered(combination), *(TRACES_OF_QUEUES[each] for each in sorted(others))) == []


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_pipeline_of_the_other_kind_leaves_no_word(
    combination: str, rendered: Callable[[str], Path]
) -> None:
    (other,) = {*QUESTIONS["ci"]} - {COMBINATIONS[combination]["ci"]}
    chosen = TRACES_OF_PIPELINES[str(COMBINATIONS[combination]["ci"])]

    assert lines(rendered(combination), TRACES_OF_PIPELINES[other]) == []
    assert lines(rendered(combination), chosen)


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_other_framework_leaves_no_word(combination: str, rendered: Callable[[str], Path]) -> None:
    traces = TRACES_OF_FRAMEWORKS[str(COMBINATIONS[combination]["framework"])]

    assert lines(rendered(combination), traces) == []


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_deployment_elsewhere_leaves_no_word(
    combination: str, rendered: Callable[[str], Path]
) -> None:
    chosen = COMBINATIONS[combination]["deploy"]
    traces = [trace for name, trace in TRACES_OF_DEPLOYMENTS.items() if name != chosen]

    assert lines(rendered(combination), *traces) == []


def lines(project: Path, *traces: str) -> list[str]:
    """Return the lines of a project, names of files among them, with one of the traces."""
    expressions = [re.compile(trace, re.IGNORECASE) for trace in traces]
    return [
        f"{path}:{number}: {line}"
        for path in project.rglob("*")
        # It names packages of others, and where those are kept.
        if path.is_file() and path.name != "package-lock.json"
        for number, line in enumerate(
            [str(path.relative_to(project)), *path.read_text("utf-8").splitlines()]
        )
        if any(expression.search(line) for expression in expressions)
    ]


def traces_off(answers: Mapping[str, str | bool]) -> list[str]:
    """List the traces of the modules and the queues that these answers do without."""
    queue = answers["queue"] if answers["use_worker"] else None
    return [
        *(TRACES[name] for name in MODULES if not answers[name]),
        *(trace for name, trace in TRACES_OF_QUEUES.items() if name != queue),
    ]


def off(combination: str) -> list[str]:
    """List the modules that a combination does without."""
    return [name for name in MODULES if not COMBINATIONS[combination][name]]
