"""An update, from the plan to the commit."""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from updates.arguments import DONE, FAILED
from updates.branch import BRANCHES, Branch, name_branch
from updates.building import Built, build
from updates.checkout import Checkout
from updates.commands import Refused
from updates.interruption import Note
from updates.leftovers import find_rejected, require_no_markers, tell_answers
from updates.merging import choose_renders
from updates.planning import plan
from updates.preview import summarize
from updates.recalling import merge_and_recall
from updates.service import Service
from updates.state import Answers
from updates.template import Template, open_template
from updates.versions import Target, name_of
from updates.workshop import open_workshop

# The version, the new answers if any, and title and body of the message.
Plan = tuple[Target, Answers | None, str, str]
# As git says of what both sides, or one of them, added, changed or deleted.
UNMERGED = ("DD", "AU", "UD", "UA", "DU", "AA", "UU")
FINISH = "uv run scripts/update_from_template.py --finish"


def update(service: Service, arguments: argparse.Namespace, note: Note | None) -> int:
    """Update a service, or without a note only tell; return the exit status."""
    checkout = Checkout(service) if note else None
    if checkout:
        require_clean(checkout)
    require_no_markers(service)
    with tempfile.TemporaryDirectory() as scratch:
        template = open_template(service.template, Path(scratch), service.directory)
        template.require(service.commit)
        planned = target, answers, title, changes = plan(service, template, arguments)
        if target.commit == service.commit and answers is None:
            return tell_that_nothing_is_new(service, template)
        print(f"{title}\n\n{changes}".rstrip() + "\n", flush=True)
        if not (note and checkout):
            return FAILED
        with ThreadPoolExecutor(1) as meanwhile:
            # What is wrong with them is told where they are needed.
            kinds = choose_renders(service, template, target, answers)
            meanwhile.submit(template.prepare, *kinds)
            return carry_out(planned, template, checkout, arguments, note)


def carry_out(
    planned: Plan,
    template: Template,
    checkout: Checkout,
    arguments: argparse.Namespace,
    note: Note,
) -> int:
    """Build an update, push it if that is wanted, and deliver it; return the exit status."""
    service = checkout.service
    target, answers, title, changes = planned
    require_identity(service)
    branch = Branch(service, checkout.branch, name_branch(service, target.name))
    branch.require_free()
    tip = branch.fetch() if arguments.push else ""
    if tip and (titles := branch.commits_of_people(branch.pushed)):
        print(f"{branch.name} has commits of people ({titles[0]}): it is left to them.")
        return DONE
    with open_workshop(service, note) as workshop:
        merged = merge_and_recall(service, template, target, answers)
        if merged.tree == service.tree:
            print("Nothing changes.")
            return DONE
        checkout.require_room(service.put_into_repository(merged.tree))
        built = build(workshop, merged, (title, changes), arguments)
    if built.commit and arguments.push:
        description = f"{built.body}\n\n{summarize(service, merged)}".strip()
        pushed = branch.push(built.commit, tip, title, description, draft=bool(built.problem))
        # Otherwise what is done on the branch here could not be pushed.
        built = replace(built, commit=pushed)
    return deliver(built, branch, checkout, note)


def require_clean(checkout: Checkout) -> None:
    """Raise if there is anything in a checkout that is not committed."""
    status = checkout.seen.status
    if checkout.branch.startswith(f"{BRANCHES}/") and status:
        raise Refused(f"Here is an update that is not committed: run --finish.\n{status}")
    if unmerged := [line for line in status.splitlines() if line[:2] in UNMERGED]:
        raise Refused("Finish first what is not merged yet:\n" + "\n".join(unmerged))
    if status:
        raise Refused(f"Commit or stash first what is not committed:\n{status}")


def tell_that_nothing_is_new(service: Service, template: Template) -> int:
    """Say that there is nothing to do, unless somebody else's update left something."""
    if rejected := find_rejected(service):
        raise Refused(f"cruft could not apply this: do it by hand, and delete it:\n{rejected}")
    tell_answers(service, template)
    version = name_of(template.version_of(service.commit))
    print(f"This service has {version} of the template: there is nothing to do.")
    return DONE


def require_identity(service: Service) -> None:
    """Raise if git would not commit for want of a name."""
    try:
        for who in ("AUTHOR", "COMMITTER"):
            service.git("var", f"GIT_{who}_IDENT")
    except Refused as error:
        wanted = "set user.name and user.email by git config"
        raise Refused(f"git does not know who commits: {wanted}, and run this again.") from error


def deliver(built: Built, branch: Branch, checkout: Checkout, note: Note) -> int:
    """Put the update onto its branch, and move the checkout there if nobody else moved it."""
    if built.commit:
        said = checkout.follow(branch, built.commit, note)
        if built.problem:
            print(f"{built.advice} on {branch.name}, then: {FINISH}")
        print(
            "\n".join(part for part in (said, built.problem or f"Done, on {branch.name}.") if part)
        )
        return built.status
    place = checkout.service.place
    conflicts = {f"{place}{path}": found for path, found in built.merged.conflicts.items()}
    try:
        said = checkout.lay_out(branch, built.tree, conflicts, built.message, note)
    except Refused:
        print(f"{built.problem}\n")
        raise
    now = f"You are on {branch.name}, and nothing is committed yet. {built.advice}, then: {FINISH}"
    print("\n\n".join(part for part in (built.problem, said, now) if part))
    return built.status
