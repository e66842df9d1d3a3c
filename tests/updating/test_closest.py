"""A service that says nothing of its origin is adopted from the release and answers it is of."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import COMBINATIONS, MODULE_SEEDS

from updates.sketches import Sketches
from updates.template import Template as Origin
from updating import team
from updating.conftest import RELEASES
from updating.living import NOW, Create, branch, commit, status
from updating.toy import Toy

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
NAMES = {
    "service_name": "Our Letters",
    "service_slug": "our-letters",
    "description": "Letters, to whom it may concern: 100 %",
    "team": "Pens, Ink & Paper",
    "contact_email": "ink@example.org",
    "http_port": "9001",
}
SERVICES = [
    ("v1.0.0", "flask-auth", "3.11"),
    ("v1.0.0", "async-database-csv_export-auth", "3.13"),
    ("v1.1.0", "async", "3.13"),
    ("v1.1.0", "flask-database-csv_export", "3.12"),
    ("v1.2.0", "async-csv_export", "3.11"),
    ("v1.2.0", "flask-database-auth", "3.13"),
    ("v1.3.0", "flask-csv_export-auth", "3.12"),
    ("v1.3.0", "async-database", "3.13"),
    (NOW, "fastapi-database-csv_export-auth", "3.14"),
    (NOW, "async-csv_export-auth", "3.12"),
]
HTTP = "app/standard/http.py"


def work(service: Path) -> None:
    """Do the work of a year, and forget the template."""
    team.edit(service)
    for seed in MODULE_SEEDS[1:]:
        (service / seed).unlink(missing_ok=True)
    (service / "app" / "api.py").write_text('"""Ours."""\n', "utf-8")
    (service / "app" / "letters.py").write_text('"""Ours, too."""\n', "utf-8")
    readme = service / "README.md"
    readme.write_text("".join(readme.read_text("utf-8").splitlines(True)[:9]), "utf-8")
    forget(service)


def forget(service: Path) -> None:
    """Remove what says where a service is from, and commit."""
    (service / ".cruft.json").unlink()
    commit(service, "Without the template")


def read_answers(service: Path) -> dict[str, str | bool]:
    """Return the answers that a service is linked with, and the version as one of them."""
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    context = state["context"]["cookiecutter"]
    others = {"_jinja2_env_vars", "_template", "_commit"}
    answers = {name: value for name, value in context.items() if name not in others}
    return answers | {"version": state["checkout"]}


@pytest.mark.parametrize(("version", "combination", "python"), SERVICES)
def test_release_and_answers_are_found_after_a_year(
    version: str,
    combination: str,
    python: str,
    create: Create,
    history: Path,
    run: Run,
    run_counted: Run,
    capsys: Captured,
) -> None:
    created = RELEASES.get(version.removeprefix("v"), version)
    service = create(created, **COMBINATIONS[combination], **NAMES, python_version=python)
    expected = read_answers(service) | {"version": version}
    work(service)
    capsys.readouterr()

    assert run(service, "--adopt", str(history)) == 0

    printed = capsys.readouterr().out
    assert f"The closest is --to {version} --answers " in printed
    assert "  differs  app/api.py (+1 -" in printed
    assert " files are in the service only." in printed
    found = read_answers(service)
    # The work of a year has replaced the sample: which one there was, nothing tells.
    for name in ("sample", "_sample_of_1_3"):
        assert found.pop(name, None) is None or version == NOW
        expected.pop(name, None)
    assert found == expected
    commit(service, "Link to the template")
    if version != NOW:
        assert run_counted(service) == 0
        assert branch(service) == f"template-update/{NOW}"


def test_other_format_and_names_of_older_releases_do_not_matter(
    create: Create, history: Path, run: Run, run_counted: Run
) -> None:
    service = create(RELEASES["1.1.0"], **COMBINATIONS["flask-database"], **NAMES)
    assert run(service, "--to", "v1.2.0") == 0
    expected = read_answers(service)
    assert expected["_module_names_of_1_1"] is True
    team.replace(service / "pyproject.toml", "line-length = 100", "line-length = 120")
    format = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache"]
    subprocess.run(format, cwd=service, check=True)
    work(service)

    assert run(service, "--adopt", str(history)) == 0

    assert read_answers(service) == expected
    commit(service, "Link to the template")
    assert run_counted(service) == 0


def test_sketch_is_the_render(history: Path, tmp_path: Path) -> None:
    template = Origin(str(history), tmp_path / "clone.git", tmp_path / "renders", shared=True)
    sketches = Sketches(template, tmp_path / "sketches")
    for target in (template.find("v1.1.0"), template.find(NOW)):
        answers = {**COMBINATIONS["async-database-auth"], **NAMES}

        render = template.renders.read(target.commit, answers)

        assert sketches.read(target.commit, answers) == render


def test_service_of_something_else_is_refused(
    create: Create, history: Path, run: Run, capsys: Captured
) -> None:
    service = create(NOW, **COMBINATIONS["flask"])
    forget(service)
    for file in service.rglob("*.*"):
        if file.is_file() and ".git" not in file.parts:
            file.write_text("Of somebody else.\n", "utf-8")

    assert run(service, "--adopt", str(history)) == 1

    said = capsys.readouterr().err
    assert "Nothing is close to this service: it has " in said
    assert "Below 50%, updates would conflict in most files" in said
    assert "say --to and --answers" in said
    assert not (service / ".cruft.json").exists()


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a template whose second release changes a line."""
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", {HTTP: '"""HTTP."""\n\nPORT = 9090\n'})
    return toy


def create_toy(toy: Toy, place: Path, port: str) -> Path:
    """Create a service that has another line there."""
    service = toy.create(place)
    (service / HTTP).write_text(f'"""HTTP."""\n\nPORT = {port}\n', "utf-8")
    forget(service)
    return service


def test_two_that_are_as_close_are_refused(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = create_toy(toy, tmp_path / "service", "7070")

    assert run(service, "--adopt", str(toy.folder)) == 1

    said = capsys.readouterr().err
    assert "As close is v1.0.0, from which 2 lines differ: say --to and --answers" in said
    assert status(service) == {}
    assert run(service, "--adopt", str(toy.folder), "--to", "v1.0.0") == 0
    assert read_answers(service)["version"] == "v1.0.0"


def test_next_one_is_told_if_it_is_close(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = create_toy(toy, tmp_path / "service", "8080")
    (service / "app" / "api.py").write_text("OURS = 1\n" * 20, "utf-8")

    assert run(service, "--adopt", str(toy.folder)) == 0

    printed = capsys.readouterr().out
    assert "The closest is --to v1.0.0" in printed
    assert "The next is v1.1.0, from which 23 lines differ." in printed


def test_newest_of_equal_releases_is_taken(toy: Toy, run: Run, tmp_path: Path) -> None:
    toy.release("1.1.1", {}, note='"""Nothing in services."""\n')
    service = create_toy(toy, tmp_path / "service", "9090")

    assert run(service, "--adopt", str(toy.folder)) == 0

    assert read_answers(service)["version"] == "v1.1.1"


def ask(toy: Toy, **questions: object) -> None:
    """Release a version with questions, of which two are seen in a file, and one is checked."""
    toy.write_own("cookiecutter.json", json.dumps({"service_slug": "toy", **questions}))
    hook = 'import sys\n\nsys.exit("-" in "{{ cookiecutter.title }}" and "title has a dash")\n'
    toy.write_own("hooks/pre_gen_project.py", hook)
    notes = "# {{ cookiecutter.title }}\n\nColour: {{ cookiecutter.colour }}\nSize: small\n"
    notes += "{% if cookiecutter.loud %}It is loud.\nVery.\n{% endif %}"
    manual = "Title: {{ cookiecutter.title }}\n"
    toy.release("1.2.0", {"NOTES.md": notes, "MANUAL.md": manual})


def test_answers_that_are_given_are_kept_and_others_found(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    ask(toy, title="Toys", colour=["red", "blue"], loud=False, _old=False)
    service = toy.create(tmp_path / "service", version="v1.2.0")
    text = "# Our Toys\n\nColour: blue\nSize: small\nIt is loud.\nVery.\n"
    (service / "NOTES.md").write_text(text, "utf-8")
    (service / "MANUAL.md").write_text("Title: Our Toys\n", "utf-8")
    forget(service)

    assert run(service, "--adopt", str(toy.folder), "--answers", "nothing=1") == 1
    assert "nothing is no answer" in capsys.readouterr().err
    assert run(service, "--adopt", str(toy.folder), "--answers", "colour=green") == 1
    assert "None of them offers colour=green." in capsys.readouterr().err
    assert run(service, "--adopt", str(toy.folder), "--answers", "loud=maybe") == 1
    assert "The template refuses the answers: maybe provided for" in capsys.readouterr().err
    assert status(service) == {}
    assert run(service, "--adopt", str(toy.folder), "--answers", "colour=red", "_old=true") == 0

    assert read_answers(service) == {
        "service_slug": "toy",
        "title": "Our Toys",
        "colour": "red",
        "loud": True,
        "_old": True,
        "version": "v1.2.0",
    }


def test_answer_that_the_template_refuses_is_not_learned(
    toy: Toy, run: Run, tmp_path: Path
) -> None:
    ask(toy, title="Toys", colour=["red", "blue"], loud=False)
    service = toy.create(tmp_path / "service", version="v1.2.0")
    (service / "NOTES.md").write_text("# Our Toys\n\nColour: mauve\nSize: small\n", "utf-8")
    (service / "MANUAL.md").write_text("Title: Our-Toys\n", "utf-8")
    forget(service)

    assert run(service, "--adopt", str(toy.folder)) == 0

    answers = read_answers(service)
    assert (answers["title"], answers["colour"]) == ("Our Toys", "red")


def test_search_is_bounded(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("updates.closest.MOST", 1)
    service = create_toy(toy, tmp_path / "service", "9090")

    assert run(service, "--adopt", str(toy.folder)) == 1

    assert "1 renders did not show the closest: say --to and --answers." in capsys.readouterr().err
