"""The update of one service, rehearsed: nothing changes but a temporary clone."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleet.processes import run_bounded
from fleet.services import RELEASE, Listed, clone, fetch_files
from updates.branch import CHECKS
from updates.commands import Refused, git, redact
from updates.drift import Drift, find_drift
from updates.merging import merge
from updates.planning import choose
from updates.resolutions import find_offers
from updates.service import Service
from updates.state import STATE
from updates.template import Template

UP_TO_DATE, CLEAN, CONFLICTS = "up to date", "clean", "conflicts"
UNREACHABLE, NOT_CRUFT, FAILED = "unreachable", "no cruft service", "failed"
GREEN, RED, CUT = "green", "red", "cut"


@dataclass
class Row:
    """What is known of a service, and how its update would go."""

    service: str
    channel: str
    # The release that it has, with the commit where that is another.
    template: str = ""
    target: str = ""
    # The number of releases; no number where that is not known.
    behind: int | None = None
    answers: str = ""
    # The day of the last commit that changed .cruft.json.
    updated: str = ""
    # What the service changed of the template's files; nothing where that is not known.
    drift: list[Drift] | None = None
    merge: str = UNREACHABLE
    conflicts: list[str] = field(default_factory=list)
    # Those conflicts that another service resolved, and which one.
    offers: list[str] = field(default_factory=list)
    suite: str = ""
    problem: str = ""
    # What a red suite printed.
    output: str = ""

    @property
    def good(self) -> bool:
        """Tell whether nobody has to look at this service."""
        return self.merge in (UP_TO_DATE, CLEAN) and self.suite not in (RED, CUT)


def rehearse(listed: Listed, template: Template, verify: float | None = None) -> Row:
    """Rehearse the update of a service; whatever goes wrong stands in the row.

    With a number of seconds, the checks run so long at most.
    """
    row = Row(listed.name, listed.channel)
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-", ignore_cleanup_errors=True) as scratch:
            fill(row, listed, template, Path(scratch), verify)
    except Exception as error:
        row.problem = explain(error)
    return row


def explain(error: BaseException) -> str:
    """Say in one line what went wrong, without what addresses may hide."""
    said = " ".join(str(error).split())
    name = "" if isinstance(error, Refused) else f"{type(error).__name__}: "
    return redact(f"{name}{said}")


def fill(row: Row, listed: Listed, template: Template, scratch: Path, verify: float | None) -> None:
    """Fill the row step by step: what stands in ``merge`` is what it means if the next fails."""
    folder = scratch / "service.git"
    clone(listed, folder, "--bare")
    fetch_files(folder)
    template.renders.lend(folder / "objects")
    row.merge = NOT_CRUFT
    service = Service(folder, listed.place)
    commit = service.commit
    row.answers = describe(service.answers)
    row.updated = service.git("log", "-1", "--format=%cs", "--", f"{listed.place}{STATE}")
    row.merge = FAILED
    template.require(commit)
    releases, before = template.releases, template.version_of(commit)
    row.template = name_version(before, commit, releases)
    row.behind = len([version for version in releases if version > (before or ())])
    target = choose(template, service, None if listed.channel == RELEASE else listed.channel)
    row.target = target.name
    row.drift = find_drift(service, template)
    if target.commit == commit:
        row.merge = UP_TO_DATE
        return
    merged = merge(service, template, target)
    row.conflicts = merged.list_conflicts()
    offers = find_offers(service, merged)
    row.offers = [f"{offer.path}: resolved in {offer.service}" for offer in offers]
    if verify and not row.conflicts:
        row.suite, row.output = run_suite(service, merged.tree, scratch / "merged", verify)
    row.merge = CONFLICTS if row.conflicts else CLEAN


def describe(answers: dict[str, Any]) -> str:
    """Return the framework, and the modules that are on."""
    modules = [name.removeprefix("use_") for name, value in answers.items() if value is True]
    return ", ".join([str(answers.get("framework", "?")), *modules])


def name_version(version: Any, commit: str, releases: dict[Any, Any]) -> str:
    """Name a release, and the commit if it is not the release's own."""
    if version and releases[version].commit == commit:
        return str(releases[version].name)
    return f"{releases[version].name if version else 'no release'} ({commit[:7]})"


def run_suite(service: Service, tree: str, folder: Path, seconds: float) -> tuple[str, str]:
    """Run the checks of a merged tree in a folder; return their colour, and what bad ones print."""
    service.git("worktree", "add", "--quiet", "--detach", "--no-checkout", folder)
    git("read-tree", "--reset", "-u", service.put_into_repository(tree), cwd=folder)
    place = folder / service.place
    if not (place / CHECKS).exists():
        return "none", ""
    # In one order, as on a screen.
    ended = run_bounded(["sh", "-c", 'exec "$0" 2>&1', place / CHECKS], place, seconds)
    if ended.status == 0:
        return GREEN, ""
    return CUT if ended.status is None else RED, redact(ended.printed)
