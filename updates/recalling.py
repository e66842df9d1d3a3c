"""Edits that go with an answer, and come back with it: the history of the service has them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from updates.blobs import read_files
from updates.commands import Refused
from updates.following import Change, follow, read_changes
from updates.leftovers import NAMED
from updates.merging import Way, merge
from updates.objects import Merge
from updates.seeds import find_ways_of_seeds
from updates.service import Service
from updates.state import STATE, Answers
from updates.template import Template
from updates.versions import Target

SHALLOW = "What went with this answer before is not known in a shallow clone: git fetch --unshallow"


def merge_and_recall(
    service: Service, template: Template, target: Target, answers: Answers | None
) -> Merge:
    """Merge as ``merge`` does; an answer that was there before brings back what went with it."""
    if answers is None:
        return merge(service, template, target)
    wanted = read_answers(service, answers)
    change = find_change(service, wanted)
    found = find_ways(service, template, change, answers) if change else {}
    recalled = {path: way for path, way in found.items() if way}
    seeds, came_along = find_ways_of_seeds(service, template, target, answers, wanted)
    merged = merge(service, template, target, answers, seeds | recalled)
    parts = [came_along] if came_along else []
    parts += [tell_recalled(change, found)] if change and found else []
    if wanted and not change and service.git("rev-parse", "--is-shallow-repository") == "true":
        parts.append(SHALLOW)
    if files := merged.list_files():
        parts.append(tell_kept(service, wanted, files))
    return replace(merged, report=[*merged.report, *parts])


def read_answers(service: Service, answers: Answers) -> Answers:
    """Return those answers that change, as a state has them: a switch is true or false."""
    # It takes a while, and most updates change no answer.
    from cookiecutter.prompt import InvalidResponse, YesNoPrompt

    read: dict[str, Any] = {}
    for name, value in answers.items():
        try:
            is_switch = isinstance(service.answers.get(name), bool)
            read[name] = YesNoPrompt().process_response(value) if is_switch else value
        except InvalidResponse:
            # The render says what is wrong.
            read[name] = value
    return {name: value for name, value in read.items() if service.answers.get(name) != value}


def find_change(service: Service, wanted: Answers) -> Change | None:
    """Return the newest commit that changed the answers away from the wanted ones, if any."""
    state = f"{service.place}{STATE}"
    log = ("log", "--first-parent", "--no-show-signature", "--format=%H %P", service.head)
    for line in service.git(*log, "--", state).splitlines() if wanted else []:
        commit, *parents = line.split()
        try:
            before = Service(service.folder, service.place, parents[0])
            after = Service(service.folder, service.place, commit)
        except (IndexError, Refused):
            # There the service began, or the history is short.
            return None
        if wanted.items() <= before.answers.items():
            # A bare cruft may change the version at the same time.
            return Change(before, after) if before.commit == after.commit else None
    return None


def find_ways(
    service: Service, template: Template, change: Change, answers: Answers
) -> Mapping[str, Way | None]:
    """Return the files that had conflicts then and lost something, with the way back.

    There is none where the edits meet what the template changed since, or a committed conflict.
    """
    before, after = change.before, change.after
    # A partial clone fetches at once what a merge would not ask for.
    service.git("diff", "--numstat", before.tree, service.tree)
    template.require(before.commit)
    other = {
        name: value for name, value in after.answers.items() if before.answers.get(name) != value
    }
    files = merge(before, template, Target("answers", before.commit), other).list_files()
    old, new = (read_files(each.folder, each.tree, files) for each in (before, after))
    ways: dict[str, Way | None] = {
        path: (new.get(path), old[path]) for path in sorted(old) if old[path] != new.get(path)
    }
    if ways and before.commit != service.commit:
        changes = read_changes(service, template, change, answers)
        ways = {path: way and follow(path, way, changes) for path, way in ways.items()}
    marked = {path for path in new if re.search(NAMED.encode(), new[path], re.MULTILINE)}
    return {path: None if path in marked else way for path, way in ways.items()}


def tell_recalled(change: Change, found: Mapping[str, Way | None]) -> str:
    """Say what comes back, and how to get what does not."""
    commits = f"{change.after.head[:12]} {change.before.head[:12]}"
    place = change.before.place
    parts = {
        f"Your edits of {change.before.head[:12]} come back with the answer:": [
            path for path, way in found.items() if way
        ],
        "Your edits of these files do not come back by themselves:": [
            f"{path}: git diff {commits} -- {place}{path}" for path, way in found.items() if not way
        ],
    }
    return "\n\n".join(
        "\n".join([title, *(f"- {line}" for line in lines)])
        for title, lines in parts.items()
        if lines
    )


def tell_kept(service: Service, wanted: Answers, files: set[str]) -> str:
    """Say where the edits stay that go from files with conflicts."""
    values = {name: service.answers[name] for name in wanted if name in service.answers}
    pairs = " ".join(f"{name}={shlex.quote(write(value))}" for name, value in values.items())
    lines = [
        f"- {path}: git show {service.head[:12]}:{shlex.quote(service.place + path)}"
        for path in sorted(files & service.paths)
    ]
    # A hidden answer has none from before.
    answers = f", --answers {pairs}" if pairs else ""
    return "\n".join([f"What you take out comes back with the answer{answers}:", *lines])


def write(value: object) -> str:
    """Return an answer as the command line takes it."""
    return value if isinstance(value, str) else json.dumps(value)
