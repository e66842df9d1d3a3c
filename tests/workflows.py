"""The workflows of a service on GitHub: what their steps run is run here, as it stands."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(".github", "workflows")
EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")


@dataclass(frozen=True)
class Step:
    """A step that runs a script, with the environment that the workflow gives it."""

    script: str
    environment: Mapping[str, str]


def read_workflow(service: Path, name: str) -> dict[str, Any]:
    """Return a workflow of a service."""
    content = yaml.safe_load((service / FOLDER / f"{name}.yml").read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def steps(service: Path, workflow: str, job: str, **expressions: str) -> Iterator[Step]:
    """Yield the steps of a job that run a script; the actions of GitHub are left out.

    An expression such as `github.token` gets the value that is given as `github_token`.
    """

    def value_of(found: re.Match[str]) -> str:
        return expressions[found[1].replace(".", "_")]

    for step in read_workflow(service, workflow)["jobs"][job]["steps"]:
        if "run" in step:
            variables = {
                name: EXPRESSION.sub(value_of, value) for name, value in step.get("env", {}).items()
            }
            yield Step(step["run"], variables)


def run_job(
    service: Path, workflow: str, job: str, variables: Mapping[str, str], **expressions: str
) -> tuple[int, str]:
    """Run the scripts of a job up to the first that fails; return its status and the output."""
    output = ""
    for step in steps(service, workflow, job, **expressions):
        # As GitHub runs what names no shell.
        result = subprocess.run(
            ["bash", "-e", "-c", step.script],
            cwd=service,
            env={**variables, **step.environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output += result.stdout
        print(result.stdout)
        if result.returncode:
            return result.returncode, output
    return 0, output


def stand_in(name: str, script: str, folder: Path) -> str:
    """Write a program that stands for one of GitHub's machines; return a PATH that begins with it.

    It appends its arguments, one a line, to a file of its name.
    """
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / name
    record = f"printf '%s\\n' \"$@\" >> '{folder / name}'"
    program.write_text(f"#!/bin/sh\n{record}\n{script}\n", "utf-8")
    program.chmod(0o755)
    return str(programs)
