"""What an update is to do, and what it says of that."""

from __future__ import annotations

import argparse

from updates.changelog import choose_entries
from updates.commands import Refused
from updates.merging import fill_in
from updates.service import Service
from updates.state import Answers
from updates.template import Template
from updates.versions import Target, name_of


def choose(template: Template, service: Service, wanted: str | None) -> Target:
    """Return the version to update to: the one that is wanted, or else the newest release."""
    target, before = template.find(wanted), template.version_of(service.commit)
    older = template.contains(service.commit, target.commit)
    older |= bool(before and target.version and target.version < before)
    if not older:
        return target
    if wanted and target.commit != service.commit:
        raise Refused(f"This service is newer than {target.name}: to go back, revert its update.")
    return Target(target.name, service.commit, target.version)


def parse_answers(pairs: list[str], template: Template, commit: str) -> Answers:
    """Return answers such as ``http_port=8081``; refuse names that are no question and no switch."""
    names, answers = template.questions(commit, hidden=True), {}
    for name, equals, value in (pair.partition("=") for pair in pairs):
        if not equals or name not in names:
            raise Refused(f"{name} is no answer: say NAME=VALUE with one of {', '.join(names)}.")
        answers[name] = value
    return answers


def plan(
    service: Service, template: Template, arguments: argparse.Namespace
) -> tuple[Target, Answers | None, str, str]:
    """Return the version, the new answers if any, and title and body of the message."""
    before = template.version_of(service.commit)
    if arguments.answers:
        answers = parse_answers(arguments.answers, template, service.commit)
        title = f"Change answers: {' '.join(arguments.answers)}"
        return Target("answers", service.commit), answers, title, ""
    target = choose(template, service, arguments.to)
    title = f"Update the template from {name_of(before)} to {target.name}"
    asked = template.questions(target.commit)
    choices = template.read_json(target.commit, "cookiecutter.json")
    _, answers = fill_in(service, template, target, None)
    changes = [choose_entries(template.changelog(before, target), answers, choices)]
    gone = [f"{name} ({value})" for name, value in service.answers.items() if name not in asked]
    changes += [f"These answers are asked for no more: {', '.join(gone)}"] * bool(gone)
    return target, None, title, "\n\n".join(part for part in changes if part)
