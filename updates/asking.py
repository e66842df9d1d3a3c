"""What is known of the answers of a service, and what remains to be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from updates.learning import learn
from updates.merging import answers_of_older_services
from updates.sketches import Sketches
from updates.state import Answers
from updates.template import Template
from updates.versions import Target

Read = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Version:
    """A version of the template, with the answers that a person or the service's files tell."""

    target: Target
    told: Answers
    # Of the answers that nothing tells, the default first.
    choices: Mapping[str, Sequence[Any]]
    # What services have that were not asked yet.
    older: Answers

    def begin(self, likely: Answers) -> Answers:
        """Return answers to begin with: the likely ones, where they are a choice here.

        They may be of a version that asked for less.
        """
        likely = self.older | likely if likely else {}
        chosen = {
            name: likely[name] if likely.get(name) in values else values[0]
            for name, values in self.choices.items()
        }
        return chosen | self.told


def ask(
    sketches: Sketches, template: Template, target: Target, known: Mapping[str, str], read: Read
) -> Version | None:
    """Return a version, unless it does not ask for the answers that a person knows."""
    asked = template.read_json(target.commit, "cookiecutter.json")
    switches = {name: [on, not on] for name, on in asked.items() if isinstance(on, bool)}
    lists = {name: value for name, value in asked.items() if isinstance(value, list)}
    choices = {name: values for name, values in lists.items() if name[0] != "_"} | switches
    offered = (
        name in switches or value in choices.get(name, [value]) for name, value in known.items()
    )
    if not asked or not known.keys() <= asked.keys() or not all(offered):
        return None
    # Where a team wrote what is no choice, such as a newer Python, any choice is as far.
    learned = {
        name: [each for each in values if each in choices.get(name, [each])] or choices[name][:1]
        for name, values in learn(sketches.open(target.commit).texts, read).items()
    }
    told = take_first(learned)
    if not sketches.takes(target.commit, told):
        told = take_first(
            {
                name: [each for each in values if sketches.takes(target.commit, {name: each})]
                for name, values in learned.items()
            }
        )
    told |= known
    left = {name: values for name, values in choices.items() if name not in told}
    return Version(target, told, left, answers_of_older_services(template, target.commit))


def take_first(found: Mapping[str, Sequence[str]]) -> Answers:
    """Return the first value of each answer that has any."""
    return {name: values[0] for name, values in found.items() if values}
