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
from typing import Any, NoReturn

import cruft
from cookiecutter.exceptions import CookiecutterException

DONE, FAILED, CONFLICTS = 0, 1, 2
STATE = ".cruft.json"
CHECKS = "scripts/qa_commands.sh"
BRANCHES = "template-update"
# In the message of each commit made here: its tree, which tells whether anybody amended it.
TRAILER = "Template-Update"
RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
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


def git(*arguments: str | Path, cwd: Path, text: str | None = None, **environment: str) -> str:
    """Run git and return what it prints; raise ``Refused`` with its complaint if it fails."""
    result = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        input=text,
        env=os.environ | {"LC_ALL": "C", **environment},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
    )
    if result.returncode:
        raise Refused(
            f"git {arguments[0]} failed: {result.stderr.strip() or result.stdout.strip()}"
        )
    return result.stdout.rstrip("\n")


def succeeds(*arguments: str, cwd: Path) -> bool:
    """Tell whether a git command succeeds."""
    return subprocess.run(["git", *arguments], cwd=cwd, capture_output=True).returncode == 0


def parse_version(name: str) -> Version | None:
    """Return the numbers of a release's name, such as v1.2.0."""
    match = RELEASE.fullmatch(name)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


class Template:
    """The template, in a bare clone."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        git("clone", "--quiet", "--bare", "--", url, folder, cwd=folder.parent)

    def git(self, *arguments: str) -> str:
        """Run git in the clone."""
        return git(*arguments, cwd=self.folder)

    def read(self, commit: str, path: str) -> str:
        """Return a file of a commit, or nothing where it has none."""
        with suppress(Refused):
            return self.git("show", f"{commit}:{path}")
        return ""

    def releases(self) -> dict[Version, Target]:
        """Return the releases, old ones first: git tags, and those that cruft.json lists."""
        listed = json.loads(self.read("HEAD", "cruft.json") or "{}").get("releases", {})
        tags = self.git("tag", "--list", "--format=%(refname:short) %(objectname) %(*objectname)")
        # A tag may be an object of its own, which names the commit.
        tagged = {line.split()[0]: line.split()[-1] for line in tags.splitlines()}
        found = {}
        for name, commit in [*listed.items(), *tagged.items()]:
            if version := parse_version(name):
                found[version] = Target(f"v{name.removeprefix('v')}", commit, version)
        return dict(sorted(found.items()))

    def require(self, commit: str) -> None:
        """Raise if the clone lacks a commit, and cannot fetch it."""
        ways = (["cat-file", "-e", commit + "^{commit}"], ["fetch", "--quiet", "origin", commit])
        if not any(succeeds(*way, cwd=self.folder) for way in ways):
            shallow = self.git("rev-parse", "--is-shallow-repository") == "true"
            why = (
                "it is shallow: run git fetch --unshallow there" if shallow else "was it rewritten?"
            )
            raise Refused(f"{self.url} has no commit {commit}, which this service is from: {why}")

    def find(self, name: str) -> Target:
        """Return a release, or the commit of another name; raise ``Refused`` if there is none."""
        version = parse_version(name)
        releases = self.releases()
        if version in releases:
            return releases[version]
        with suppress(Refused):
            return Target(
                name, self.git("rev-parse", "--verify", "--end-of-options", name + "^{commit}")
            )
        known = ", ".join(release.name for release in releases.values()) or "none"
        raise Refused(f"{self.url} has no {name}; its releases: {known}")

    def contains(self, commit: str, other: str) -> bool:
        """Tell whether a commit is, or comes after, another one."""
        return succeeds("merge-base", "--is-ancestor", other, commit, cwd=self.folder)

    def version_of(self, commit: str) -> Version | None:
        """Return the newest release that a commit contains."""
        newest_first = reversed(self.releases().items())
        containing = (v for v, release in newest_first if self.contains(commit, release.commit))
        return next(containing, None)

    def changelog(self, after: Version | None, target: Target) -> str:
        """Return the entries of the releases after one, up to the target."""
        parts = re.split(r"^## \[(.+?)\].*\n", self.read(target.commit, "CHANGELOG.md"), flags=re.M)
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
            try:
                folder = cruft.create(
                    str(self.folder),
                    place,
                    config_file=config,
                    extra_context=answers,
                    checkout=commit,
                )
            except (CookiecutterException, ValueError) as error:
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
        self.head = self.git("rev-parse", "--verify", "HEAD")
        listed = self.git("ls-tree", "-r", "-z", "--name-only", "HEAD")
        self.paths = {path for path in listed.split("\0") if path}
        if STATE not in self.paths:
            raise Refused(f"There is no {STATE} here: see --adopt.")
        try:
            self.state: Answers = json.loads(self.read(STATE))
            self.template, self.commit = str(self.state["template"]), str(self.state["commit"])
            context = self.state["context"]["cookiecutter"]
            self.answers = {k: value for k, value in context.items() if not k.startswith("_")}
            self.skip = [*self.state.get("skip", []), *read_skip(self.read("pyproject.toml"))]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Refused(f"{STATE} or pyproject.toml cannot be read: {error!r}") from error
        # What git gets as an argument is no option, and what is removed is in a render.
        if not re.fullmatch("[0-9a-f]{40,64}", self.commit):
            raise Refused(f"{STATE} has no commit of the template: {self.commit}")
        if outside := [path for path in self.skip if path[:1] == "/" or ".." in Path(path).parts]:
            raise Refused(f"What [tool.cruft] skip names is not in the service: {outside[0]}")

    def read(self, path: str) -> str:
        """Return a file, or nothing where there is none."""
        return self.git("show", f"HEAD:{path}") if path in self.paths else ""

    def git(self, *arguments: str | Path, text: str | None = None) -> str:
        """Run git in the service."""
        return git(*arguments, cwd=self.folder, text=text)

    def has(self, path: Path) -> bool:
        """Tell whether there is such a file or folder."""
        return any(path == each or path in each.parents for each in map(Path, self.paths))


def read_skip(project: str) -> list[str]:
    """Return the list ``[tool.cruft] skip`` of the text of a pyproject.toml."""
    skip: list[str] = tomllib.loads(project).get("tool", {}).get("cruft", {}).get("skip", [])
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
        context = complete(service.answers | (answers or {}), template, target)
        new, state = template.render(target.commit, context, place / "new")
        if answers is None:
            leave_out(service, old, new)
        objects = Objects(service, place)
        objects.follow_line_ends(old, new)
        merged = objects.merge(old, new, target.name)
        names = {tag.name for tag in template.releases().values()}
        changed = {
            "commit": target.commit,
            "checkout": target.name if target.name in names else service.state.get("checkout"),
            "context": state["context"],
        }
        changed["context"]["cookiecutter"]["_template"] = service.template
        tree = objects.put(merged.tree, STATE, dump(service.state | changed))
    return Merge(tree, merged.conflicts)


def dump(state: Answers) -> str:
    """Return the text of a ``.cruft.json``, as cruft writes it."""
    return json.dumps(state, ensure_ascii=False, indent=2, separators=(",", ": ")) + "\n"


def complete(answers: Answers, template: Template, target: Target) -> Answers:
    """Add the answers that the service was not asked for, as they were before the question.

    The template's cruft.json lists those that are not the default.
    """
    questions = json.loads(template.read(target.commit, "cookiecutter.json"))
    before = json.loads(template.read(target.commit, "cruft.json") or "{}")
    older: Answers = before.get("answers_of_older_services", {})
    return {name: value for name, value in older.items() if name in questions} | answers


def leave_out(service: Service, old: Path, new: Path) -> None:
    """Remove what the service's team owns from both renders; a seed that is new stays."""
    skip = {*service.skip}
    for folder in (old, new):
        with suppress(FileNotFoundError):
            skip |= {*read_skip((folder / "pyproject.toml").read_text("utf-8"))}
    for pattern in skip:
        for folder in (old, new):
            # As cruft reads them: a path, or a pattern if there is a star in it.
            for file in list(folder.glob(pattern)) if "*" in pattern else [folder / pattern]:
                path = file.relative_to(folder)
                if (old / path).exists() or service.has(path):
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
        self.repository = place / "objects.git"
        format = service.git("rev-parse", "--show-object-format")
        shared = service.folder / service.git("rev-parse", "--git-path", "objects")
        self.environment = {
            "GIT_DIR": str(self.repository),
            "GIT_OBJECT_DIRECTORY": str(shared),
            "GIT_INDEX_FILE": str(place / "index"),
            # Only the commits of the merge bear it, and no branch holds them.
            **{f"GIT_{who}_NAME": "Template" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "template@localhost" for who in ("AUTHOR", "COMMITTER")},
        }
        self.git("init", "--quiet", "--bare", f"--object-format={format}", self.repository)

    def git(self, *arguments: str | Path, text: str | None = None, **environment: str) -> str:
        """Run git in this repository."""
        variables = self.environment | environment
        return git(*arguments, cwd=self.place, text=text, **variables)

    def follow_line_ends(self, *renders: Path) -> None:
        """Give the rendered files the line ends that the service has in them."""
        self.git("read-tree", self.service.head)
        listed = self.git("ls-files", "--eol", "-z", GIT_WORK_TREE=str(self.place))
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
        index = {"GIT_INDEX_FILE": str(self.place / f"index-{folder.parent.name}")}
        variables = {"GIT_WORK_TREE": str(folder), **index}
        # A user's own setting would take the line ends away again.
        self.git("-c", "core.autocrlf=false", "add", "--all", "--force", str(folder), **variables)
        return self.git("write-tree", **variables)

    def merge(self, old: Path, new: Path, name: str) -> Merge:
        """Merge the way from the old render to the new one into the service."""
        ours, theirs = "service", f"template-{re.sub('[^A-Za-z0-9.]', '-', name)}"
        self.commit(self.write(old), "base")
        self.commit(self.service.head + "^{tree}", ours, "refs/base")
        self.commit(self.write(new), theirs, "refs/base")
        command = ["git", "merge-tree", "--write-tree", "-z", "--messages", ours, theirs]
        result = subprocess.run(
            command, cwd=self.place, env=os.environ | self.environment, capture_output=True
        )
        if result.returncode not in (0, 1):
            raise Refused(
                f"git merge-tree, of git 2.38 and newer, failed: {result.stderr.decode()}"
            )
        head, _, messages = result.stdout.decode("utf-8", "surrogateescape").partition("\0\0")
        tree, *entries = head.rstrip("\0").split("\0")
        conflicts: dict[str, list[str]] = {}
        for entry in entries:
            file, _, path = entry.partition("\t")
            conflicts.setdefault(path, []).append(file)
        if result.returncode and not conflicts:
            raise Refused(f"git cannot merge this: {messages.replace(chr(0), ' ')}")
        return Merge(tree, conflicts)

    def put(self, tree: str, path: str, text: str) -> str:
        """Return a tree with a file in it."""
        blob = self.git("hash-object", "-w", "--stdin", text=text)
        self.git("read-tree", tree)
        self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        return self.git("write-tree")


