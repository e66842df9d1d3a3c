"""Services without a ``.cruft.json``: cookiecutter made them, or somebody copied them."""

from __future__ import annotations

import argparse
import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from updates.arguments import DONE
from updates.closest import Candidate, Search
from updates.commands import Refused, git
from updates.drift import compare
from updates.planning import parse_answers
from updates.state import STATE, Answers, dump
from updates.template import Template, open_template
from updates.versions import Target

# With less in common an update would conflict in most files. A year of work leaves more than 0.9, in
# another format too, and of other repositories 0.05 is the same.
SHARE = 0.5
# The next is told where not more than that many times as many lines differ.
CLOSE = 1.2
WAY_OUT = "say --to and --answers, as NAME=VALUE."


def adopt(folder: Path, arguments: argparse.Namespace) -> int:
    """Link a service, and tell what in it differs from a new one."""
    if (folder / STATE).exists():
        raise Refused(f"There is a {STATE} here: run this without --adopt.")
    url = (
        str(Path(arguments.adopt).resolve()) if Path(arguments.adopt).exists() else arguments.adopt
    )
    with tempfile.TemporaryDirectory() as scratch:
        template = open_template(url, Path(scratch))
        require_at_top(template)
        target, answers = choose(template, folder, arguments, Path(scratch, "sketches"))
        rendered, state = template.render(target.commit, answers, Path(scratch, "render"))
        files = {
            str(path.relative_to(rendered)): path.read_bytes()
            for path in sorted(rendered.rglob("*"))
            if path.is_file()
        }
    require_service(folder, files)
    # Not the password that an address may have.
    public = re.sub(r"(://)[^/\s@]*:[^/\s]*@", r"\1", url)
    state["context"]["cookiecutter"]["_template"] = public
    state = {"template": public, "commit": target.commit, "checkout": target.name} | state
    (folder / STATE).write_text(dump(state | {"directory": None}), "utf-8")
    tell(folder, target, files)
    return DONE


def choose(
    template: Template, folder: Path, arguments: argparse.Namespace, place: Path
) -> tuple[Target, Answers]:
    """Return the version and the answers: as a person says, or else those that are closest."""
    target = template.find(arguments.to)
    answers = parse_answers(arguments.answers, template, target.commit)
    if arguments.to and arguments.answers:
        return target, answers
    targets = [target] if arguments.to else [*template.releases.values()]

    print(f"Searching {', '.join(each.name for each in targets)} for what is closest.", flush=True)
    search = Search(template, targets, answers, cache(lambda path: read(folder / path)), place)
    if not search.versions:
        raise Refused(f"None of them offers {' '.join(arguments.answers)}.")
    found = search.find()
    require_service(folder, found.files)
    decide(found, search.measured.values())
    return found.version.target, found.answers


def decide(found: Candidate, others: Iterable[Candidate]) -> None:
    """Tell what is closest, and what next; raise if that is as close, or nothing near."""
    others = [each for each in others if each.files != found.files]
    following = min(others, key=lambda each: each.lines, default=None)
    name = f"--to {found.version.target.name} --answers {' '.join(describe(found))}"
    if found.share < SHARE:
        raise Refused(
            f"Nothing is close to this service: it has {found.share:.0%} of the lines of the"
            f" closest, {name}. Below {SHARE:.0%}, updates would conflict in most files; if it is"
            f" from this template, {WAY_OUT}"
        )
    print(f"The closest is {name}: {found.share:.0%} of its lines are here, {found.lines} differ.")
    if following and following.lines <= found.lines * CLOSE:
        version = following.version.target.name
        differing = [each for each in describe(following) if each not in describe(found)]
        other = f"{' '.join([version, *differing])}, from which {following.lines} lines differ"
        if following.lines == found.lines:
            raise Refused(f"As close is {other}: {WAY_OUT}")
        print(f"The next is {other}.")


def describe(candidate: Candidate) -> list[str]:
    """Return the answers as they are said to the command."""
    texts = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in candidate.answers.items()
    }
    return [f"{name}={shlex.quote(text)}" for name, text in texts.items()]


def require_at_top(template: Template) -> None:
    """Raise if the template is in folders of its repository: one has to say in which."""
    file = "cookiecutter.json"
    paths = template.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
    folders = [path.removesuffix(f"/{file}") for path in paths if path.endswith(f"/{file}")]
    if folders and file not in paths:
        found = f"{template.url} has no {file} at its top, but in {', '.join(folders)}"
        raise Refused(f"{found}: say cruft link --directory {folders[0]} in place of --adopt.")


def require_service(folder: Path, files: Iterable[str]) -> None:
    """Raise if a folder has hardly any of the files that the template writes."""
    paths = [*map(Path, files)]
    missing = [path for path in paths if not (folder / path).is_file()]
    # With wrong answers or another version it has most of them.
    if len(missing) * 4 > len(paths) * 3:
        lacks = sorted({path.parts[0] for path in missing if not path.parts[0].startswith(".")})
        found = f"{folder} has {len(paths) - len(missing)} of the {len(paths)} files"
        raise Refused(
            f"{found} that the template writes, and lacks all or parts of {', '.join(lacks)}:"
            " run this in the folder of the service."
        )


def read(file: Path) -> bytes | None:
    """Return what is in a file, if there is one."""
    return file.read_bytes() if file.is_file() else None


def tell(folder: Path, target: Target, files: Mapping[str, bytes]) -> None:
    """Print how far the files of a service are from those of a new one."""
    compared = (compare(path, read(folder / path), content) for path, content in files.items())
    drift = [*filter(None, compared)]
    same = len(files) - len(drift)
    print(f"{STATE} says {target.name}, and {same} of its {len(files)} files are as new:")
    for each in drift:
        how = "missing" if each.deleted else "differs"
        print(f"  {how}  {each.path} (+{each.added} -{each.removed})")
    options = ("-z", "--cached", "--others", "--exclude-standard")
    own = {*git("ls-files", *options, cwd=folder).split("\0")} - {"", STATE, *files}
    print(f"{len(own)} files are in the service only.")
    print(f"If a wrong answer or version shows, remove {STATE} and try again; if not, commit it.")
