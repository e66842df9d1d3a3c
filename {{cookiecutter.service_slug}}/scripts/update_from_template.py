# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "cookiecutter==2.7.1",
#   "cruft==2.16.0",
#   # What cruft 2.16 imports is deprecated or gone in newer ones.
#   "typer<0.26",
# ]
# ///
"""Bring the changes of the template into this service: uv run scripts/update_from_template.py

It works on a branch of its own, and merges three trees by git: the service, the template as the
service last had it, and the template as it is now. Exit status: 0 done or nothing to do, 1 refused,
failed or (--check) behind, 2 conflicts, which stand in the files.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO

import cruft
from click import ClickException
from cookiecutter.exceptions import CookiecutterException
from jinja2 import TemplateError

DONE, FAILED, CONFLICTS = 0, 1, 2
STATE = ".cruft.json"
CHECKS = "scripts/qa_commands.sh"
BRANCHES = "template-update"
# In the message of each commit made here: its tree, which tells whether anybody amended it.
TRAILER = "Template-Update"
RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
# What git sets for its hooks and aliases would send every command to the same repository.
SET_BY_GIT = ("COMMON_DIR", "DIR", "INDEX_FILE", "OBJECT_DIRECTORY", "PREFIX", "WORK_TREE")
WHAT_TO_DO = {
    "123": "both changed it: edit the file, then git add",
    "13": "you deleted it, the template changed it: git rm to stay without, git add to take it",
    "12": "you changed it, the template removed it: git rm to let it go, git add to keep it",
    "23": "both added it: edit the file, then git add",
}
OTHERWISE = "one side renamed or replaced it: see git status"

Answers = dict[str, Any]
Version = tuple[int, int, int]


class Refused(Exception):
    """What cannot be done, in a sentence for the person who asked for it."""


@dataclass(frozen=True)
class Target:
    """A version of the template: a release, or another commit."""

    name: str
    commit: str
    version: Version | None = None


@dataclass(frozen=True)
class Merge:
    """The tree of the updated service, and what git could not decide."""

    tree: str
    # For each path the lines of git's index: mode, object, stage.
    conflicts: Mapping[str, Sequence[str]]

    def list_conflicts(self) -> list[str]:
        """Say for each file what happened, and what to do."""
        kinds = {
            path: "".join(e.split()[2] for e in found) for path, found in self.conflicts.items()
        }
        return [f"{path}: {WHAT_TO_DO.get(kind, OTHERWISE)}" for path, kind in kinds.items()]


def git(
    *arguments: str | Path,
    cwd: Path,
    text: str | None = None,
    good: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run git and return what it prints; raise ``Refused`` with its complaint if it fails."""
    result = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        input=text,
        env=os.environ | {"LC_ALL": "C", **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
    )
    if result.returncode not in good:
        said = result.stderr.strip() or result.stdout.strip()
        raise Refused(f"git {arguments[0]} failed: {said}")
    return result.stdout.rstrip("\n")


def describe(error: Exception) -> str:
    """Say what is wrong, with the kind of error."""
    return f"{type(error).__name__}: {error}"


def parse_version(name: str) -> Version | None:
    """Return the numbers of a release's name, such as v1.2.0."""
    match = RELEASE.fullmatch(name)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def name_of(version: Version | None) -> str:
    """Return the name of a release."""
    return "v" + ".".join(map(str, version)) if version else "no release"


