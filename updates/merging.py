"""What an update makes of a service: three trees, merged."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from updates.behaviour import describe_behaviour
from updates.formats import follow_ends, format_renders
from updates.history import follow_history
from updates.meaning import list_missing_names
from updates.migrated import migrate
from updates.migrating import choose_migrations
from updates.objects import Merge, Objects
from updates.renders import Kind
from updates.service import Service, read_skip
from updates.state import STATE, Answers, dump
from updates.template import Template
from updates.versions import Target

# What a file was and what it became; without a content, it is not there.
Way = tuple[bytes | None, bytes | None]


def merge(
    service: Service,
    template: Template,
    target: Target,
    answers: Answers | None = None,
    recalled: Mapping[str, Way] | None = None,
) -> Merge:
    """Merge a version of the template, or other answers on the same one, into the service.

    In files that are recalled, their own way takes the place of the one between the renders.
    Nothing changes but git's objects, so that a fleet can be rehearsed in bare clones.
    """
    template.require(service.commit)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        # They load the library that changes code, while the renders of an update are made.
        migrations = choose_migrations(template, service.commit, target, place)
        kinds = choose_renders(service, template, target, answers)
        template.prepare(*kinds)
        old, _ = template.render(*kinds[0], place / "old")
        new, state = template.render(*kinds[1], place / "new")
        migrated = migrate(service, migrations, old, place)
        if answers is None:
            leave_out(service, old, new)
        for path, way in (recalled or {}).items():
            for render, content in zip((old, new), way, strict=True):
                put(render / path, content)
        follow_history(service, old, new)
        objects = Objects(service, place)
        ours = objects.put_all(service.tree, migrated.files)
        follow_ends(service.folder, ours, old, new)
        constraints = template.read(service.commit, "constraints.txt")
        problem = format_renders(service, ours, old, new, place, constraints)
        rendered = objects.write(new)
        merged = objects.merge(ours, objects.write(old), rendered, target.name)
        state["context"]["cookiecutter"]["_template"] = service.template
        checkout = target.name if target.version else service.state.get("checkout")
        changed = {"commit": target.commit, "checkout": checkout, "context": state["context"]}
        tree = objects.put(merged.tree, STATE, dump(service.state | changed))
    missing = list_missing_names(service.folder, service.tree, tree, rendered)
    behaviour = describe_behaviour(service.folder, service.tree, tree, merged.conflicts)
    report = [problem, objects.problem, *migrated.report(), behaviour]
    return replace(
        merged,
        tree=tree,
        migrations=migrated.sentences,
        missing=missing,
        report=[*filter(None, report)],
    )


def choose_renders(
    service: Service, template: Template, target: Target, answers: Answers | None
) -> tuple[Kind, Kind]:
    """Return the commits and the answers that the old and the new render are made with."""
    before, after = fill_in(service, template, target, answers)
    return (service.commit, before), (target.commit, after)


def fill_in(
    service: Service, template: Template, target: Target, answers: Answers | None
) -> tuple[Answers, Answers]:
    """Return the answers that the old and the new render are made with."""
    older = answers_of_older_services(template, target.commit)
    # Nobody is asked for those that begin with an underscore, and yet they stay.
    names = older | answers_of_older_services(template, service.commit)
    kept = {name: service.context[name] for name in names if name in service.context}
    return service.answers | kept, older | kept | service.answers | (answers or {})


def answers_of_older_services(template: Template, commit: str) -> Answers:
    """Return, of questions that a service was not asked yet, the answers that change nothing."""
    return dict(template.read_json(commit, "cruft.json").get("answers_of_older_services", {}))


def leave_out(service: Service, old: Path, new: Path) -> None:
    """Remove what the service's team owns from both renders; a seed that is new stays."""
    skip = {*service.skip}
    for render in (old, new):
        with suppress(FileNotFoundError):
            skip |= {*read_skip((render / "pyproject.toml").read_text("utf-8"))}
    for pattern in skip:
        for render in (old, new):
            # As cruft reads them: a path, or a pattern if there is a star in it.
            for file in [*render.glob(pattern)] if "*" in pattern else [render / pattern]:
                path = file.relative_to(render)
                if path.parts and ((old / path).exists() or path in service.known):
                    remove(old / path)
                    remove(new / path)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, or nothing."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def put(path: Path, content: bytes | None) -> None:
    """Write a file, or remove it where it has no content."""
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
