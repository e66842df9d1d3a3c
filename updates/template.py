"""The template: its releases, its questions, its renders."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from updates.commands import Refused, git
from updates.rendering import CONTEXT, FILES
from updates.renders import Kind, Renders
from updates.state import Answers
from updates.versions import Target, Version, name_of, parse_version

# The clone of the launcher, where that runs us.
CLONE = "TEMPLATE_CLONE"


class Template:
    """The template, in a bare clone, which is made where it is not there.

    Its renders go below a folder, which processes may share. It may be in a directory of its
    repository, with a slash at its end.
    """

    def __init__(
        self, url: str, folder: Path, renders: Path, shared: bool = False, directory: str = ""
    ) -> None:
        self.url, self.folder, self.directory = url, folder, directory
        if not folder.exists():
            git("clone", "--quiet", "--bare", "--", url, folder, cwd=folder.parent)
        self.renders = Renders(folder, url, renders, shared, directory)
        self._versions: dict[str, Version | None] = {}
        self._files: dict[str, str] = {}
        self._found: set[str] = set()

    def git(self, *arguments: str, text: str | None = None) -> str:
        """Run git in the clone."""
        environment = {"GIT_DIR": str(self.folder)}
        return git(*arguments, cwd=self.folder, text=text, environment=environment)

    def succeeds(self, *arguments: str) -> bool:
        """Tell whether a command of git succeeds in the clone."""
        with suppress(Refused):
            self.git(*arguments)
            return True
        return False

    def read(self, commit: str, path: str) -> str:
        """Return a file of a commit, or nothing where it has none."""
        name = f"{commit}:{self.directory}{path}"
        if name not in self._files:
            with suppress(Refused):
                self._files[name] = self.git("show", name)
        return self._files.get(name, "")

    def read_json(self, commit: str, path: str) -> Answers:
        """Return the object in a file of a commit; it is empty where there is no file."""
        try:
            return dict(json.loads(self.read(commit, path) or "{}"))
        except (TypeError, ValueError) as error:
            raise Refused(f"{path} of the template cannot be read: {error}") from error

    @cached_property
    def releases(self) -> dict[Version, Target]:
        """The releases, old ones first: git tags, and those that cruft.json lists."""
        listed: dict[str, str] = self.read_json("HEAD", "cruft.json").get("releases", {})
        tags = self.git("tag", "--list", "--format=%(refname:short) %(objectname) %(*objectname)")
        # A tag may be an object of its own, which names the commit.
        tagged = {line.split()[0]: line.split()[-1] for line in tags.splitlines()}
        named = [*listed.items(), *tagged.items()]
        asked = "".join(f"{commit}^{{commit}}\n" for _, commit in named)
        answers = self.git("cat-file", "--batch-check", text=asked).splitlines()
        found = {}
        for (name, commit), answer in zip(named, answers, strict=True):
            version = parse_version(name)
            if version and not answer.endswith(" missing"):
                found[version] = Target(name_of(version), commit, version)
        return dict(sorted(found.items()))

    def require(self, commit: str) -> None:
        """Raise if the clone lacks a commit, and cannot fetch it."""
        ways = (["cat-file", "-e", commit + "^{commit}"], ["fetch", "--quiet", "origin", commit])
        if commit not in self._found and not any(self.succeeds(*way) for way in ways):
            shallow = self.git("rev-parse", "--is-shallow-repository") == "true"
            why = (
                "it is shallow: run git fetch --unshallow there" if shallow else "was it rewritten?"
            )
            raise Refused(f"{self.url} has no commit {commit}, which this service is from: {why}")
        self._found.add(commit)

    def find(self, name: str | None) -> Target:
        """Return a release, or the commit of another name, or else the newest release."""
        releases = self.releases
        if not name:
            if not releases:
                raise Refused(f"{self.url} has no releases: say --to and a branch of it.")
            return releases[max(releases)]
        version = parse_version(name)
        if version in releases:
            return releases[version]
        with suppress(Refused):
            commit = self.git("rev-parse", "--verify", "--end-of-options", name + "^{commit}")
            return Target(re.sub("[^A-Za-z0-9._/-]", "-", name), commit)
        known = ", ".join(release.name for release in releases.values()) or "none"
        raise Refused(f"{self.url} has no {name}; its releases: {known}")

    def contains(self, commit: str, other: str) -> bool:
        """Tell whether a commit is, or comes after, another one."""
        return self.succeeds("merge-base", "--is-ancestor", other, commit)

    def version_of(self, commit: str) -> Version | None:
        """Return the newest release that a commit contains."""
        if commit not in self._versions:
            newest_first = reversed(self.releases.items())
            containing = (v for v, release in newest_first if self.contains(commit, release.commit))
            self._versions[commit] = next(containing, None)
        return self._versions[commit]

    def questions(self, commit: str, hidden: bool = False) -> list[str]:
        """Return the names of the answers that a version asks for, or also of hidden switches."""
        asked = self.read_json(commit, "cookiecutter.json")
        if not asked:
            raise Refused(f"{self.url} is no template at {commit}: it has no cookiecutter.json.")
        switches = {name for name, value in asked.items() if hidden and isinstance(value, bool)}
        return [name for name in asked if not name.startswith("_") or name in switches]

    def changelog(self, after: Version | None, target: Target) -> str:
        """Return the entries of the releases after one, up to the target."""
        parts = re.split(r"^## \[(.+?)\].*$", self.read(target.commit, "CHANGELOG.md"), flags=re.M)
        chosen = []
        for name, entries in zip(parts[1::2], parts[2::2], strict=True):
            version = parse_version(name)
            wanted = version > (after or (0, 0, 0)) if version else target.version is None
            if wanted and entries.strip():
                headings = re.sub(r"^### (.*)$", r"\1:", entries.strip(), flags=re.M)
                chosen.append(f"{name}\n\n{headings}")
        return "\n\n".join(chosen)

    def prepare(self, *kinds: Kind) -> None:
        """Make the renders of commits with answers side by side, where that saves time."""
        self.renders.prepare(*kinds)

    def render(self, commit: str, answers: Answers, place: Path) -> tuple[Path, Answers]:
        """Render a commit; return the folder, and the state as cruft would have written it."""
        self.renders.bring(commit, answers, place)
        context = json.loads((place / CONTEXT).read_text("utf-8"))
        [folder] = (place / FILES).iterdir()
        return folder, {"commit": commit, "context": context}


def open_template(url: str, scratch: Path, directory: str = "") -> Template:
    """Return the template in the clone of the launcher, or else in one below a folder."""
    clone = os.environ.get(CLONE) or scratch / "template.git"
    return Template(url, Path(clone), scratch / "renders", directory=directory)