class Template:
    """The template, in a bare clone."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        git("clone", "--quiet", "--bare", "--", url, folder, cwd=folder.parent)

    def git(self, *arguments: str) -> str:
        """Run git in the clone."""
        return git(*arguments, cwd=self.folder, environment={"GIT_DIR": str(self.folder)})

    def succeeds(self, *arguments: str) -> bool:
        """Tell whether a command of git succeeds in the clone."""
        with suppress(Refused):
            self.git(*arguments)
            return True
        return False

    def read(self, commit: str, path: str) -> str:
        """Return a file of a commit, or nothing where it has none."""
        with suppress(Refused):
            return self.git("show", f"{commit}:{path}")
        return ""

    def read_json(self, commit: str, path: str) -> Answers:
        """Return the object in a file of a commit; it is empty where there is no file."""
        try:
            return dict(json.loads(self.read(commit, path) or "{}"))
        except (TypeError, ValueError) as error:
            raise Refused(f"{path} of the template cannot be read: {error}") from error

    def releases(self) -> dict[Version, Target]:
        """Return the releases, old ones first: git tags, and those that cruft.json lists."""
        listed: dict[str, str] = self.read_json("HEAD", "cruft.json").get("releases", {})
        tags = self.git("tag", "--list", "--format=%(refname:short) %(objectname) %(*objectname)")
        # A tag may be an object of its own, which names the commit.
        tagged = {line.split()[0]: line.split()[-1] for line in tags.splitlines()}
        found = {}
        for name, commit in [*listed.items(), *tagged.items()]:
            version = parse_version(name)
            if version and self.succeeds("cat-file", "-e", commit + "^{commit}"):
                found[version] = Target(name_of(version), commit, version)
        return dict(sorted(found.items()))

    def require(self, commit: str) -> None:
        """Raise if the clone lacks a commit, and cannot fetch it."""
        ways = (["cat-file", "-e", commit + "^{commit}"], ["fetch", "--quiet", "origin", commit])
        if not any(self.succeeds(*way) for way in ways):
            shallow = self.git("rev-parse", "--is-shallow-repository") == "true"
            why = (
                "it is shallow: run git fetch --unshallow there" if shallow else "was it rewritten?"
            )
            raise Refused(f"{self.url} has no commit {commit}, which this service is from: {why}")

    def find(self, name: str | None) -> Target:
        """Return a release, or the commit of another name, or else the newest release."""
        releases = self.releases()
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
        newest_first = reversed(self.releases().items())
        containing = (v for v, release in newest_first if self.contains(commit, release.commit))
        return next(containing, None)

    def questions(self, commit: str) -> list[str]:
        """Return the names of the answers that a version asks for."""
        asked = self.read_json(commit, "cookiecutter.json")
        if not asked:
            raise Refused(f"{self.url} is no template at {commit}: it has no cookiecutter.json.")
        return [name for name in asked if not name.startswith("_")]

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

    def render(self, commit: str, answers: Answers, place: Path) -> tuple[Path, Answers]:
        """Render a commit; return the folder, and the state as cruft would have written it."""
        place.mkdir()
        with tempfile.TemporaryDirectory() as scratch:
            config = Path(scratch, "cookiecutter.yaml")
            folders = dict.fromkeys(("cookiecutters_dir", "replay_dir"), scratch)
            config.write_text(json.dumps(folders), "utf-8")
            # cookiecutter leaves the hooks that it renders there.
            before, tempfile.tempdir = tempfile.tempdir, scratch
            options: Answers = {"config_file": config, "extra_context": answers, "checkout": commit}
            try:
                folder = cruft.create(str(self.folder), place, **options)
            except (ClickException, CookiecutterException, TemplateError, ValueError) as error:
                raise Refused(f"The template refuses the answers: {error}") from error
            finally:
                tempfile.tempdir = before
        state = json.loads((folder / STATE).read_text("utf-8"))
        (folder / STATE).unlink()
        return folder, state


class Service:
    """The repository of a service, and what its ``.cruft.json`` says at ``HEAD``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.head = self.git("rev-parse", "--verify", "HEAD")
        except Refused as error:
            raise Refused("There is no commit here: commit the service first.") from error
        self.paths = {*self.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")} - {""}
        # With the folders.
        self.known = {each for path in map(Path, self.paths) for each in (path, *path.parents)}
        if STATE not in self.paths:
            raise Refused(f"There is no {STATE} here: see --adopt.")
        try:
            self.state: Answers = json.loads(self.read(STATE))
            self.template, self.commit = str(self.state["template"]), str(self.state["commit"])
            context = self.state["context"]["cookiecutter"]
            self.answers = {k: value for k, value in context.items() if not k.startswith("_")}
            self.skip = check_skip(self.state.get("skip", []))
            self.skip += read_skip(self.read("pyproject.toml"))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Refused(f"{STATE} or pyproject.toml cannot be read: {describe(error)}") from error
        # What git gets as an argument must be no option.
        if not re.fullmatch("[0-9a-f]{40,64}", self.commit):
            raise Refused(f"{STATE} has no commit of the template: {self.commit}")

    def read(self, path: str) -> str:
        """Return a file, or nothing where there is none."""
        return self.git("show", f"HEAD:{path}") if path in self.paths else ""

    def git(self, *arguments: str | Path, text: str | None = None) -> str:
        """Run git in the service."""
        return git(*arguments, cwd=self.folder, text=text)


def read_skip(project: str) -> list[str]:
    """Return the list ``[tool.cruft] skip`` of the text of a pyproject.toml."""
    return check_skip(tomllib.loads(project).get("tool", {}).get("cruft", {}).get("skip", []))


def check_skip(skip: list[str]) -> list[str]:
    """Return the list, whose paths and patterns must stay in the service."""
    if not isinstance(skip, list):
        raise ValueError(f"skip is no list: {skip}")
    for path in skip:
        if not Path(path).parts or path[0] == "/" or ".." in Path(path).parts:
            raise ValueError(f"what skip names is not in the service: {path}")
    return skip


def merge(
    service: Service,
    template: Template,
    target: Target,
    answers: Answers | None = None,
) -> Merge:
    """Merge a version of the template, or other answers on the same one, into the service.

    Nothing changes but git's objects, so that a fleet can be rehearsed in bare clones.
    """
    template.require(service.commit)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        old, _ = template.render(service.commit, service.answers, place / "old")
        # Of the questions that were not asked yet, the answers that change nothing.
        older = template.read_json(target.commit, "cruft.json").get("answers_of_older_services", {})
        context = older | service.answers | (answers or {})
        new, state = template.render(target.commit, context, place / "new")
        if answers is None:
            leave_out(service, old, new)
        objects = Objects(service, place)
        objects.follow_line_ends(old, new)
        merged = objects.merge(old, new, target.name)
        state["context"]["cookiecutter"]["_template"] = service.template
        checkout = target.name if target.version else service.state.get("checkout")
        changed = {"commit": target.commit, "checkout": checkout, "context": state["context"]}
        tree = objects.put(merged.tree, STATE, dump(service.state | changed))
    return Merge(tree, merged.conflicts)


def dump(state: Answers) -> str:
    """Return the text of a ``.cruft.json``, as cruft writes it."""
    return json.dumps(state, ensure_ascii=False, indent=2, separators=(",", ": ")) + "\n"


def leave_out(service: Service, old: Path, new: Path) -> None:
    """Remove what the service's team owns from both renders; a seed that is new stays."""
    skip = {*service.skip}
    for render in (old, new):
        with suppress(FileNotFoundError):
            skip |= {*read_skip((render / "pyproject.toml").read_text("utf-8"))}
    for pattern in skip:
        for render in (old, new):
            # As cruft reads them: a path, or a pattern if there is a star in it.
            for file in [*render.glob(pattern)] if "*" in pattern else [render / pattern]:
                path = file.relative_to(render)
                if path.parts and ((old / path).exists() or path in service.known):
                    remove(old / path)
                    remove(new / path)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, or nothing."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class Objects:
    """A repository that shares the service's objects, and none of its settings."""

    def __init__(self, service: Service, place: Path) -> None:
        self.service, self.place = service, place
        format = service.git("rev-parse", "--show-object-format")
        shared = service.folder / service.git("rev-parse", "--git-path", "objects")
        self.environment = {
            "GIT_DIR": str(place / "objects.git"),
            "GIT_OBJECT_DIRECTORY": str(shared),
            "GIT_INDEX_FILE": str(place / "index"),
            # Only the commits of the merge bear it, and no branch holds them.
            **{f"GIT_{who}_NAME": "Template" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "template@localhost" for who in ("AUTHOR", "COMMITTER")},
        }
        self.git("init", "--quiet", "--bare", f"--object-format={format}")

    def git(
        self,
        *arguments: str | Path,
        text: str | None = None,
        good: Sequence[int] = (0,),
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run git in this repository."""
        variables = self.environment | dict(environment or {})
        return git(*arguments, cwd=self.place, text=text, good=good, environment=variables)

    def follow_line_ends(self, *renders: Path) -> None:
        """Give the rendered files the line ends that the service has in them."""
        self.git("read-tree", self.service.head)
        listed = self.git("ls-files", "--eol", "-z", environment={"GIT_WORK_TREE": str(self.place)})
        for line in listed.split("\0"):
            ends, _, path = line.partition("\t")
            for file in (render / path for render in renders if ends.startswith("i/crlf")):
                if file.is_file():
                    file.write_bytes(re.sub(rb"\r?\n", b"\r\n", file.read_bytes()))

    def commit(self, tree: str, name: str, *parents: str) -> None:
        """Commit a tree under a name, which git writes beside its conflict markers."""
        options = [option for parent in parents for option in ("-p", parent)]
        commit = self.git("commit-tree", tree, "-m", name, *options)
        self.git("update-ref", f"refs/{name}", commit)

    def write(self, folder: Path) -> str:
        """Return the tree of all that is in a folder."""
        index = str(self.place / f"index-{folder.parent.name}")
        variables = {"GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": index}
        # A user's own setting would take the line ends away again.
        add = ("-c", "core.autocrlf=false", "add", "--all", "--force", str(folder))
        self.git(*add, environment=variables)
        return self.git("write-tree", environment=variables)

    def merge(self, old: Path, new: Path, name: str) -> Merge:
        """Merge the way from the old render to the new one into the service."""
        ours, theirs = "service", f"template-{name.replace('/', '-')}"
        self.commit(self.write(old), "base")
        self.commit(self.service.head + "^{tree}", ours, "refs/base")
        self.commit(self.write(new), theirs, "refs/base")
        # It came with git 2.38; its exit status 1 tells of conflicts.
        options = ("--write-tree", "-z", "--messages", ours, theirs)
        merged = self.git("merge-tree", *options, good=(0, 1))
        head, _, messages = merged.partition("\0\0")
        tree, *entries = head.rstrip("\0").split("\0")
        conflicts: dict[str, list[str]] = {}
        for entry in entries:
            file, _, path = entry.partition("\t")
            conflicts.setdefault(path, []).append(file)
        if "CONFLICT" in messages and not conflicts:
            raise Refused(f"git cannot merge this: {messages.replace(chr(0), ' ')}")
        return Merge(tree, conflicts)

    def put(self, tree: str, path: str, text: str) -> str:
        """Return a tree with a file in it."""
        blob = self.git("hash-object", "-w", "--stdin", text=text)
        self.git("read-tree", tree)
        self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        return self.git("write-tree")


class Branch:
    """The branch of an update, in the checkout of a service."""

    def __init__(self, service: Service, name: str) -> None:
        self.service, self.folder, self.name = service, service.folder, name
        self.start = service.git("branch", "--show-current")
        self.remote = f"refs/remotes/origin/{name}"

    def require_free(self) -> None:
        """Raise if the branch is checked out elsewhere, or has commits of people."""
        tip = f"refs/heads/{self.name}"
        if self.start == self.name or not self.service.git("for-each-ref", tip):
            return
        if place := self.service.git("for-each-ref", "--format=%(worktreepath)", tip):
            raise Refused(f"{self.name} is checked out in {place}.")
        if titles := self.commits_of_people(tip):
            raise Refused(f"{self.name} has commits of people ({titles[0]}): merge or delete it.")

    def commits_of_people(self, tip: str) -> list[str]:
        """Return the titles of the commits that were not made here, or were amended since."""
        format = f"%T %(trailers:key={TRAILER},valueonly,separator=%x20)%x09%an: %s"
        # What other branches have too was not made on this one.
        others = (
            f"--exclude={self.name}",
            "--branches",
            f"--exclude=origin/{self.name}",
            "--remotes",
        )
        options = ("--no-show-signature", f"--format={format}", tip, "--not", "HEAD", *others)
        parts = [line.partition("\t") for line in self.service.git("log", *options).splitlines()]
        return [title for trees, _, title in parts if trees.split()[1:] != trees.split()[:1]]

    def check_out(self, merge: Merge) -> None:
        """Switch to the branch, with the tree in it and the conflicts in git's index."""
        git = self.service.git
        if self.start != self.name:
            git("switch", "--quiet", "--no-track", "-C", self.name)
        git("read-tree", "-m", "-u", "HEAD", merge.tree)
        entries = [(path, entry) for path, found in merge.conflicts.items() for entry in found]
        # A path leaves the index before it comes back in stages.
        absent = f"0 {'0' * len(merge.tree)}"
        lines = [*((path, absent) for path in merge.conflicts), *entries]
        text = "".join(f"{entry}\t{path}\0" for path, entry in lines)
        git("update-index", "-z", "--index-info", text=text)

    def added(self, merge: Merge) -> list[str]:
        """Return the files that the update adds; raise if one would replace an ignored file."""
        options = ("--name-only", "--diff-filter=A", "--no-renames", "-z")
        paths = self.service.git("diff", *options, "HEAD", merge.tree).split("\0")
        added = [path for path in paths if path]
        if lost := [path for path in added if os.path.lexists(self.folder / path)]:
            raise Refused(f"Move away what git ignores and the template adds: {', '.join(lost)}")
        return added

    def lock(self) -> bool:
        """Bring uv.lock up to what pyproject.toml says now; tell whether that went well."""
        options = ("--cached", "--name-only", "HEAD", "--", "pyproject.toml")
        if "uv.lock" not in self.service.paths or not self.service.git("diff", *options):
            return True
        locked = self.run(os.environ.get("UV", "uv"), "lock")
        self.service.git("add", "uv.lock")
        return locked

    def check(self) -> bool:
        """Run the service's checks, where they are; tell whether they are green."""
        if not (self.folder / CHECKS).exists():
            print(f"There is no {CHECKS}: nothing is checked.")
            return True
        return self.run(CHECKS)

    def run(self, *command: str) -> bool:
        """Run a command in the service's own environment; tell whether it went well."""
        print("$", *command, flush=True)
        variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        try:
            return not subprocess.run(command, cwd=self.folder, env=variables).returncode
        except OSError as error:
            print(error)
            return False

    def commit(self, message: str) -> None:
        """Commit what was merged, with its tree in the message."""
        git = self.service.git
        tree = git("write-tree")
        git("commit", "--quiet", "--file=-", text=f"{message}\n\n{TRAILER}: {tree}\n")
        committed = git("rev-parse", "HEAD^{tree}")
        if committed != tree:
            # A hook of the team changed it.
            text = f"{message}\n\n{TRAILER}: {committed}\n"
            git("commit", "--quiet", "--amend", "--no-verify", "--file=-", text=text)

    def leave_message(self, message: str) -> None:
        """Leave a message to the commit of whoever does the rest."""
        path = self.service.git("rev-parse", "--git-path", "MERGE_MSG")
        (self.folder / path).write_text(f"{message}\n", "utf-8")

    def fetch(self) -> str:
        """Return the tip of the branch at the remote, or nothing."""
        listed = self.service.git("ls-remote", "origin", f"refs/heads/{self.name}").split()
        if listed:
            # Without the whole history, commits of main would seem to be new on the branch.
            shallow = self.service.git("rev-parse", "--is-shallow-repository") == "true"
            refs = f"+refs/heads/{self.name}:{self.remote}"
            self.service.git("fetch", "--quiet", *["--unshallow"] * shallow, "origin", refs)
        return self.service.git("rev-parse", self.remote) if listed else ""

    def push(self, tip: str, title: str, description: str, draft: bool) -> None:
        """Push the branch over the tip that was looked at, for a merge request of GitLab."""
        show = ("log", "-1", "--no-show-signature", "--format=%T %P %B")
        if tip and self.service.git(*show, tip) == self.service.git(*show):
            print(f"{self.name} is pushed already.")
            return
        start = self.start if self.start != self.name else ""
        default = os.environ.get("CI_COMMIT_BRANCH") or os.environ.get("CI_DEFAULT_BRANCH", "main")
        options = ["create", f"target={start or default}", "remove_source_branch"]
        # git takes no line breaks in an option, and GitLab makes them of these.
        options += [f"title={title}", "description=" + description.replace("\n", "\\n")]
        options += ["draft"] * draft
        lease = f"--force-with-lease={self.name}:{tip}"
        command = ["push", "--quiet", lease, "origin", f"HEAD:refs/heads/{self.name}"]
        try:
            self.service.git(*command, *(f"--push-option=merge_request.{each}" for each in options))
        except Refused as error:
            if "support push options" not in str(error):
                raise
            self.service.git(*command)
            print(
                f"{self.name} is pushed; its remote takes no options: open a merge request there."
            )


@contextmanager
def alone(folder: Path) -> Iterator[TextIO]:
    """Hold the note that tells that an update runs; put aside what a killed one left.

    The system lets go of the lock when a process dies.
    """
    path = folder / git("rev-parse", "--git-path", "template-update.json", cwd=folder)
    with path.open("a+", encoding="utf-8") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("Another update runs here.") from error
        if path.stat().st_size:
            lock = folder / git("rev-parse", "--git-path", "index.lock", cwd=folder)
            lock.unlink(missing_ok=True)
            put_aside(folder, note)
        try:
            yield note
        except BaseException:
            put_aside(folder, note)
            raise
        finally:
            path.unlink(missing_ok=True)


def write_note(note: TextIO, branch: Branch, added: list[str]) -> None:
    """Note what an update is about to do."""
    state = {"start": branch.start or branch.service.head, "branch": branch.name, "added": added}
    json.dump({**state, "head": branch.service.head}, note)
    note.flush()


def put_aside(folder: Path, note: TextIO) -> None:
    """Stash what an update did on its branch, and go back to where it started."""
    note.seek(0)
    with suppress(json.JSONDecodeError):
        state = json.load(note)
        note.truncate(0)
        if git("branch", "--show-current", cwd=folder) != state["branch"]:
            return
        added = [path for path in state["added"] if os.path.lexists(folder / path)]
        # Nothing of what else lies there, such as a file that was ignored before.
        git("add", "--update", cwd=folder)
        git("add", "--force", "--", *added, cwd=folder)
        if git("diff", "--cached", "--name-only", cwd=folder):
            title = f"Cut short: {state['branch']}"
            git("stash", "push", "--quiet", "--message", title, cwd=folder)
            print("What an update did before it was cut short is in git stash.")
        if state["start"] != state["branch"]:
            git("checkout", "--quiet", state["start"], cwd=folder)
            if git("rev-parse", state["branch"], cwd=folder) == state["head"]:
                git("branch", "--quiet", "--delete", "--force", state["branch"], cwd=folder)


def choose(template: Template, service: Service, wanted: str | None) -> Target:
    """Return the version to update to: the one that is wanted, or else the newest release."""
    target, before = template.find(wanted), template.version_of(service.commit)
    older = template.contains(service.commit, target.commit)
    older |= bool(before and target.version and target.version < before)
    if not older:
        return target
    if wanted and target.commit != service.commit:
        raise Refused(f"This service is newer than {target.name}: to go back, revert its update.")
    return Target(target.name, service.commit, target.version)


def parse_answers(pairs: list[str], template: Template, commit: str) -> Answers:
    """Return answers such as ``http_port=8081``; refuse names that are no question."""
    names, answers = template.questions(commit), {}
    for name, equals, value in (pair.partition("=") for pair in pairs):
        if not equals or name not in names:
            raise Refused(f"{name} is no answer: say NAME=VALUE with one of {', '.join(names)}.")
        answers[name] = value
    return answers


def plan(
    service: Service, template: Template, arguments: argparse.Namespace
) -> tuple[Target, Answers | None, str, str]:
    """Return the version, the new answers if any, and title and body of the message."""
    before = template.version_of(service.commit)
    if arguments.answers:
        answers = parse_answers(arguments.answers, template, service.commit)
        title = f"Change answers: {' '.join(arguments.answers)}"
        return Target("answers", service.commit), answers, title, ""
    target = choose(template, service, arguments.to)
    title = f"Update the template from {name_of(before)} to {target.name}"
    changes = [template.changelog(before, target)]
    asked = template.questions(target.commit)
    gone = [f"{name} ({value})" for name, value in service.answers.items() if name not in asked]
    changes += [f"These answers are asked for no more: {', '.join(gone)}"] * bool(gone)
    return target, None, title, "\n\n".join(part for part in changes if part)


def update(folder: Path, arguments: argparse.Namespace, note: TextIO | None) -> int:
    """Update the service in a folder, or without a note only tell; return the exit status."""
    service = Service(folder)
    dirty = service.git("status", "--porcelain", "--untracked-files=normal")
    if note and dirty:
        raise Refused(f"Commit or stash first what is not committed:\n{dirty}")
    with tempfile.TemporaryDirectory() as scratch:
        template = Template(service.template, Path(scratch, "template.git"))
        template.require(service.commit)
        target, answers, title, changes = plan(service, template, arguments)
        if target.commit == service.commit and answers is None:
            version = name_of(template.version_of(service.commit))
            print(f"This service has {version} of the template: there is nothing to do.")
            return DONE
        print(f"{title}\n\n{changes}".rstrip() + "\n", flush=True)
        if not note:
            return FAILED
        branch = Branch(service, f"{BRANCHES}/{target.name}")
        branch.require_free()
        tip = branch.fetch() if arguments.push else ""
        if tip and (titles := branch.commits_of_people(branch.remote)):
            print(f"{branch.name} has commits of people ({titles[0]}): it is left to them.")
            return DONE
        merged = merge(service, template, target, answers)
    if merged.tree == service.git("rev-parse", "HEAD^{tree}"):
        print("Nothing changes.")
        return DONE
    write_note(note, branch, branch.added(merged))
    branch.check_out(merged)
    return finish(branch, merged, tip, (title, changes), arguments)


def finish(
    branch: Branch, merged: Merge, tip: str, message: tuple[str, str], arguments: argparse.Namespace
) -> int:
    """Lock, check, commit and push what is merged, or tell what is left to do."""
    status, problem = DONE, ""
    if merged.conflicts:
        status = CONFLICTS
        problem = "Conflicts:\n\n" + "\n".join(f"- {line}" for line in merged.list_conflicts())
    elif not branch.lock():
        status, problem = FAILED, "uv lock failed."
    elif not (arguments.no_check or branch.check()):
        status, problem = FAILED, f"{CHECKS} is red."
    title, changes = message
    body = "\n\n".join(part for part in (problem, changes) if part)
    text = f"{title}\n\n{body}".strip()
    complete = arguments.push or not problem
    if complete:
        if merged.conflicts:
            branch.service.git("add", "--all", "--", *merged.conflicts)
        try:
            branch.commit(text)
        except Refused as error:
            # Such as that of a hook: what was merged stays for whoever mends it.
            status, problem, complete = FAILED, str(error), False
    if not complete:
        branch.leave_message(text)
        steps = ["uv lock"] * ("uv.lock" in branch.service.paths) + [CHECKS, "git commit --all"]
        print(f"{problem}\n\nYou are on {branch.name}. Mend this, then: {', '.join(steps)}.")
        return status
    if arguments.push:
        branch.push(tip, title, body, draft=bool(problem))
    print(problem or f"Done, on {branch.name}.")
    return status


def adopt(folder: Path, arguments: argparse.Namespace) -> int:
    """Link a service that plain cookiecutter made, and tell what in it differs from a new one."""
    if (folder / STATE).exists():
        raise Refused(f"There is a {STATE} here: run this without --adopt.")
    url = (
        str(Path(arguments.adopt).resolve()) if Path(arguments.adopt).exists() else arguments.adopt
    )
    with tempfile.TemporaryDirectory() as scratch:
        template = Template(url, Path(scratch, "template.git"))
        target = template.find(arguments.to)
        answers = parse_answers(arguments.answers, template, target.commit)
        rendered, state = template.render(target.commit, answers, Path(scratch, "render"))
        context = state["context"]["cookiecutter"]
        answers = {name: value for name, value in context.items() if not name.startswith("_")}
        options: Answers = {"no_input": True, "default_config": True, "extra_context": answers}
        cruft.link(str(template.folder), folder, checkout=target.commit, **options)
        # Not the password that an address may have.
        public = re.sub(r"(://)[^/\s@]*:[^/\s]*@", r"\1", url)
        state = json.loads((folder / STATE).read_text("utf-8"))
        state |= {"template": public, "checkout": target.name}
        state["context"]["cookiecutter"]["_template"] = public
        (folder / STATE).write_text(dump(state), "utf-8")
        files = [path.relative_to(rendered) for path in rendered.rglob("*") if path.is_file()]
        other = {path: compare(folder / path, rendered / path) for path in sorted(files)}
    same = [path for path, how in other.items() if not how]
    print(f"{STATE} says {target.name}, and {len(same)} of its {len(files)} files are as new:")
    for path, how in other.items():
        print(f"  {how}  {path}\n" * bool(how), end="")
    print(f"If a wrong answer or version shows, remove {STATE} and try again; if not, commit it.")
    return DONE


def compare(file: Path, other: Path) -> str:
    """Tell whether a file is missing, or differs from another in more than its line ends."""
    if not file.is_file():
        return "missing"
    ours, theirs = (path.read_bytes().replace(b"\r\n", b"\n") for path in (file, other))
    return "differs" if ours != theirs else ""


def redact(text: str) -> str:
    """Remove from addresses what may be a secret: all between the scheme and the host."""
    return re.sub(r"(://)[^/\s]*@", r"\1", text)


class Parser(argparse.ArgumentParser):
    """A parser whose own exit status is not that of a conflict."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit."""
        self.exit(FAILED, f"{self.format_usage()}{message}\n")


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments; exit if they do not go together."""
    parser = Parser(
        prog="update_from_template.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--to", metavar="VERSION", help="a release, or a branch or commit; the newest release")
    add("--check", action="store_true", help="only tell what is new: 0 if nothing is, else 1")
    add("--answers", nargs="+", default=[], metavar="NAME=VALUE", help="change answers instead")
    add("--no-check", action="store_true", help=f"do not run {CHECKS}")
    add("--push", action="store_true", help="push the branch, and open a merge request on GitLab")
    add("--adopt", metavar="URL", help="link a service that cookiecutter made; with --answers")
    arguments = parser.parse_args(argv)
    if arguments.to and arguments.answers and not arguments.adopt:
        parser.error("--answers changes answers on the same version: use --to in a run of its own")
    if arguments.adopt and (arguments.check or arguments.push):
        parser.error("--adopt goes with --to and --answers alone")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return the exit status."""
    arguments = parse_arguments(argv)
    try:
        folder = Path(git("rev-parse", "--show-toplevel", cwd=Path.cwd()))
        for name in SET_BY_GIT:
            os.environ.pop(f"GIT_{name}", None)
        if Path.cwd() != folder and Path(STATE).exists():
            raise Refused("A service must be the top folder of its repository.")
        if not sys.stdin.isatty():
            os.environ.setdefault("GIT_TERMINAL_PROMPT", "0")
        if arguments.adopt:
            return adopt(folder, arguments)
        if arguments.check:
            return update(folder, arguments, note=None)
        with alone(folder) as note:
            return update(folder, arguments, note)
    except Refused as error:
        print(redact(str(error)), file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
