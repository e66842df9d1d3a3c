"""The branch of an update: its name, its commits, its remote."""

from __future__ import annotations

import os
import re

from updates.commands import Refused
from updates.service import Service

CHECKS = "scripts/qa_commands.sh"
BRANCHES = "template-update"
# In the message of each commit made here: its tree, which tells whether anybody amended it.
TRAILER = "Template-Update"
TAKES_NO_OPTIONS = "its remote takes no options"
OPEN = "open a merge or pull request there"


class Branch:
    """A branch of updates, as it was when the update began, and the branch that one was on."""

    def __init__(self, service: Service, start: str, name: str) -> None:
        self.service, self.start, self.name = service, start, name
        self.tip = f"refs/heads/{self.name}"
        self.old = service.git("for-each-ref", "--format=%(objectname)", self.tip)
        self.remote = find_remote(service, start)
        self.pushed = f"refs/remotes/{self.remote}/{self.name}"

    def require_free(self) -> None:
        """Raise if the branch is checked out elsewhere, or has commits of people."""
        if self.start == self.name or not self.old:
            return
        self.require_left_alone()
        if titles := self.commits_of_people(self.tip):
            raise Refused(f"{self.name} has commits of people ({titles[0]}): merge or delete it.")

    def require_left_alone(self) -> None:
        """Raise if the branch is checked out in some work tree."""
        if place := self.service.git("for-each-ref", "--format=%(worktreepath)", self.tip):
            raise Refused(f"{self.name} is checked out in {place}.")

    def move(self, commit: str) -> None:
        """Let the branch begin or go on at a commit; raise if it is not as it was."""
        self.require_left_alone()
        nothing = "0" * len(commit)
        try:
            self.service.git("update-ref", self.tip, commit, self.old or nothing)
        except Refused as error:
            raise Refused(f"{self.name} was changed meanwhile, and stays as it is.") from error
        self.old = commit

    def commits_of_people(self, tip: str) -> list[str]:
        """Return the titles of the commits that were not made here, or were amended since."""
        format = f"%T %(trailers:key={TRAILER},valueonly,separator=%x20)%x09%an: %s"
        # What other branches have too was not made on this one.
        others = (
            f"--exclude={self.name}",
            "--branches",
            f"--exclude={self.remote}/{self.name}",
            "--remotes",
        )
        options = ("--no-show-signature", f"--format={format}", tip, "--not", "HEAD", *others)
        parts = [line.partition("\t") for line in self.service.git("log", *options).splitlines()]
        return [title for trees, _, title in parts if trees.split()[1:] != trees.split()[:1]]

    def fetch(self) -> str:
        """Return the tip of the branch at the remote, or nothing."""
        listed = self.service.git("ls-remote", self.remote, self.tip).split()
        if listed:
            # Without the whole history, commits of main would seem to be new on the branch.
            shallow = self.service.git("rev-parse", "--is-shallow-repository") == "true"
            refs = f"+{self.tip}:{self.pushed}"
            options = ["--quiet", *["--unshallow"] * shallow]
            self.service.git("fetch", *options, self.remote, refs)
        return self.service.git("rev-parse", self.pushed) if listed else ""

    def push(self, commit: str, tip: str, title: str, description: str, draft: bool) -> str:
        """Push a commit over the tip that was looked at, for a merge request of GitLab.

        Return what the remote has then: the tip, where that is the same update.
        """
        show = ("log", "-1", "--no-show-signature", "--format=%T %P %B")
        if tip and self.service.git(*show, tip) == self.service.git(*show, commit):
            print(f"{self.name} is pushed already.")
            return tip
        options = ["create", f"target={self.find_target()}", "remove_source_branch"]
        # git takes no line breaks in an option, and GitLab makes them of these.
        options += [f"title={title}", "description=" + description.replace("\n", "\\n")]
        options += ["draft"] * draft
        lease = f"--force-with-lease={self.name}:{tip}"
        command = ["push", "--quiet", lease, self.remote, f"{commit}:{self.tip}"]
        try:
            self.service.git(*command, *(f"--push-option=merge_request.{each}" for each in options))
        except Refused as error:
            if "support push options" not in str(error):
                raise
            self.service.git(*command)
            print(f"{self.name} is pushed; {TAKES_NO_OPTIONS}: {OPEN}.")
        return commit

    def find_target(self) -> str:
        """Return the branch that a merge request is for: where one was, or else the main one."""
        start = self.start if self.start != self.name else ""
        in_pipeline = os.environ.get("CI_COMMIT_BRANCH") or os.environ.get("CI_DEFAULT_BRANCH")
        main = ("for-each-ref", "--format=%(symref:lstrip=3)", f"refs/remotes/{self.remote}/HEAD")
        return start or in_pipeline or self.service.git(*main) or "main"


def name_branch(service: Service, version: str) -> str:
    """Return the name of the branch of an update; of each service in a repository it is another."""
    return f"{BRANCHES}/{re.sub('[^A-Za-z0-9_/-]', '-', service.place)}{version}"


def find_remote(service: Service, branch: str) -> str:
    """Return the remote that a branch follows, or else the only one, or else ``origin``."""
    remotes = service.git("remote").splitlines()
    format = "--format=%(upstream:remotename)"
    followed = service.git("for-each-ref", format, f"refs/heads/{branch}") if branch else ""
    if followed in remotes:
        return followed
    return remotes[0] if len(remotes) == 1 else "origin"
