"""Every render is the same each time, tidy, and valid whatever its answers are."""

from __future__ import annotations

import ast
import itertools
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cruft
import pytest
import yaml
from rendering import AWKWARD, COMBINATIONS, MODULES, QUESTIONS, SERVICE, render

# Files in which a test below reads back the answers that are free text.
CHECKED = (".md", ".py", ".toml", ".yaml", ".yml")

# What Jinja hands on as it stands, such as an expression of a workflow of GitHub.
RAW = re.compile(r"# \{%\+ raw -%\}.*?# \{% endraw %\}", re.DOTALL)
REFERENCE = re.compile(r"\{\{resolve:secretsmanager:\$\{Secret\}:SecretString:\w+\}\}")
EXPRESSION = re.compile(r"\$\{\{ (github|matrix|secrets|vars)\.\w+ \}\}")


class AnyTag(yaml.SafeLoader):
    """Read YAML with tags of its own, such as GitLab's `!reference`."""


AnyTag.add_multi_constructor("!", lambda loader, suffix, node: None)


@pytest.fixture(
    scope="module", params=zip(itertools.cycle(QUESTIONS["framework"]), QUESTIONS["deploy"])
)
def awkward(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render everything with awkward answers."""
    framework, deploy = request.param
    answers = {**AWKWARD, **dict.fromkeys(MODULES, True), "framework": framework, "deploy": deploy}
    return render(answers, tmp_path_factory.mktemp("awkward"))


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_second_render_has_the_same_bytes(
    combination: str, rendered: Callable[[str], Path], tmp_path: Path
) -> None:
    again = render(COMBINATIONS[combination], tmp_path)

    assert contents(again) == contents(rendered(combination))


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_cruft_renders_the_same_bytes_as_cookiecutter(
    combination: str, rendered: Callable[[str], Path], template: Path, tmp_path: Path
) -> None:
    project = cruft.create(str(template), tmp_path, extra_context=COMBINATIONS[combination])
    (project / ".cruft.json").unlink()

    assert contents(project) == contents(rendered(combination))


def test_braces_of_the_template_name_an_answer(template: Path) -> None:
    stray = re.compile(r"\{\{(?! cookiecutter\.[a-z_]+ \}\})")

    assert [
        f"{path}:{number}: {line}"
        for path, text in texts(template / SERVICE.name)
        for number, line in enumerate(RAW.sub("", text).splitlines(), start=1)
        if stray.search(line)
    ] == []


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_nothing_of_the_template_language_is_left(
    combination: str, rendered: Callable[[str], Path]
) -> None:
    language, tool = re.compile(r"\{\{|\{%|%\}|\{#"), re.compile("cookiecutter", re.IGNORECASE)

    assert [
        f"{path}:{number}: {line}"
        for path, text in texts(rendered(combination))
        for number, line in enumerate(without_expressions(path, text).splitlines(), start=1)
        if language.search(line) or tool.search(line)
    ] == []


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_lines_are_tidy(combination: str, rendered: Callable[[str], Path]) -> None:
    assert [
        f"{path}: {fault}"
        for path, text in texts(rendered(combination))
        for fault in untidiness(path, text)
    ] == []


def test_free_text_stands_only_in_files_that_are_read_back(template: Path) -> None:
    service = template / SERVICE.name

    assert [path for path, _ in texts(service) if path.suffix not in CHECKED and named(path)] == []


def test_awkward_answers_make_valid_yaml(awkward: Path) -> None:
    for path, text in texts(awkward, ".yml", ".yaml"):
        assert_answers_in(path, scalars([*yaml.load_all(text, AnyTag)]))

    information = yaml.safe_load((awkward / "api-spec.yml").read_text("utf-8"))["info"]
    assert information["title"] == AWKWARD["service_name"]
    assert information["description"] == AWKWARD["description"]


def test_awkward_answers_make_valid_toml(awkward: Path) -> None:
    for path, text in texts(awkward, ".toml"):
        assert_answers_in(path, scalars(tomllib.loads(text)))

    project = tomllib.loads((awkward / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == awkward.name
    assert project["description"] == AWKWARD["description"]


def test_awkward_answers_make_valid_python(awkward: Path) -> None:
    for path, text in texts(awkward, ".py"):
        nodes = list(ast.walk(ast.parse(text, str(path))))
        assert_answers_in(path, [str(n.value) for n in nodes if isinstance(n, ast.Constant)])


def test_awkward_answers_make_valid_markdown(awkward: Path) -> None:
    for path, text in texts(awkward, ".md"):
        assert_answers_in(path, text.splitlines())
        assert len(re.findall(r"^ *```", text, re.MULTILINE)) % 2 == 0, path

    title = (awkward / "README.md").read_text("utf-8").splitlines()[0]
    assert title == f"# {AWKWARD['service_name']}"


def test_json_is_valid(awkward: Path) -> None:
    for path, text in texts(awkward, ".json"):
        assert json.loads(text), path


def contents(project: Path) -> dict[str, tuple[bool, bytes]]:
    """Map every file to what git keeps of it: whether it can be run, and its bytes."""
    return {
        str(path.relative_to(project)): (bool(path.stat().st_mode & 0o100), path.read_bytes())
        for path in project.rglob("*")
        if path.is_file()
    }


def texts(project: Path, *suffixes: str) -> Iterator[tuple[Path, str]]:
    """Yield the relative path and the text of each file, or of those with these suffixes."""
    for path in sorted(project.rglob("*")):
        if path.is_file() and (not suffixes or path.suffix in suffixes):
            yield path.relative_to(project), path.read_bytes().decode("utf-8")


def without_expressions(path: Path, text: str) -> str:
    """Return a text without what GitHub reads in its workflows, AWS, and the generator of clients."""
    if path.suffix == ".jinja":
        return ""
    if path.parts[:2] == ("deploy", "lambda"):
        return REFERENCE.sub("", text)
    return EXPRESSION.sub("", text) if ".github" in path.parts else text


def untidiness(path: Path, text: str) -> Iterator[str]:
    """Say what a removed block or a careless edit left behind."""
    blank_lines = 2 if path.suffix in (".py", ".mako", ".jinja") else 1
    if text != text.strip("\n") + "\n" and text:
        yield "does not start with a line of text and end with one line break"
    if "\r" in text:
        yield "has a carriage return"
    if "\n" * (blank_lines + 2) in text:
        yield f"has more than {blank_lines} blank lines together"
    for number, line in enumerate(text.split("\n"), start=1):
        if line != line.rstrip():
            yield f"has a space at the end of line {number}"


def named(path: Path) -> list[str]:
    """List the free-text answers that a file of the template names outside its comments."""
    lines = (SERVICE / path).read_text("utf-8").splitlines()
    code = [line for line in lines if not line.lstrip().startswith("#") or path.suffix == ".md"]
    return [name for name in AWKWARD if f"cookiecutter.{name}" in "\n".join(code)]


def assert_answers_in(path: Path, values: list[str]) -> None:
    """Assert that each answer the file names is part of one of its values, unharmed."""
    for name in named(path):
        assert any(str(AWKWARD[name]) in value for value in values), (path, name)


def scalars(tree: Any) -> list[str]:
    """List the keys and values of a parsed document as text."""
    if isinstance(tree, dict):
        return [text for pair in tree.items() for part in pair for text in scalars(part)]
    if isinstance(tree, list):
        return [text for item in tree for text in scalars(item)]
    return [str(tree)]