class Branch:
    """The branch of an update, in the checkout of a service.

    A locked file in the folder of git tells that an update runs. A killed one leaves what it did
    on that branch, and the next run puts it aside.
    """

    def __init__(self, service: Service, name: str) -> None:
        self.service, self.folder, self.name = service, service.folder, name
        self.start = service.git("branch", "--show-current")
        self.remote = f"refs/remotes/origin/{name}"

    def require_ours(self) -> None:
        """Raise if the branch is there with commits of people."""
        tip = f"refs/heads/{self.name}"
        if self.start == self.name or not succeeds("show-ref", "--verify", tip, cwd=self.folder):
            return
        if titles := self.commits_of_people(tip):
            raise Refused(f"{self.name} has commits of people ({titles[0]}): merge or delete it.")

    def commits_of_people(self, tip: str) -> list[str]:
        """Return the titles of the commits that were not made here, or were amended since."""
        format = f"%T %(trailers:key={TRAILER},valueonly,separator=%x20)%x09%an: %s"
        lines = self.service.git("log", f"--format={format}", f"HEAD..{tip}").splitlines()
        parts = [line.partition("\t") for line in lines]
        return [title for trees, _, title in parts if trees.split()[1:] != trees.split()[:1]]

    @contextmanager
    def working(self) -> Iterator[None]:
        """Note that an update runs; if it fails, put everything back as it was."""
        note = note_of(self.folder)
        with note.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            json.dump({"start": self.start or self.service.head, "branch": self.name}, file)
            file.flush()
            try:
                yield
            except BaseException:
                put_aside(self.folder)
                raise
            note.unlink()

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

    def lock(self) -> bool:
        """Bring uv.lock up to what pyproject.toml says now; tell whether that went well."""
        changed = self.service.git(
            "diff", "--cached", "--name-only", "HEAD", "--", "pyproject.toml"
        )
        uv = os.environ.get("UV", "uv")
        return "uv.lock" not in self.service.paths or not changed or self.run(uv, "lock")

    def check(self) -> bool:
        """Run the service's checks, where they are; tell whether they are green."""
        return not (self.folder / CHECKS).exists() or self.run(CHECKS)

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
        """Commit what was merged, and nothing that the checks left in the folder."""
        self.service.git("add", "--update")
        tree = self.service.git("write-tree")
        self.service.git("commit", "--quiet", "--file=-", text=f"{message}\n\n{TRAILER}: {tree}\n")

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
            deepen = ["--unshallow"] * shallow
            refs = f"+refs/heads/{self.name}:{self.remote}"
            self.service.git("fetch", "--quiet", *deepen, "origin", "HEAD", refs)
        return listed[0] if listed else ""

    def same_as(self, tip: str) -> bool:
        """Tell whether a commit has the content and the parent of ours."""
        ours, theirs = (
            self.service.git("log", "-1", "--format=%T %P", commit) for commit in ("HEAD", tip)
        )
        return ours == theirs

    def push(self, title: str, description: str, draft: bool) -> None:
        """Push the branch, over nothing but what was pushed here, for a merge request of GitLab."""
        default = os.environ.get("CI_COMMIT_BRANCH") or os.environ.get("CI_DEFAULT_BRANCH", "main")
        options = ["create", f"target={self.start or default}", "remove_source_branch"]
        # git takes no line breaks in an option, and GitLab makes them of these.
        options += [f"title={title}", "description=" + description.replace("\n", "\\n")]
        options += ["draft"] * draft
        tip = self.fetch()
        if tip and self.same_as(tip):
            print(f"{self.name} is pushed already.")
            return
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


