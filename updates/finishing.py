"""An update that was left to people, finished: looked over, locked, checked, committed."""

from __future__ import annotations

import argparse

from updates.arguments import CONFLICTS, DONE, FAILED
from updates.branch import BRANCHES, CHECKS, Branch
from updates.checkout import Checkout
from updates.commands import Refused
from updates.interruption import Note
from updates.leftovers import ANY, NAMED, find_marked_files, find_markers
from updates.meaning import list_missing_names
from updates.objects import Merge
from updates.service import Service
from updates.state import STATE
from updates.updating import require_identity
from updates.workshop import Workshop, open_workshop


def finish(service: Service, arguments: argparse.Namespace, note: Note) -> int:
    """Commit what people made of an update, or say what is still to be done."""
    checkout = Checkout(service)
    if not checkout.branch.startswith(f"{BRANCHES}/"):
        raise Refused(f"There is no update to finish on {checkout.branch or 'no branch'}.")
    if (checkout.folder / service.git("rev-parse", "--git-path", "MERGE_HEAD")).exists():
        raise Refused("A merge of your own is not finished: commit it first.")
    if left := [*list_what_is_left(service), *list_missing(checkout)]:
        print("\n".join(["Still to do:\n", *(f"- {line}" for line in left)]))
        return CONFLICTS
    require_identity(service)
    branch = Branch(service, checkout.branch, checkout.branch)
    with open_workshop(service, note) as workshop:
        workshop.fill(checkout.seen.tree)
        commit = build(workshop, checkout, arguments)
    if not commit:
        return FAILED
    if commit != service.head and (said := checkout.follow(branch, commit, None)):
        print(said)
    print(f"Done, on {checkout.branch}.")
    return DONE


def list_what_is_left(service: Service) -> list[str]:
    """Return what hinders the commit of an update, with what to do about each."""
    unmerged: dict[str, list[str]] = {}
    for line in service.git("ls-files", "--unmerged", "-z").split("\0"):
        entry, _, path = line.partition("\t")
        unmerged.setdefault(path, []).append(entry)
    unmerged.pop("", None)
    solved = service.git("ls-files", "--resolve-undo", "-z").split("\0")
    files = {line.partition("\t")[2] for line in solved} - {""} - {*unmerged}
    # Those of a draft are in its commit.
    files |= {path for path in find_marked_files(service) if (service.folder / path).exists()}
    markers = find_markers(service, NAMED, [service.place or "."])
    markers += find_markers(service, ANY, sorted(files)) if files else []
    others = service.git("ls-files", "--others", "--exclude-standard", "-z").split("\0")
    unknown = [
        f"{path}: git does not know it: git add it, or move it away" for path in others if path
    ]
    listed = [line for line in sorted({*markers}) if line.partition(": ")[0] not in unmerged]
    return [*Merge("", unmerged).list_conflicts(), *listed, *unknown]


def list_missing(checkout: Checkout) -> list[str]:
    """Return the names that files import in vain since the update."""
    service, state = checkout.service, f"{checkout.service.place}{STATE}"
    before, after = service.head, checkout.seen.tree
    if not service.git("diff", "--name-only", before, after, "--", state):
        # As in a draft, the update is in a commit; where it has no parent, all is as before.
        log = ("log", "-1", "--first-parent", "--no-show-signature", "--format=%P", "--", state)
        before = service.git(*log).partition(" ")[0] or before
    trees = (f"{commit}:{service.place}" for commit in (before, after))
    found = list_missing_names(service.folder, *trees)
    return [f"{service.place}{line}" for line in found]


def build(workshop: Workshop, checkout: Checkout, arguments: argparse.Namespace) -> str:
    """Lock, check and commit; return the commit, or nothing if there is none."""
    if not workshop.lock(always=True):
        print("uv lock failed. Mend the dependencies in pyproject.toml, and run --finish again.")
    elif not (arguments.no_check or workshop.check()):
        print(f"{CHECKS} is red. Mend what it names, and run --finish again.")
    elif workshop.tree == workshop.git("rev-parse", "HEAD^{tree}"):
        return workshop.service.head
    else:
        prepared = checkout.place_of_message()
        text = prepared.read_text("utf-8").strip() if prepared.exists() else ""
        try:
            return workshop.commit(text or "Finish the update of the template", by_people=True)
        except Refused as error:
            print(f"{error}\nMend what the hook of git asks for, and run --finish again.")
    return ""
