"""A template of a few files, whose releases rename what services import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from git import Repo
from rendering import SERVICE

from updating.living import DATE, commit, create_service

PROJECT = """[project]
name = "toy"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = []

[dependency-groups]
dev = ["ruff>=0.17"]

[tool.cruft]
skip = ["app/api.py"]

[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["F", "I"]
"""
STREAMING = '''"""What is streamed."""


class Stream:
    """A stream of texts."""

    def write(self, text: str, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the text as it is sent."""
        return text.encode(encoding, errors)
'''
FILES = {
    "pyproject.toml": PROJECT,
    "app/__init__.py": "",
    "app/api.py": '"""The team\'s."""\n',
    "app/standard/__init__.py": "",
    "app/standard/http.py": '"""HTTP."""\n\nPORT = 8080\n',
    "app/standard/streaming.py": STREAMING,
}


class Toy:
    """The repository of the template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        Repo.init(folder, initial_branch="main").close()
        self.write_own("cookiecutter.json", json.dumps({"service_slug": "toy"}))
        self.release("1.0.0", FILES)

    def release(self, version: str, files: Mapping[str, str | None], **own: str) -> None:
        """Commit files of the service, or their absence, and the migrations of a release."""
        for path, text in files.items():
            file = self.folder / SERVICE.name / path
            file.unlink(missing_ok=True)
            if text is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")
        for name, text in own.items():
            self.write_own(f"updates/migrations/{version}/0001-{name}/migration.py", text)
        commit(self.folder, version, **DATE)
        with Repo(self.folder) as repository:
            repository.create_tag(f"v{version}")

    def write_own(self, path: str, text: str) -> None:
        """Write a file of the template itself."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def create(
        self, place: Path, files: Mapping[str, str] | None = None, version: str = "v1.0.0"
    ) -> Path:
        """Create a service of a release, with files of its team."""
        service = create_service(self.folder, version, {}, place)
        write_files(service, files or {})
        return service


def write_files(service: Path, files: Mapping[str, str]) -> None:
    """Write files of a team, and commit them."""
    for path, text in files.items():
        (service / path).parent.mkdir(parents=True, exist_ok=True)
        (service / path).write_text(text, "utf-8")
    if files:
        commit(service, "What the team wrote")
