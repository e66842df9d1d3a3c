"""Bad answers are refused before a file is written; awkward ones are not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config
from pytest_cookies.plugin import Cookies
from rendering import AWKWARD, QUESTIONS, ROOT, load_hook, render

hook = load_hook("pre_gen_project")

LINE = "printable characters, without double quotes, backslashes or braces"
WANTED = {
    "service_name": f"one line of 1 to 60 {LINE}",
    "service_slug": "2 to 40 lower-case letters, digits and hyphens",
    "description": f"one line of 1 to 200 {LINE}",
    "team": f"one line of 1 to 60 {LINE}",
    "contact_email": "an e-mail address such as my-team@example.org",
    "python_version": "one of 3.14, 3.13, 3.12, 3.11",
    "http_port": "a number from 1024 to 65535 in plain digits",
    "framework": "one of flask, async, fastapi",
    "ci": "one of gitlab, github",
    "deploy": "one of kubernetes, compose, lambda, none",
    "queue": "one of pgqueuer, celery",
    "sample": "one of items, none",
    "use_database": "true or false",
    "use_csv_export": "true or false",
}
BAD_LINES = [
    *("", " ", " padded", "padded ", "two\nlines", "line\r", "tab\ttab", "bell\a", "\x1b[31mred"),
    *('say "hi"', '"""', "'''\"", "back\\slash", "{", "}", "{{ x }}", "# {% if x %}"),
    *("no\u00a0break", "zero\u200bwidth", "\u202eturned", "line\u2028line", "\ud800", None, 42),
]
BAD: dict[str, list[object]] = {
    "service_name": [*BAD_LINES, "x" * 61, ["a", "list"]],
    "service_slug": [
        *("", " ", "a", "-", "-a", "a-", "9lives", "My-service", "my_service", "my service"),
        *("a.b", "a/b", "../x", "/x", "..", "caffè", "x" * 41, "ab\n", "a\u0660", "a$b", None),
    ],
    "description": [*BAD_LINES, "x" * 201],
    "team": [*BAD_LINES, "x" * 61],
    "contact_email": [
        *("", " ", "nobody", "@example.org", "me@", "me@@example.org", "me@x y.org", " me@x.org"),
        *('"me"@x.org', "<me@x.org>", "Me <me@x.org>", "me@x.org,you@x.org", "me@x.org;", "m,e@x"),
        *("me@x.org\n", "me@{x}", "mé@x.org", "me@-x.org", "me@x.", f"{'x' * 65}@x", None),
    ],
    "python_version": ["", "3.10", "3.15", "3", "3.13 ", 3.12, None, ["3.12"]],
    "http_port": [
        *("", "0", "80", "1023", "65536", "100000", "-8080", "+8080", "08080", "8080 ", "8_080"),
        *(
            "8080.0",
            "0x1F90",
            "http",
            "\u0668\u0660\u0668\u0660",
            "\uff18\uff10\uff18\uff10",
            "8080\n",
            8080,
            True,
            None,
        ),
    ],
    "framework": ["", "django", "Flask", "flask ", None, ["flask"]],
    "ci": ["", "jenkins", "GitHub", "github ", None, ["gitlab"]],
    "deploy": ["", "helm", "Compose", "compose ", None, ["none"]],
    "use_database": ["", "true", "0", "1", 0, 1, None, [True]],
    "use_csv_export": ["", "false", "0", "1", 0, 1, None, {}],
}
GOOD: dict[str, list[object]] = {
    "service_name": [AWKWARD["service_name"], "X", "x" * 60, "日本語", "`$HOME` 100% <b>", "---"],
    "service_slug": ["ab", "a1", "a-b", "a--b", "x" * 40, "directmail"],
    "description": [AWKWARD["description"], "x" * 200],
    "team": [AWKWARD["team"], "null", "yes", "1.0", "~", "*x"],
    "contact_email": [AWKWARD["contact_email"], "x@y", "a.b-c_d+e@sub.example.co.uk"],
    "python_version": QUESTIONS["python_version"],
    "http_port": ["1024", "8080", "9999", "10000", "65535"],
    "framework": QUESTIONS["framework"],
    "ci": QUESTIONS["ci"],
    "deploy": QUESTIONS["deploy"],
    "use_database": [True, False],
    "use_csv_export": [True, False],
}
CASES_BAD = [(name, value) for name, values in BAD.items() for value in values]
CASES_GOOD = [(name, value) for name, values in GOOD.items() for value in values]