def note_of(folder: Path) -> Path:
    """Return the file that tells that an update runs."""
    return folder / git("rev-parse", "--git-path", "template-update.json", cwd=folder)


def put_aside(folder: Path) -> None:
    """Stash what a killed update did on its branch, and go back to where it started."""
    note = note_of(folder)
    (folder / git("rev-parse", "--git-path", "index.lock", cwd=folder)).unlink(missing_ok=True)
    with suppress(json.JSONDecodeError):
        state = json.loads(note.read_text("utf-8"))
        here = git("branch", "--show-current", cwd=folder)
        if here == state["branch"] != state["start"]:
            git("add", "--all", cwd=folder)
            if git("status", "--porcelain", cwd=folder):
                git("stash", "push", "--quiet", "--message", f"Cut short: {here}", cwd=folder)
                print("What an update did before it was cut short is in git stash.")
            git("checkout", "--quiet", state["start"], cwd=folder)
    note.unlink()


def recover(folder: Path) -> None:
    """Put aside what a killed update left; raise if it still runs."""
    note = note_of(folder)
    if note.exists():
        with note.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Refused("Another update runs here.") from error
            put_aside(folder)


def choose(template: Template, service: Service, wanted: str | None) -> Target:
    """Return the version to update to: the one that is wanted, or else the newest release."""
    releases = list(template.releases().values())
    if not (wanted or releases):
        raise Refused("The template has no releases: say --to and a branch of it.")
    target = template.find(wanted) if wanted else releases[-1]
    commit = service.commit
    if not template.contains(commit, target.commit):
        return target
    if wanted and target.commit != commit:
        raise Refused(f"This service is newer than {target.name}: to go back, revert its update.")
    return Target(target.name, commit, target.version)


