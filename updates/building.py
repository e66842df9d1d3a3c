"""A merge that becomes a commit, or what keeps it from being one."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from updates.arguments import CONFLICTS, DONE, FAILED
from updates.branch import CHECKS
from updates.commands import Refused
from updates.objects import Merge
from updates.resolutions import describe, find_offers
from updates.workshop import Workshop


@dataclass(frozen=True)
class Built:
    """What came of an update: a commit, or what is to be mended before there can be one."""

    tree: str
    merged: Merge
    message: str
    body: str
    commit: str = ""
    status: int = DONE
    problem: str = ""
    advice: str = ""


def build(
    workshop: Workshop, merged: Merge, message: tuple[str, str], arguments: argparse.Namespace
) -> Built:
    """Lock, check and commit what was merged; what hinders the commit is told."""
    title, changes = message
    service = workshop.service
    print("".join(f"{part}\n\n" for part in merged.report), end="", flush=True)
    workshop.fill(service.put_into_repository(merged.tree))
    status, problem, advice = examine(workshop, merged, arguments)
    body = "\n\n".join(part for part in (problem, *merged.report, changes) if part)
    commit = ""
    if arguments.push or not problem:
        try:
            workshop.commit_migrations(merged, title)
            commit = workshop.commit(f"{title}\n\n{body}".strip())
        except Refused as error:
            status, problem, advice = FAILED, str(error), "Mend what the hook of git asks for"
    text = "\n\n".join(part for part in (title, *merged.report, changes) if part)
    return Built(workshop.tree, merged, text, body, commit, status, problem, advice)


def examine(
    workshop: Workshop, merged: Merge, arguments: argparse.Namespace
) -> tuple[int, str, str]:
    """Return the exit status, what is wrong with a merge if anything, and what to do then."""
    if conflicts := merged.list_conflicts():
        listed = "\n".join(f"- {line}" for line in conflicts)
        offers = describe(find_offers(workshop.service, merged))
        return CONFLICTS, f"Conflicts:\n\n{listed}\n\n{offers}".strip(), "Do what is listed"
    if not workshop.lock():
        return FAILED, "uv lock failed.", "Mend the dependencies in pyproject.toml"
    if not (arguments.no_check or workshop.check()):
        return FAILED, f"{CHECKS} is red.", "Mend what the checks name"
    return DONE, "", ""
