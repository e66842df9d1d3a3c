"""Renders for comparing only: quick, because what no answer changes is not rendered."""

from __future__ import annotations

from pathlib import Path

from updates.renders import Renders
from updates.state import Answers
from updates.template import Template

MARKS = (b"{{", b"{%", b"{#")


class Sketches(Renders):
    """Renders of a template in a folder of their own."""

    def __init__(self, template: Template, folder: Path) -> None:
        super().__init__(template.folder, template.url, folder, shared=True)
        self._plain: dict[str, dict[str, bytes]] = {}
        self._sources: dict[str, dict[str, str]] = {}

    def list_sources(self, commit: str) -> dict[str, str]:
        """Return the files that have something to fill in, as they stand in the template."""
        self.check_out(commit)
        return self._sources[commit]

    def list_paths(self, commit: str) -> set[str]:
        """Return the paths of all files that some answers make."""
        self.check_out(commit)
        return {*self._plain[commit], *self._sources[commit]}

    def read(self, commit: str, answers: Answers) -> dict[str, bytes]:
        """Return the contents of the files of a render."""
        files = super().read(commit, answers)
        plain = self._plain[commit]
        return {path: content or plain.get(path, b"") for path, content in files.items()}

    def check_out(self, commit: str) -> Path:
        """Return the files of a commit; of those that have nothing to fill in, only the names."""
        source = super().check_out(commit)
        if commit not in self._plain:
            plain, sources = (
                self._plain.setdefault(commit, {}),
                self._sources.setdefault(commit, {}),
            )
            [folder] = (
                path for path in source.iterdir() if "cookiecutter" in path.name and path.is_dir()
            )
            for file in (path for path in folder.rglob("*") if path.is_file()):
                content, path = file.read_bytes(), str(file.relative_to(folder))
                if any(mark in content for mark in MARKS):
                    sources[path] = content.decode("utf-8", "replace")
                else:
                    plain[path] = content
                    file.write_bytes(b"")
        return source

    def store(self, files: Path) -> None:
        """Keep nothing in git: no merge asks for a sketch."""