def parse_answers(pairs: list[str], template: Template, commit: str) -> Answers:
    """Return answers such as ``http_port=8081``; refuse names that are no question."""
    questions = json.loads(template.read(commit, "cookiecutter.json"))
    names = [name for name in questions if not name.startswith("_")]
    answers = {}
    for name, equals, value in (pair.partition("=") for pair in pairs):
        if not equals or name not in names:
            raise Refused(f"{name} is no answer: say NAME=VALUE with one of {', '.join(names)}.")
        answers[name] = value
    return answers


def update(folder: Path, arguments: argparse.Namespace) -> int:
    """Update the service in a folder; return the exit status."""
    recover(folder)
    dirty = git("status", "--porcelain", cwd=folder)
    if dirty and not arguments.check:
        raise Refused(f"Commit or stash first what is not committed:\n{dirty}")
    service = Service(folder)
    commit = service.commit
    with tempfile.TemporaryDirectory() as scratch:
        template = Template(service.template, Path(scratch, "template.git"))
        template.require(commit)
        before = template.version_of(commit)
        if arguments.answers:
            target, changes = Target("answers", commit), ""
            title = f"Change answers: {' '.join(arguments.answers)}"
        else:
            target = choose(template, service, arguments.to)
            if target.commit == commit:
                print(
                    f"This service has {name_of(before)} of the template: there is nothing to do."
                )
                return DONE
            changes = template.changelog(before, target)
            title = f"Update the template from {name_of(before)} to {target.name}"
        print(f"{title}\n\n{changes}".rstrip() + "\n", flush=True)
        if arguments.check:
            return FAILED
        branch = Branch(service, f"{BRANCHES}/{target.name}")
        branch.require_ours()
        if (
            arguments.push
            and branch.fetch()
            and (titles := branch.commits_of_people(branch.remote))
        ):
            print(f"{branch.name} has commits of people ({titles[0]}): it is left to them.")
            return DONE
        answers = parse_answers(arguments.answers, template, commit) if arguments.answers else None
        merged = merge(service, template, target, answers)
    if merged.tree == service.git("rev-parse", "HEAD^{tree}"):
        print("Nothing changes.")
        return DONE
    with branch.working():
        branch.check_out(merged)
        return finish(branch, merged, title, changes, arguments)


