"""Render everything on and run the service's suite here: ``python tests/everything_on.py``."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rendering import MODULES, QUESTIONS, ROOT, render

FOLDER = ROOT / "build" / "everything-on"


def main() -> int:
    """Render, and run pytest in the render with the current environment."""
    parser = argparse.ArgumentParser(prog="everything_on.py", description=__doc__)
    parser.add_argument("framework", nargs="?", default=QUESTIONS["framework"][0])
    parser.add_argument("--render-only", action="store_true", help="print the folder, run nothing")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where it is rendered")
    parser.add_argument("--without", action="append", default=[], choices=MODULES)
    parser.add_argument("--queue", default=QUESTIONS["queue"][0], choices=QUESTIONS["queue"])
    parser.add_argument("--deploy", default=QUESTIONS["deploy"][0], choices=QUESTIONS["deploy"])
    arguments, pytest_arguments = parser.parse_known_args()
    destination = arguments.folder / "-without-".join(
        [f"{arguments.framework}-{arguments.queue}", *arguments.without]
    )
    shutil.rmtree(destination, ignore_errors=True)
    modules = {name: name not in arguments.without for name in MODULES}
    modules["use_worker"] &= modules["use_database"] or arguments.queue == "celery"
    chosen = {name: getattr(arguments, name) for name in ("framework", "queue", "deploy")}
    answers = {**chosen, **modules}
    service = render(answers, destination, with_tests_of_the_standard=not arguments.render_only)
    if arguments.render_only:
        print(service)
        return 0
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"]
    others = ("DATABASE_URL", "TEST_DATABASE_URL")
    environment = {k: v for k, v in os.environ.items() if k not in others}
    return subprocess.run([*command, *pytest_arguments], cwd=service, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