# Answers as people give them to the whole machinery.
REFUSED_BY_THE_HOOK: list[dict[str, object]] = [
    {"service_name": 'say "hi"'},
    {"service_name": " "},
    {"service_slug": "../x"},
    {"description": '"""'},
    {"description": "\\"},
    {"team": "two\nlines"},
    {"contact_email": "nobody"},
    {"http_port": 80},
    {"use_database": 0},
    {"use_csv_export": None},
]
REFUSED_BY_COOKIECUTTER: list[tuple[dict[str, object], str]] = [
    ({"framework": "django"}, "choice variable framework, but the choices are"),
    ({"ci": "jenkins"}, "choice variable ci, but the choices are"),
    ({"deploy": "helm"}, "choice variable deploy, but the choices are"),
    ({"python_version": "3.9"}, "choice variable python_version, but the choices are"),
    ({"use_database": "maybe"}, "use_database could not be converted to a boolean"),
    ({"service_name": "{{ nothing }}"}, "Unable to render variable 'service_name'"),
    ({"service_name": "{{ nothing"}, "unexpected end of template"),
    ({"service_slug": ""}, "directory already exists"),
]


def defaults(**answers: object) -> dict[str, object]:
    """Answer the questions as `--no-input` does."""
    context = generate_context(str(ROOT / "cookiecutter.json"), extra_context=answers)
    return dict(prompt_for_config(context, no_input=True))


def run(module: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does, in a folder."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_every_question_is_explained_and_has_a_rule() -> None:
    prompts = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))["__prompts__"]
    choices = {name: values for name, values in QUESTIONS.items() if isinstance(values, list)}

    assert list(QUESTIONS) == list(prompts) == list(hook.rules_for(QUESTIONS))
    assert {name: list(prompts[name]) for name in choices} == {
        name: ["__prompt__", *values] for name, values in choices.items()
    }
    assert {name: WANTED[name] for name in choices} == {
        name: "one of " + ", ".join(values) for name, values in choices.items()
    }


def test_defaults_are_accepted() -> None:
    assert hook.refusals(defaults()) == []


@pytest.mark.parametrize(("name", "value"), CASES_BAD)
def test_bad_answer_gives_one_sentence_with_its_name_and_what_is_wanted(
    name: str, value: object
) -> None:
    (sentence,) = hook.refusals(defaults() | {name: value})

    assert sentence.startswith(f"{name} must be {WANTED[name]}")
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 250


@pytest.mark.parametrize(("name", "value"), CASES_GOOD)
def test_good_answer_is_accepted(name: str, value: object) -> None:
    assert hook.refusals(defaults() | {name: value}) == []


def test_each_of_several_bad_answers_has_its_sentence() -> None:
    sentences = hook.refusals(defaults() | {"team": "", "http_port": "80"})

    assert [sentence.split()[0] for sentence in sentences] == ["team", "http_port"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My Service", "my-service"),
        (AWKWARD["service_name"], "gwasanaeth-llanfair-ty-n-y-coed-1"),
        ("A name of forty letters, and then some more", "a-name-of-forty-letters-and-then-some"),
        ("x" * 60, "x" * 40),
        ("!!!", "service"),
    ],
)
def test_derived_slug_is_accepted(name: str, slug: str) -> None:
    answers = defaults(service_name=name)

    assert answers["service_slug"] == slug
    assert hook.refusals(answers) == []