def finish(
    branch: Branch, merged: Merge, title: str, changes: str, arguments: argparse.Namespace
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
    message = "\n\n".join(part for part in (title, problem, changes) if part)
    if problem and not arguments.push:
        branch.leave_message(message)
        print(f"{problem}\n\nYou are on {branch.name}. Mend this, then: ", end="")
        print("uv lock, " * ("uv.lock" in branch.service.paths) + f"{CHECKS}, git commit.")
        return status
    branch.commit(message)
    if arguments.push:
        _, _, description = message.partition("\n\n")
        branch.push(title, description, draft=bool(problem))
    print(problem or f"Done, on {branch.name}.")
    return status


def name_of(version: Version | None) -> str:
    """Return the name of a release."""
    return "v" + ".".join(map(str, version)) if version else "no release"


def adopt(folder: Path, arguments: argparse.Namespace) -> int:
    """Link a service that plain cookiecutter made, and tell what in it differs from a new one."""
    if (folder / STATE).exists():
        raise Refused(f"There is a {STATE} here: run this without --adopt.")
    with tempfile.TemporaryDirectory() as scratch:
        template = Template(arguments.adopt, Path(scratch, "template.git"))
        target = template.find(arguments.to or name_of(max(template.releases(), default=None)))
        answers = parse_answers(arguments.answers, template, target.commit)
        rendered, state = template.render(target.commit, answers, Path(scratch, "render"))
        context = state["context"]["cookiecutter"]
        answers = {name: value for name, value in context.items() if not name.startswith("_")}
        options = {"no_input": True, "default_config": True, "extra_context": answers}
        cruft.link(arguments.adopt, folder, checkout=target.commit, **options)
        files = [path.relative_to(rendered) for path in rendered.rglob("*") if path.is_file()]
        same = [path for path in files if is_same(folder / path, rendered / path)]
    print(f"{STATE} says {target.name}, and {len(same)} of its {len(files)} files are as new:")
    for path in sorted({*files} - {*same}):
        print(f"  {'differs' if (folder / path).exists() else 'missing'}  {path}")
    print(f"If a wrong answer or version shows, remove {STATE} and try again; if not, commit it.")
    return DONE


def is_same(file: Path, other: Path) -> bool:
    """Tell whether a file is there, with the text of another."""
    return file.is_file() and file.read_bytes() == other.read_bytes()


def redact(text: str) -> str:
    """Remove from addresses what may be a secret: all between the scheme and the host."""
    return re.sub(r"(://)[^/\s]*@", r"\1", text)


class Parser(argparse.ArgumentParser):
    """A parser whose own exit status is not that of a conflict."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit."""
        self.exit(FAILED, f"{self.format_usage()}{message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and do what they say; return the exit status."""
    parser = Parser(prog="update_from_template.py", description=__doc__)
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
    if not sys.stdin.isatty():
        os.environ.setdefault("GIT_TERMINAL_PROMPT", "0")
    try:
        folder = Path(git("rev-parse", "--show-toplevel", cwd=Path.cwd()))
        return adopt(folder, arguments) if arguments.adopt else update(folder, arguments)
    except Refused as error:
        print(redact(str(error)), file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
