"""What a release promises to the services that have it is kept by what comes after it."""

from __future__ import annotations

import re
from pathlib import PurePath

import pytest
from git import Repo
from rendering import MODULE_SEEDS, ROOT, SERVICE

from updating.conftest import RELEASES

CHANGELOG = ROOT / "CHANGELOG.md"
RELEASE = re.compile(r"^## \[(.+?)\].*\n", re.MULTILINE)
VERSIONS = RELEASE.findall(CHANGELOG.read_text("utf-8"))
PENDING = [version for version in VERSIONS if version not in RELEASES]
# Of the template, all that a service is made of.
MADE_OF = (SERVICE.name, "cookiecutter.json", "hooks")


def list_released_seeds() -> list[tuple[str, str]]:
    """List the releases with the seeds of modules that they have."""
    with Repo(ROOT) as repository:
        return [
            (version, path)
            for version, commit in RELEASES.items()
            for path in MODULE_SEEDS
            if repository.git.ls_tree(commit, "--", f"{SERVICE.name}/{path}")
        ]


@pytest.mark.parametrize(("version", "path"), list_released_seeds())
def test_seed_of_a_module_stays_as_it_was_released(version: str, path: str) -> None:
    with Repo(ROOT) as repository:
        name = f"{RELEASES[version]}:{SERVICE.name}/{path}"
        released = repository.git.show(name, strip_newline_in_stdout=False)

    assert with_sample((SERVICE / path).read_text("utf-8")) == with_sample(released)


def with_sample(text: str) -> str:
    """Return a file that the answer `sample` empties, as it was before there was that answer."""
    begin, end = (
        '# {%- if cookiecutter.sample == "items" +%}\n# {% print "\\n" %}\n',
        "# {%- endif +%}\n",
    )
    before, found, rest = text.partition(begin)
    return before + rest.removesuffix(end).rstrip("\n") + "\n" if found else text


def test_releases_are_those_of_the_changelog() -> None:
    # The commit that a release names comes before the one that lists it.
    assert VERSIONS[len(PENDING) :] == [*reversed(RELEASES)]
    assert PENDING[0] == "Unreleased"
    assert len(PENDING) <= 2


@pytest.mark.parametrize("version", VERSIONS)
def test_entry_says_what_to_do_after_the_update(version: str) -> None:
    assert [entry for entry in entries(version) if "\n  After the update: " not in entry] == []


def test_change_since_the_last_release_is_in_an_entry() -> None:
    named = [
        PurePath(name)
        for version in PENDING
        for entry in entries(version)
        for line in re.findall(r"^  Files: (.*)$", entry, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", line)
    ]

    assert [
        str(path)
        for path in changed_since(RELEASES[max(RELEASES, key=numbers)])
        if not any(path == name or name in path.parents for name in named)
    ] == []


def entries(version: str) -> list[str]:
    """Return the entries of a version of the changelog."""
    _, *parts = RELEASE.split(CHANGELOG.read_text("utf-8"))
    section = dict(zip(parts[::2], parts[1::2], strict=True))[version]
    return re.findall(r"^- .*(?:\n  .*)*", section, re.MULTILINE)


def changed_since(commit: str) -> list[PurePath]:
    """Return the paths that the work tree changes since a commit, as a service names them."""
    with Repo(ROOT) as repository:
        tracked = repository.git.diff("--name-only", commit, "--", *MADE_OF).splitlines()
        others = repository.git.ls_files("--others", "--exclude-standard", *MADE_OF).splitlines()
    return [PurePath(path.removeprefix(f"{SERVICE.name}/")) for path in tracked + others]


def numbers(version: str) -> list[int]:
    """Return the numbers of a version, to be compared."""
    return [int(number) for number in version.split(".")]
