"""Renders for comparing only: quick, because each file is compiled once, and only some are."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from updates.commands import Refused
from updates.rendering import check_out, heard
from updates.state import Answers
from updates.template import Template

MARKS = ("{{", "{%", "{#")


@dataclass(frozen=True)
class Source:
    """The files of a version, less the folder of the service in their names."""

    folder: Path
    # Of those that have nothing to fill in the contents, of the others the text and the template.
    plain: Mapping[str, bytes]
    texts: Mapping[str, str]
    templates: Mapping[str, Any]

    @property
    def paths(self) -> set[str]:
        """All files that some answers make."""
        return {*self.plain, *self.texts}


class Sketches:
    """Renders of the versions of a template, which are checked out below a folder."""

    def __init__(self, template: Template, folder: Path) -> None:
        self.template, self.folder = template, folder
        self.open = cache(self.read_source)

    def read_source(self, commit: str) -> Source:
        """Return the files of a version."""
        from cookiecutter.utils import create_env_with_context
        from jinja2 import FileSystemLoader

        place = self.folder / commit
        self.folder.mkdir(exist_ok=True)
        check_out(self.template.folder, commit, self.template.directory, place)
        [folder] = (each for each in place.glob("*cookiecutter*") if each.is_dir())
        files = {
            str(each.relative_to(folder)): each for each in folder.rglob("*") if each.is_file()
        }
        plain = {path: file.read_bytes() for path, file in files.items()}
        marked = {
            path: content.decode("utf-8")
            for path, content in plain.items()
            if any(mark.encode() in content for mark in MARKS) and b"\0" not in content
        }
        environment = create_env_with_context(fill_in(place, {}))
        environment.loader = FileSystemLoader([folder, place / "templates"])
        templates = {path: environment.get_template(path) for path in marked}
        rest = {path: content for path, content in plain.items() if path not in marked}
        return Source(place, rest, marked, templates)

    def read(self, commit: str, answers: Answers) -> dict[str, bytes]:
        """Return the contents of the files of a render."""
        source = self.open(commit)
        context = fill_in(source.folder, answers)
        with tempfile.TemporaryDirectory() as folder:
            for path in source.paths:
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
            run_hook("post_gen_project", source.folder, folder, context)
            left = [path for path in source.paths if Path(folder, path).exists()]
        templates = source.templates
        return {
            path: templates[path].render(**context).encode()
            if path in templates
            else source.plain[path]
            for path in left
        }

    def takes(self, commit: str, answers: Answers) -> bool:
        """Tell whether the template takes answers, with the defaults of the others."""
        source = self.open(commit)
        with tempfile.TemporaryDirectory() as folder:
            try:
                run_hook("pre_gen_project", source.folder, folder, fill_in(source.folder, answers))
            except Refused:
                return False
        return True


def fill_in(source: Path, answers: Answers) -> dict[str, Any]:
    """Return answers with the defaults of the others, as cookiecutter gives them to a render."""
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.generate import generate_context
    from cookiecutter.prompt import prompt_for_config

    file = str(source / "cookiecutter.json")
    try:
        context: dict[str, Any] = generate_context(file, {}, dict(answers))
        context["cookiecutter"] = prompt_for_config(context, no_input=True)
    except (CookiecutterException, ValueError) as error:
        raise Refused(f"The template refuses the answers: {error}") from error
    return context


def run_hook(name: str, source: Path, folder: str, context: dict[str, Any]) -> None:
    """Run a hook of the template in a folder; raise if it fails."""
    from cookiecutter.exceptions import FailedHookException
    from cookiecutter.hooks import run_hook
    from cookiecutter.utils import work_in

    with heard() as said, work_in(source):
        try:
            run_hook(name, folder, context)
        except FailedHookException as error:
            said.seek(0)
            raise Refused(f"The template refuses the answers: {said.read()}") from error
