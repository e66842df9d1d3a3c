"""Services that plain cookiecutter made."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from updates.arguments import DONE
from updates.commands import Refused
from updates.planning import parse_answers
from updates.state import STATE, dump
from updates.template import Template, open_template


def adopt(folder: Path, arguments: argparse.Namespace) -> int:
    """Link a service that plain cookiecutter made, and tell what in it differs from a new one."""
    if (folder / STATE).exists():
        raise Refused(f"There is a {STATE} here: run this without --adopt.")
    url = (
        str(Path(arguments.adopt).resolve()) if Path(arguments.adopt).exists() else arguments.adopt
    )
    with tempfile.TemporaryDirectory() as scratch:
        template = open_template(url, Path(scratch))
        require_at_top(template)
        target = template.find(arguments.to)
        answers = parse_answers(arguments.answers, template, target.commit)
        rendered, state = template.render(target.commit, answers, Path(scratch, "render"))
        # Not the password that an address may have.
        public = re.sub(r"(://)[^/\s@]*:[^/\s]*@", r"\1", url)
        files = [path.relative_to(rendered) for path in rendered.rglob("*") if path.is_file()]
        require_service(folder, files)
        state["context"]["cookiecutter"]["_template"] = public
        state = {"template": public, "commit": target.commit, "checkout": target.name} | state
        (folder / STATE).write_text(dump(state | {"directory": None}), "utf-8")
        other = {path: compare(folder / path, rendered / path) for path in sorted(files)}
    same = [path for path, how in other.items() if not how]
    print(f"{STATE} says {target.name}, and {len(same)} of its {len(files)} files are as new:")
    for path, how in other.items():
        print(f"  {how}  {path}\n" * bool(how), end="")
    print(f"If a wrong answer or version shows, remove {STATE} and try again; if not, commit it.")
    return DONE


def require_at_top(template: Template) -> None:
    """Raise if the template is in folders of its repository: one has to say in which."""
    file = "cookiecutter.json"
    paths = template.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
    folders = [path.removesuffix(f"/{file}") for path in paths if path.endswith(f"/{file}")]
    if folders and file not in paths:
        found = f"{template.url} has no {file} at its top, but in {', '.join(folders)}"
        raise Refused(f"{found}: say cruft link --directory {folders[0]} in place of --adopt.")


def require_service(folder: Path, files: Sequence[Path]) -> None:
    """Raise if a folder has hardly any of the files that the template writes."""
    missing = [path for path in files if not (folder / path).is_file()]
    # With wrong answers or another version it has most of them.
    if len(missing) * 4 > len(files) * 3:
        lacks = sorted({path.parts[0] for path in missing if not path.parts[0].startswith(".")})
        found = f"{folder} has {len(files) - len(missing)} of the {len(files)} files"
        raise Refused(
            f"{found} that the template writes, and lacks all or parts of {', '.join(lacks)}:"
            " run this in the folder of the service."
        )


def compare(file: Path, other: Path) -> str:
    """Tell whether a file is missing, or differs from another in more than its line ends."""
    if not file.is_file():
        return "missing"
    ours, theirs = (path.read_bytes().replace(b"\r\n", b"\n") for path in (file, other))
    return "differs" if ours != theirs else ""
