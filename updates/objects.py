"""Trees and merges, written into a service's objects and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from updates.commands import Refused, git
from updates.drivers import describe_missing, list_settings, read_attributes
from updates.service import Service

WHAT_TO_DO = {
    "123": "both changed it: edit the file, then git add",
    "13": "you deleted it, the template changed it: git rm to stay without, git add to take it",
    "12": "you changed it, the template removed it: git rm to let it go, git add to keep it",
    "23": "both added it: edit the file, then git add",
    "1": "both renamed it: git rm it, and keep one of the new names",
    "2": "you have it here, the template has it elsewhere: git add it to keep it, git rm it if not",
    "3": "the template has it here, you have it elsewhere: git add it to keep it, git rm it if not",
}
# Git gives one side another name where one has a link, or a folder, in the place of a file.
RENAMED = "the other side has another kind of file there: git add it to keep it, git rm it if not"
OF_A_SIDE = re.compile("~(service|template-[^/]*)$")
OTHERWISE = "one side renamed or replaced it: see git status"


@dataclass(frozen=True)
class Merge:
    """The tree of the updated service, and what git could not decide."""

    tree: str
    # For each path the lines of git's index: mode, object, stage.
    conflicts: Mapping[str, Sequence[str]]
    # The service's own tree after the migrations, which is the one before where there are none.
    migrated: str = ""
    migrations: Sequence[str] = ()
    # Names that files import and that are gone, and what else there is to say, part by part.
    missing: Sequence[str] = ()
    report: Sequence[str] = ()

    def list_conflicts(self) -> list[str]:
        """Say for each file what happened, and what to do; then which names are missing."""
        kinds = {
            path: "".join(e.split()[2] for e in found) for path, found in self.conflicts.items()
        }
        lines = [
            f"{path}: {RENAMED if OF_A_SIDE.search(path) else WHAT_TO_DO.get(kind, OTHERWISE)}"
            for path, kind in kinds.items()
        ]
        return [*lines, *self.missing]

    def list_files(self) -> set[str]:
        """Return the files that ``list_conflicts`` speaks of."""
        return {*self.conflicts, *(line.partition(", line ")[0] for line in self.missing)}


class Objects:
    """A repository that shares the service's objects, and none of its settings."""

    def __init__(self, service: Service, place: Path) -> None:
        self.service, self.place = service, place
        asked = service.git("rev-parse", "--show-object-format", "--git-path", "objects")
        format, shared = asked.splitlines()
        self.environment = {
            "GIT_DIR": str(place / "objects.git"),
            "GIT_OBJECT_DIRECTORY": str(service.folder / shared),
            "GIT_INDEX_FILE": str(place / "index"),
            # Only the commits of the merge bear it, and no branch holds them.
            **{f"GIT_{who}_NAME": "Template" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "template@localhost" for who in ("AUTHOR", "COMMITTER")},
        }
        self.git("init", "--quiet", "--bare", f"--object-format={format}")
        self.problem = self.follow_attributes()

    def follow_attributes(self) -> str:
        """Use the merge drivers that the service names; say which are not installed, if any."""
        if not (attributes := read_attributes(self.service)):
            return ""
        settings = list_settings(self.service.folder)
        # A bare repository has its attributes here, and none in its trees.
        folder = self.place / "objects.git" / "info"
        folder.mkdir(exist_ok=True)
        (folder / "attributes").write_text(attributes, "utf-8")
        for name, value in settings.items():
            self.git("config", name, value)
        return describe_missing(attributes, settings)

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

    def commit(self, tree: str, *parents: str) -> str:
        """Return a commit of a tree, which no branch holds."""
        options = [option for parent in parents for option in ("-p", parent)]
        return self.git("commit-tree", tree, "-m", "merge", *options)

    def write(self, folder: Path) -> str:
        """Return the tree of all that is in a folder."""
        name = "-".join(folder.relative_to(self.place).parts)
        index = str(self.place / f"index-{name}")
        variables = {"GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": index}
        # A user's own setting would take the line ends away again.
        add = ("-c", "core.autocrlf=false", "add", "--all", "--force", str(folder))
        self.git(*add, environment=variables)
        return self.git("write-tree", environment=variables)

    def merge(self, tree: str, old: str, new: str, name: str) -> Merge:
        """Merge the way from the tree of a render to that of another into one of the service."""
        ours, theirs = "service", f"template-{name.replace('/', '-')}"
        base = self.commit(old)
        # Git writes these names beside its conflict markers.
        sides = {ours: self.commit(tree, base), theirs: self.commit(new, base)}
        text = "".join(f"update refs/{side} {commit}\n" for side, commit in sides.items())
        self.git("update-ref", "--stdin", text=text)
        # It came with git 2.38; its exit status 1 tells of conflicts.
        options = ("--write-tree", "-z", "--messages", ours, theirs)
        merged = self.git("merge-tree", *options, good=(0, 1))
        head, _, messages = merged.partition("\0\0")
        result, *entries = head.rstrip("\0").split("\0")
        conflicts: dict[str, list[str]] = {}
        for entry in entries:
            file, _, path = entry.partition("\t")
            conflicts.setdefault(path, []).append(file)
        if "CONFLICT" in messages and not conflicts:
            raise Refused(f"git cannot merge this: {messages.replace(chr(0), ' ')}")
        return Merge(result, conflicts, tree)

    def put(self, tree: str, path: str, text: str) -> str:
        """Return a tree with a file in it."""
        return self.put_all(tree, {path: text.encode()})

    def put_all(self, tree: str, files: Mapping[str, bytes | None]) -> str:
        """Return a tree with files in it, or without those that have no content."""
        if not files:
            return tree
        self.git("read-tree", tree)
        listed = self.git("ls-files", "--stage", "-z").split("\0")
        modes = {entry.partition("\t")[2]: entry[:6] for entry in listed}
        gone = f"0 {'0' * len(tree)}"
        lines = {path: gone for path, content in files.items() if content is None}
        there = {path: content for path, content in files.items() if content is not None}
        places = [self.place / f"blob-{number}" for number in range(len(there))]
        for place, content in zip(places, there.values(), strict=True):
            place.write_bytes(content)
        hash = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        blobs = self.git(*hash, text="".join(f"{place}\n" for place in places)).splitlines()
        for path, blob in zip(there, blobs, strict=True):
            lines[path] = f"{modes.get(path, '100644')} {blob}"
        text = "".join(f"{entry}\t{path}\0" for path, entry in lines.items())
        self.git("update-index", "-z", "--index-info", text=text)
        return self.git("write-tree")
