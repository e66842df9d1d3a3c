"""A service in a subfolder of a repository that has more in it than services."""

from __future__ import annotations

import shutil
from pathlib import Path

from git import Repo

from updating import team
from updating.living import commit

PLACE = "services/my-service/"
COMBINATION = "async-csv_export"
CONFLICTS: dict[str, tuple[str, str]] = {}
# Names that a service has too, so that whoever takes the wrong folder shows.
OTHERS = {
    ".gitattributes": "*.csv -text\n",
    ".gitlab-ci.yml": "include:\n  - local: services/my-service/.gitlab-ci.yml\n",
    ".pre-commit-config.yaml": "repos: []\n",
    "README.md": "# All that sends letters\n",
    "libraries/addresses/app/__init__.py": "ADDRESSES = ['Alder Road 1']\n",
    "libraries/addresses/Dockerfile": "FROM scratch\n",
    "libraries/addresses/pyproject.toml": "[tool.ruff]\nline-length = 60\n",
    "libraries/addresses/tests/test_items.py": "from app import ADDRESSES\n",
    "pyproject.toml": "[tool.ruff]\nline-length = 80\n",
    "run.py": "print('all of it')\n",
}


def settle(service: Path) -> tuple[Path, list[str]]:
    """Move a service into the repository; return that, and the lines that must stay."""
    top = service.parent.parent / "repository"
    folder = top / PLACE
    shutil.rmtree(service / ".git")
    shutil.copytree(service, folder)
    for path, text in OTHERS.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, "utf-8")
    kept = [f"{PLACE}{line}" for line in team.edit(folder)]
    Repo.init(top, initial_branch="main").close()
    commit(top, "All that sends letters")
    return top, [*kept, *team.lines_of(OTHERS)]
