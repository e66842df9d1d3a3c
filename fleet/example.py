"""A fleet to try things on: a template of three releases, and services of each."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import cruft

from fleet.processes import ROOT
from updates.commands import git

OLD, BETWEEN, NEW = RELEASES = ("v1.0.0", "v1.1.0", "v1.2.0")
BRANCH = "next"
# Of what is committed here, newer than all releases to come.
NEXT = "v99.0.0"
FOLDER = "{{cookiecutter.service_slug}}"
TEMPLATE = ("CHANGELOG.md", "cookiecutter.json", "cruft.json", "hooks", "updates", FOLDER)
PUSH_OPTIONS = "push-options"


def commit(folder: Path, message: str) -> None:
    """Commit all that stands in a repository."""
    git("add", "--all", "--force", cwd=folder)
    git("commit", "--quiet", "--message", message, cwd=folder)


def make_template(folder: Path) -> Path:
    """Make a repository of the template as it stands here, after two releases before it."""
    git("init", "--quiet", "--initial-branch=main", folder, cwd=folder.parent)
    for release in RELEASES:
        copy_template(folder)
        if release != NEW:
            age(folder / FOLDER, release)
        commit(folder, f"Release {release}")
        git("tag", release, cwd=folder)
    git("switch", "--quiet", "--create", BRANCH, cwd=folder)
    append(folder / FOLDER / "Dockerfile", "# Not released.\n")
    commit(folder, "Try something")
    git("switch", "--quiet", "main", cwd=folder)
    return folder


def copy_template(folder: Path) -> None:
    """Copy the template's files as git would take them, without the releases that it has here."""
    listed = git("ls-files", "-z", "-co", "--exclude-standard", "--", *TEMPLATE, cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    fleet = json.loads((folder / "cruft.json").read_text("utf-8"))
    (folder / "cruft.json").write_text(json.dumps(fleet | {"services": [], "releases": {}}))


def age(service: Path, release: str) -> None:
    """Give the folder of the service what a release before the newest had in it."""
    dockerfile = service / "Dockerfile"
    _, _, rest = dockerfile.read_text("utf-8").partition("\n")
    dockerfile.write_text(f"# The image of {release}.\n{rest}", "utf-8")
    append(service / ".gitlab-ci.yml", f"# The pipeline of {release}.\n")
    if release == OLD:
        (service / "compose.test.yaml").unlink()


def append(file: Path, text: str) -> None:
    """Append text to a file."""
    file.write_text(file.read_text("utf-8") + text, "utf-8")


def make_service(
    template: Path, release: str, answers: Mapping[str, str | bool], place: Path
) -> Path:
    """Make a service by cruft, as a repository that takes push options and writes them down."""
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch, "cookiecutter.yaml")
        config.write_text(json.dumps(dict.fromkeys(("cookiecutters_dir", "replay_dir"), scratch)))
        folder = cruft.create(
            str(template),
            place,
            config_file=config,
            extra_context=dict(answers),
            checkout=release,
        )
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("config", "receive.advertisePushOptions", "true", cwd=folder)
    hook = folder / ".git" / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nenv | grep ^GIT_PUSH_OPTION_ >> {PUSH_OPTIONS}\n")
    hook.chmod(0o755)
    commit(folder, "Create the service")
    return Path(folder)


def edit(service: Path, path: str, old: str, new: str) -> None:
    """Edit a file as a team does, and commit it."""
    file = service / path
    text = file.read_text("utf-8")
    if old not in text:
        raise ValueError(f"{path} has no {old!r}")
    file.write_text(text.replace(old, new, 1), "utf-8")
    git("commit", "--quiet", "--all", "--message", f"Edit {path}", cwd=service)


def clone_releases(folder: Path) -> tuple[Path, list[str]]:
    """Clone this template with its whole history; return also its releases, and what comes next."""
    listed: dict[str, str] = json.loads((ROOT / "cruft.json").read_text("utf-8"))["releases"]
    git("clone", "--quiet", ROOT, folder, cwd=folder.parent)
    git("tag", NEXT, cwd=folder)
    return folder, [*listed.values(), NEXT]


def fork(service: Path, folder: Path, path: str, old: str, new: str) -> None:
    """Make a bare clone that shares the objects of a service, with an edit of a file in it."""
    git("clone", "--quiet", "--bare", "--shared", service, folder, cwd=folder.parent)
    text = git("show", f"HEAD:{path}", cwd=folder) + "\n"
    if old not in text:
        raise ValueError(f"{path} has no {old!r}")
    blob = git("hash-object", "-w", "--stdin", cwd=folder, text=text.replace(old, new, 1))
    git("read-tree", "HEAD", cwd=folder)
    git("update-index", "--cacheinfo", f"100644,{blob},{path}", cwd=folder)
    tree = git("write-tree", cwd=folder)
    made = git("commit-tree", tree, "-p", "HEAD", "-m", f"Edit {path}", cwd=folder)
    git("update-ref", "HEAD", made, cwd=folder)