@pytest.mark.parametrize("answers", REFUSED_BY_THE_HOOK, ids=str)
def test_hook_stops_cookiecutter_with_one_line_and_leaves_nothing(
    answers: dict[str, object],
    cookies: Cookies,
    template: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    result = cookies.bake(extra_context=answers, template=str(template))
    (name,) = answers
    (line,) = capfd.readouterr().err.splitlines()

    assert isinstance(result.exception, FailedHookException)
    assert line.startswith(f"{name} must be {WANTED[name]}")
    assert left_behind(tmp_path) == []


def test_worker_without_a_database_is_refused_with_a_reason(
    cookies: Cookies, template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answers = {"use_database": False, "use_worker": True, "queue": "pgqueuer"}

    result = cookies.bake(extra_context=answers, template=str(template))

    assert isinstance(result.exception, FailedHookException)
    wanted = (
        "use_worker needs use_database, where its jobs wait, "
        "or queue celery, whose jobs wait in a broker.\n"
    )
    assert capfd.readouterr().err == wanted
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("slug", ["a/b", "a/b/c", "../x/y", "a/"])
def test_slug_with_slashes_leaves_no_folder(
    slug: str,
    cookies: Cookies,
    template: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert cookies.bake({"service_slug": slug}, template=str(template)).exit_code == -1
    assert capfd.readouterr().err.startswith("service_slug must be ")
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(("answers", "message"), REFUSED_BY_COOKIECUTTER, ids=str)
def test_cookiecutter_refuses_by_itself_and_leaves_nothing(
    answers: dict[str, object], message: str, cookies: Cookies, template: Path, tmp_path: Path
) -> None:
    result = cookies.bake(extra_context=answers, template=str(template))

    assert message in str(result.exception)
    assert left_behind(tmp_path) == []


def test_replayed_choice_that_cookiecutter_does_not_check_is_refused(
    template: Path, tmp_path: Path
) -> None:
    answers = defaults() | {"framework": "django"}
    (tmp_path / "replay.json").write_text(json.dumps({"cookiecutter": answers}), "utf-8")
    result = run("cookiecutter", "--replay-file", "replay.json", str(template), folder=tmp_path)

    assert result.returncode == 1
    assert result.stderr.startswith(
        "framework must be one of flask, async, fastapi, not 'django'.\n"
    )
    assert left_behind(tmp_path) == []


def test_awkward_answers_render_in_a_folder_of_the_derived_name(tmp_path: Path) -> None:
    assert render(AWKWARD, tmp_path).name == "gwasanaeth-llanfair-ty-n-y-coed-1"


COMMANDS = {
    "cookiecutter": lambda template, name: ["--no-input", str(template), f"service_name={name}"],
    "cruft": lambda template, name: [
        *("create", "--no-input", "--extra-context", json.dumps({"service_name": name})),
        str(template),
    ],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_user_reads_the_sentence_first_and_finds_nothing(
    command: str, template: Path, tmp_path: Path
) -> None:
    result = run(command, *COMMANDS[command](template, "My \x1b{Service}"), folder=tmp_path)

    assert result.returncode == 1
    assert result.stderr.startswith(f"service_name must be {WANTED['service_name']}")
    assert "not 'My \\x1b{Service}'.\n" in result.stderr
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_user_gets_a_service_from_awkward_answers(
    command: str, template: Path, tmp_path: Path
) -> None:
    name = str(AWKWARD["service_name"])
    result = run(command, *COMMANDS[command](template, name), folder=tmp_path)

    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["gwasanaeth-llanfair-ty-n-y-coed-1"]


def left_behind(folder: Path) -> list[Path]:
    """List what is in a test's folder, at any depth, and was not there before the answers."""
    own = [folder / name for name in ("cookies", "cookies/bake00", "replay.json")]
    return [path for path in folder.rglob("*") if path not in own]
