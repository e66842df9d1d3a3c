"""Services in repositories of their own, as teams have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cruft
from git import Repo
from rendering import SERVICE

Create = Callable[..., Path]
# The work tree, as the newest release.
NOW = "v99.0.0"
# The same release is the same commit in each test, and is rendered once.
DATE = {f"GIT_{who}_DATE": "2027-01-01T00:00:00Z" for who in ("AUTHOR", "COMMITTER")}
# Services in one repository.
NAMES = ["letters", "parcels"]
BARE = {"use_database": False, "use_csv_export": False, "use_auth": False}


def create_service(
    template: Path | str, version: str, answers: Mapping[str, str | bool], parent: Path
) -> Path:
    """Create a service below a folder, and commit it to the branch `main`."""
    parent.mkdir()
    folder = Path(cruft.create(str(template), parent, extra_context=answers, checkout=version))
    with Repo.init(folder, initial_branch="main"):
        commit(folder, "The service as it was created")
    return folder


def commit(folder: Path, message: str, **variables: str) -> None:
    """Commit all that stands in a service, with variables of git."""
    with Repo(folder) as repository, repository.git.custom_environment(**variables):
        repository.git.add("--all")
        repository.git.commit("--quiet", "--message", message)


def clone(folder: Path, destination: Path) -> Path:
    """Clone a service afresh, as another developer or a pipeline does, from its branch."""
    with Repo.clone_from(f"file://{folder}", destination, depth=1):
        return destination


def files(folder: Path) -> dict[str, str]:
    """Return mode and content of each file that is committed, as git names them."""
    with Repo(folder) as repository:
        lines = repository.git.ls_tree("-r", "HEAD").splitlines()
    return {path: entry for entry, path in (line.split("\t") for line in lines)}


def status(folder: Path) -> dict[str, str]:
    """Return what `git status` says of each file that is not as committed."""
    with Repo(folder) as repository:
        # The first line may begin with a blank, which GitPython would strip.
        text = repository.git.status("--porcelain", strip_newline_in_stdout=False)
    return {line[3:]: line[:2] for line in text.splitlines()}


def branch(folder: Path) -> str:
    """Return the branch that is checked out."""
    with Repo(folder) as repository:
        return repository.active_branch.name


class Template:
    """A repository of the template that goes on to have releases."""

    def __init__(self, history: Path, folder: Path) -> None:
        self.folder = folder
        Repo.clone_from(history, folder).close()

    def find(self, path: str) -> Path:
        """Return a file; in the folder of the service its name begins with `service/`."""
        return self.folder / path.replace("service/", f"{SERVICE.name}/", 1)

    def move(self, path: str, new: str) -> None:
        """Give a file another name."""
        self.find(path).rename(self.find(new))

    def change(self, path: str, old: str, new: str) -> None:
        """Change text of a file."""
        file = self.find(path)
        text = file.read_text("utf-8")
        assert old in text, f"{path} has {old}"
        file.write_text(text.replace(old, new, 1), "utf-8")

    def add(self, path: str, text: str) -> None:
        """Add a file."""
        self.find(path).write_text(text, "utf-8")

    def release(self, version: str) -> None:
        """Commit what was changed as a release, with an entry in the changelog."""
        entry = f"## [{version}] - 2027-01-01\n\n### Changed\n\n- Entry of {version}.\n"
        entry += "  After the update: nothing.\n\n## [1.0.0]"
        self.change("CHANGELOG.md", "## [1.0.0]", entry)
        commit(self.folder, version, **DATE)
        with Repo(self.folder) as repository:
            repository.create_tag(f"v{version}")
