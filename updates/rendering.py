"""A render of the template: the files that ``cruft create`` writes, and the context it stores.

It does what ``cruft create`` does, by the same functions of cookiecutter, without the clone and
the libraries of that command. Run as a module, it renders in a process of its own.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from updates.commands import Refused, git

CONTEXT, FILES = "context.json", "files"
# All that cookiecutter opens: its questions, its hooks, and templates.
READ = re.compile(r"cookiecutter\.json$|(hooks|templates|[^/]*cookiecutter[^/]*)/")


def check_out(clone: Path, commit: str, directory: str, folder: Path) -> None:
    """Write what a render reads of a commit, whatever line ends git is told to write.

    The template is in a directory, with a slash at its end, or in none.
    """
    index = folder.with_name(f"{folder.name}.index")
    variables = {"GIT_DIR": str(clone), "GIT_INDEX_FILE": str(index), "GIT_WORK_TREE": str(clone)}

    def run(*arguments: str, text: str | None = None) -> str:
        return git(*arguments, cwd=clone, environment=variables, text=text)

    run("read-tree", f"{commit}:{directory}")
    paths = [path for path in run("ls-files", "-z").split("\0") if READ.match(path)]
    plain = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
    options = (f"--prefix={folder}/", "-z", "--stdin")
    run(*plain, "checkout-index", *options, text="".join(f"{path}\0" for path in paths))
    index.unlink()


def render(source: Path, answers: Mapping[str, Any], origin: tuple[str, str], place: Path) -> None:
    """Render the files of a commit into a new folder, and put the context beside them.

    The origin is the address of the template, and the commit.
    """
    # It takes a while, and there are updates without a render.
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.generate import generate_context, generate_files
    from cookiecutter.prompt import prompt_for_config
    from jinja2 import TemplateError

    if not (source / "cookiecutter.json").exists():
        raise Refused("{} is no template at {}: it has no cookiecutter.json.".format(*origin))
    # It would log a traceback where a hook refuses the answers.
    logging.getLogger("cookiecutter").addHandler(logging.NullHandler())
    (place / FILES).mkdir(parents=True)
    with heard() as said:
        try:
            context = generate_context(str(source / "cookiecutter.json"), {}, dict(answers))
            context["cookiecutter"] = prompt_for_config(context, no_input=True)
            context["cookiecutter"] |= dict(zip(("_template", "_commit"), origin, strict=True))
            generate_files(source, context, str(place / FILES))
        except (CookiecutterException, TemplateError, ValueError) as error:
            said.seek(0)
            why = " ".join(said.read().split()) or error
            raise Refused(f"The template refuses the answers: {why}") from error
    (place / CONTEXT).write_text(json.dumps(context), "utf-8")


@contextmanager
def heard() -> Iterator[TextIO]:
    """Give the file that gets what hooks print, and clear away the files that they run from."""
    streams = (sys.stdout, sys.stderr)
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile("w+") as said:
        for stream in streams:
            stream.flush()
        kept = [os.dup(number) for number in (1, 2)]
        before, tempfile.tempdir = tempfile.tempdir, scratch
        try:
            for number in (1, 2):
                os.dup2(said.fileno(), number)
            yield said
        finally:
            tempfile.tempdir = before
            for number, copy in enumerate(kept, start=1):
                os.dup2(copy, number)
                os.close(copy)


if __name__ == "__main__":
    job = json.load(sys.stdin)
    try:
        render(Path(job["source"]), job["answers"], job["origin"], Path(job["place"]))
    except Refused as error:
        sys.exit(str(error))
