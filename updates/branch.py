"""The branch of an update: made, checked, committed, pushed."""

from __future__ import annotations

import os
import subprocess

from updates.commands import Refused
from updates.objects import Merge
from updates.service import Service

CHECKS = "scripts/qa_commands.sh"
BRANCHES = "template-update"
# In the message of each commit made here: its tree, which tells whether anybody amended it.
TRAILER = "Template-Update"
TAKES_NO_OPTIONS = "its remote takes no options"


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
            print(f"{self.name} is pushed; {TAKES_NO_OPTIONS}: open a merge request there.")
