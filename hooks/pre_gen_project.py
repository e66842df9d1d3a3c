"""Refuse answers that would not make a working service, before a file is written."""

from __future__ import annotations

import json
import re
import reprlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePath

# Jinja fills this in. JSON never has three double quotes in a row: no answer ends the literal.
ANSWERS = r"""{{ cookiecutter | tojson }}"""

Rule = tuple[Callable[[object], bool], str]


def text(longest: int) -> Rule:
    """Accept one line that stands as it is between double quotes in YAML, TOML and Python."""

    def accepts(value: object) -> bool:
        return (
            isinstance(value, str)
            and 0 < len(value) <= longest
            and value.isprintable()
            and value == value.strip()
            and not set(value) & set('"\\{}')
        )

    return accepts, (
        f"one line of 1 to {longest} printable characters, without double quotes, backslashes "
        "or braces, and without a space at either end"
    )


def pattern(expression: str, wanted: str) -> Rule:
    """Accept text that the expression matches from end to end."""
    return lambda value: isinstance(value, str) and bool(re.fullmatch(expression, value)), wanted


def port() -> Rule:
    """Accept the plain digits of a port that needs no privilege."""

    def accepts(value: object) -> bool:
        return (
            isinstance(value, str)
            and bool(re.fullmatch("[1-9][0-9]{3,4}", value))
            and 1024 <= int(value) <= 65535
        )

    return accepts, "a number from 1024 to 65535 in plain digits"


def choice(*values: str) -> Rule:
    """Accept one of the values: cookiecutter does not check the answers of a replay file."""
    return lambda value: value in values, "one of " + ", ".join(values)


def switch() -> Rule:
    """Accept a boolean: cookiecutter makes the text "0" of the number 0, which reads as on."""
    return lambda value: isinstance(value, bool), "true or false"


# A service keeps its answers for life, and each update asks again: a rule may be loosened, but one
# made stricter stops the updates of every service it no longer accepts.
RULES: dict[str, Rule] = {
    "service_name": text(60),
    "service_slug": pattern(
        "[a-z][a-z0-9-]{0,38}[a-z0-9]",
        "2 to 40 lower-case letters, digits and hyphens, with a letter at the start "
        "and no hyphen at the end",
    ),
    "description": text(200),
    "team": text(60),
    "contact_email": pattern(
        r"[A-Za-z0-9.!#%&'*+/=?^_~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,187}[A-Za-z0-9])?",
        "an e-mail address such as my-team@example.org",
    ),
    "python_version": choice("3.14", "3.13", "3.12", "3.11"),
    "http_port": port(),
    "framework": choice("flask", "async", "fastapi"),
    "ci": choice("gitlab", "github"),
    "deploy": choice("kubernetes", "compose", "lambda", "none"),
    "queue": choice("pgqueuer", "celery"),
    "sample": choice("items", "none"),
}


def rules_for(answers: dict[str, object]) -> dict[str, Rule]:
    """Return the rule of each answer; those of the modules, ``use_…``, are switches."""
    return RULES | {name: switch() for name in answers if name.startswith("use_")}


def refusals(answers: dict[str, object]) -> list[str]:
    """Say, in one sentence each, which answers are refused and what is wanted."""
    sentences = [
        f"{name} must be {wanted}, not {reprlib.repr(answers.get(name))}."
        for name, (accepts, wanted) in rules_for(answers).items()
        if not accepts(answers.get(name))
    ]
    needs_database = answers.get("use_worker") is True and answers.get("queue") == "pgqueuer"
    if needs_database and answers.get("use_database") is False:
        sentences.append(
            "use_worker needs use_database, where its jobs wait, "
            "or queue celery, whose jobs wait in a broker."
        )
    return sentences


def remove_nested_folders(slug: object, project: Path) -> None:
    """Remove the empty folders that a slug with slashes made.

    cookiecutter would remove the last of them only.
    """
    named = tuple(part for part in PurePath(str(slug)).parts if part != "..")
    if len(named) > 1 and project.parts[-len(named) :] == named:
        with suppress(OSError):
            for folder in [project, *project.parents][: len(named)]:
                folder.rmdir()


def main(project: Path, rendered: str = ANSWERS) -> int:
    """Refuse bad answers with a sentence on stderr each."""
    answers = json.loads(rendered)
    sentences = refusals(answers)
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    if sentences:
        remove_nested_folders(answers.get("service_slug"), project)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
