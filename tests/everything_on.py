"""Render everything on and run the service's suite here: ``python tests/everything_on.py``."""

import argparse
import os
import shutil
import subprocess
import sys

from rendering import MODULES, QUESTIONS, ROOT, render

FOLDER = ROOT / "build" / "everything-on"


def main() -> int:
    """Render, and run pytest in the render with the current environment."""
    parser = argparse.ArgumentParser(prog="everything_on.py", description=__doc__)
    parser.add_argument("framework", nargs="?", default=QUESTIONS["framework"][0])
    parser.add_argument("--render-only", action="store_true", help="print the folder, run nothing")
    arguments, pytest_arguments = parser.parse_known_args()
    destination = FOLDER / arguments.framework
    shutil.rmtree(destination, ignore_errors=True)
    answers = {"framework": arguments.framework, **dict.fromkeys(MODULES, True)}
    service = render(answers, destination)
    if arguments.render_only:
        print(service)
        return 0
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"]
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    return subprocess.run([*command, *pytest_arguments], cwd=service, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
