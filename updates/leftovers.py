"""What an update leaves where nobody finished it, or where a bare cruft made it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

from updates.branch import BRANCHES
from updates.commands import Refused
from updates.service import Service
from updates.state import STATE, Answers
from updates.template import Template

# As our merges write them, and as cruft does; text that only looks like them is no hindrance.
NAMED = "^(<{7,} (service|ours)|>{7,} (template-|theirs))"
# In a file that had conflicts, a line of any of them is one that was forgotten.
ANY = "^(<{7,}|[|]{7,}|={7,}|>{7,})( |$)"


def find_markers(service: Service, pattern: str, paths: Sequence[str]) -> list[str]:
    """Return the files that have lines of a pattern, each with the first of them."""
    # Settings of a user could add to what is printed.
    plain = ("--no-color", "--no-column", "--line-number", "--null")
    options = ("-I", *plain, "-E", pattern, "--", *paths)
    found = service.git("--literal-pathspecs", "grep", *options, good=(0, 1))
    lines: dict[str, str] = {}
    for line in filter(None, found.split("\n")):
        path, number, _ = line.split("\0", 2)
        lines.setdefault(path, number)
    return [f"{path}: a conflict marker in line {number}" for path, number in lines.items()]


def find_marked_files(service: Service) -> list[str]:
    """Return the files that have conflict markers of an update in the last commit."""
    options = ("-I", "--no-color", "--files-with-matches", "--null", "-E", NAMED, "HEAD", "--")
    found = service.git("grep", *options, service.place or ".", good=(0, 1))
    return [path.removeprefix("HEAD:") for path in found.split("\0")[:-1]]


def require_no_markers(service: Service) -> None:
    """Raise if files of the service have conflict markers of an update."""
    if found := find_markers(service, NAMED, [service.place or "."]):
        listed = "\n".join(f"- {line}" for line in found)
        branch = service.git("branch", "--show-current")
        # An update that somebody merged with its markers is to be mended where it is.
        way = "run --finish" if branch.startswith(f"{BRANCHES}/") else "commit it"
        raise Refused(f"An update is not finished:\n{listed}\nMend this, and {way}.")


def find_rejected(service: Service) -> str:
    """Return the files in which cruft leaves what it cannot apply."""
    return "\n".join(f"- {path}" for path in sorted(service.paths) if path.endswith(".rej"))


def tell_answers(service: Service, template: Template) -> None:
    """Tell of answers that a bare cruft gave in its last update, and an update here would not."""
    wanted = template.read_json(service.commit, "cruft.json").get("answers_of_older_services", {})
    before = read_answers_before(service)
    for name, value in wanted.items():
        answer = service.answers.get(name, value)
        if before and name not in before and answer != value:
            print(
                f"cruft answered {name} with {json.dumps(answer)}, of which nobody was asked;"
                f" to change that: --answers {name}={json.dumps(value)}"
            )


def read_answers_before(service: Service) -> Answers:
    """Return the answers as they were before the last change of the state, if they are known."""
    file = f"{service.place}{STATE}"
    commits = service.git("log", "-2", "--format=%H", "--", file).split()
    # Nothing where the history is short, or the file was not there or not as it should be.
    with suppress(Refused, KeyError, TypeError, ValueError):
        text = service.git("show", f"{commits[1]}:{file}") if commits[1:] else "{}"
        return dict(json.loads(text)["context"]["cookiecutter"])
    return {}
