"""An update, from the plan to the commit."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TextIO

from updates.arguments import CONFLICTS, DONE, FAILED
from updates.branch import BRANCHES, CHECKS, Branch
from updates.commands import Refused
from updates.interruption import write_note
from updates.merging import merge
from updates.objects import Merge
from updates.planning import plan
from updates.preview import summarize
from updates.resolutions import describe, find_offers
from updates.service import Service
from updates.template import open_template
from updates.versions import name_of


def update(folder: Path, arguments: argparse.Namespace, note: TextIO | None) -> int:
    """Update the service in a folder, or without a note only tell; return the exit status."""
    service = Service(folder)
    dirty = service.git("status", "--porcelain", "--untracked-files=normal")
    if note and dirty:
        raise Refused(f"Commit or stash first what is not committed:\n{dirty}")
    with tempfile.TemporaryDirectory() as scratch:
        template = open_template(service.template, Path(scratch))
        template.require(service.commit)
        target, answers, title, changes = plan(service, template, arguments)
        if target.commit == service.commit and answers is None:
            version = name_of(template.version_of(service.commit))
            print(f"This service has {version} of the template: there is nothing to do.")
            return DONE
        print(f"{title}\n\n{changes}".rstrip() + "\n", flush=True)
        if not note:
            return FAILED
        branch = Branch(service, f"{BRANCHES}/{target.name}")
        branch.require_free()
        tip = branch.fetch() if arguments.push else ""
        if tip and (titles := branch.commits_of_people(branch.remote)):
            print(f"{branch.name} has commits of people ({titles[0]}): it is left to them.")
            return DONE
        merged = merge(service, template, target, answers)
    if merged.tree == service.git("rev-parse", "HEAD^{tree}"):
        print("Nothing changes.")
        return DONE
    write_note(note, branch, branch.added(merged))
    branch.check_out(merged)
    return finish(branch, merged, tip, (title, changes), arguments)


def finish(
    branch: Branch, merged: Merge, tip: str, message: tuple[str, str], arguments: argparse.Namespace
) -> int:
    """Lock, check, commit and push what is merged, or tell what is left to do."""
    status, problem = DONE, ""
    if merged.conflicts:
        status = CONFLICTS
        problem = "Conflicts:\n\n" + "\n".join(f"- {line}" for line in merged.list_conflicts())
        problem += f"\n\n{describe(find_offers(branch.service, merged))}".rstrip()
    elif not branch.lock():
        status, problem = FAILED, "uv lock failed."
    elif not (arguments.no_check or branch.check()):
        status, problem = FAILED, f"{CHECKS} is red."
    title, changes = message
    body = "\n\n".join(part for part in (problem, changes) if part)
    text = f"{title}\n\n{body}".strip()
    complete = arguments.push or not problem
    if complete:
        if merged.conflicts:
            branch.service.git("add", "--all", "--", *merged.conflicts)
        try:
            branch.commit(text)
        except Refused as error:
            # Such as that of a hook: what was merged stays for whoever mends it.
            status, problem, complete = FAILED, str(error), False
    if not complete:
        branch.leave_message(text)
        steps = ["uv lock"] * ("uv.lock" in branch.service.paths) + [CHECKS, "git commit --all"]
        print(f"{problem}\n\nYou are on {branch.name}. Mend this, then: {', '.join(steps)}.")
        return status
    if arguments.push:
        summary = summarize(branch.service, merged)
        branch.push(tip, title, f"{body}\n\n{summary}".strip(), draft=bool(problem))
    print(problem or f"Done, on {branch.name}.")
    return status
