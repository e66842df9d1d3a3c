"""What is done with the template: ``nox -s NAME``, or ``nox -l`` for the list."""

import json
import os
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "tests"]

TEMPLATE = "{{cookiecutter.service_slug}}"
BUILD = Path("build").resolve()
FRAMEWORKS = json.loads(Path("cookiecutter.json").read_text("utf-8"))["framework"]
# They run services as production does, are hard on them, and measure how long it takes.
HARD = "tests/reliability"
# Half of what tests do is to wait, for servers and for programs that start.
WORKERS = (os.cpu_count() or 2) * 3 // 2
# Caches inside the template folder would become part of a render.
os.environ.update(
    MYPY_CACHE_DIR=str(BUILD / "mypy"),
    PYTHONDONTWRITEBYTECODE="1",
    RUFF_CACHE_DIR=str(BUILD / "ruff"),
)


def install(session: nox.Session) -> None:
    """Install the tools of the template, and all that a service can need."""
    session.install("--quiet", "--compile-bytecode", "--requirements=constraints.txt")


@nox.session
def demo(session: nox.Session) -> None:
    """Create Directmail, load real premises and serve them; --check tries every filter."""
    install(session)
    session.run("python", "-m", "examples.demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the template's tests: every combination of answers, each in its own environment."""
    install(session)
    options = (f"--numprocesses={WORKERS}", "--dist=worksteal", f"--ignore={HARD}")
    session.run("pytest", *options, *session.posargs)


@nox.session
def combinations(session: nox.Session) -> None:
    """Render every combination of answers, and check what is written; the tests take turns."""
    install(session)
    session.run("python", "tests/every_combination.py")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Send every service thousands of requests that are made of its contract: -- [NAMES] [--seed]."""
    install(session)
    # What it builds examples by is beside tests/.
    session.run("python", "tests/fuzz.py", *session.posargs, env={"PYTHONPATH": "."})


@nox.session
def hard(session: nox.Session) -> None:
    """Be hard on running services: malformed requests, outages, crowds, clients that leave."""
    install(session)
    # One worker for each framework: what they wait for does not need a core.
    workers = f"--numprocesses={len(FRAMEWORKS)}"
    session.run("pytest", workers, "--dist=worksteal", HARD, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the template's own code, and the template folder as it stands, un-rendered."""
    install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    with session.chdir(TEMPLATE):
        session.run("ruff", "check", ".")
        session.run("ruff", "format", "--check", ".")
        session.run("mypy")


@nox.session
def dev(session: nox.Session) -> None:
    """Check the template folder and run the suites of two full renders: the loop to work in."""
    lint(session)
    for framework in FRAMEWORKS:
        session.run("python", "tests/everything_on.py", framework, *session.posargs)


@nox.session
def image(session: nox.Session) -> None:
    """Build the image of a new service by buildah, and run it as production does; root, Debian."""
    install(session)
    # What it starts services by is beside tests/.
    session.run("python", "tests/image.py", env={"PYTHONPATH": "."})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the CSV export beside psql, or --requests beside FastAPI, and print ratios."""
    install(session)
    peers = ("--upgrade-package=fastapi", "fastapi", "uvicorn[standard]")
    session.install("--quiet", "--compile-bytecode", "--constraints=constraints.txt", *peers)
    if "--jobs" in session.posargs:
        session.install("--quiet", "--compile-bytecode", "celery[redis]>=5.7")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def migrate(session: nox.Session) -> None:
    """Make a service of the template from one on Connexion 2 or Flask: -- PATH [--to FOLDER]."""
    install(session)
    # nox would send what goes to stderr to stdout, which has the report.
    session.run("python", "-m", "migrate", *session.posargs, stderr=sys.stderr)


@nox.session
def fleet(session: nox.Session) -> None:
    """Rehearse the updates of the services in cruft.json; with `update`, open merge requests."""
    install(session)
    # nox would send what goes to stderr to stdout, which has the report.
    session.run("python", "-m", "fleet", *session.posargs, stderr=sys.stderr)


@nox.session
def routes(session: nox.Session) -> None:
    """Print which of two services serves what, by the contracts OLD and NEW: --traefik or nginx."""
    session.install("--quiet", "--constraints=constraints.txt", "pyyaml")
    # The table alone, for a file: nox would send what goes to stderr there too.
    session.run("python", "-m", "routes", *session.posargs, stderr=sys.stderr)


@nox.session
def soak(session: nox.Session) -> None:
    """Be hard on running services for some minutes; write the figures into docs/reliability.md."""
    install(session)
    (BUILD / "figures.jsonl").unlink(missing_ok=True)
    session.run("pytest", "tests/reliability", "--soak", *session.posargs)
    session.run("python", "tests/reliability/figures.py")


@nox.session
def constraints(session: nox.Session) -> None:
    """Refresh constraints.txt: the newest versions that template and services agree on."""
    install(session)
    renders = [[each] for each in FRAMEWORKS] + [
        [FRAMEWORKS[0], "--queue=celery", "--deploy=lambda"]
    ]
    services = [
        str(session.run("python", "tests/everything_on.py", *each, "--render-only", silent=True))
        for each in renders
    ]
    projects = [f"{service.strip()}/pyproject.toml" for service in services]
    session.run(
        *("uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version=3.11"),
        *("--no-header", "--no-annotate", "--output-file=constraints.txt"),
        *("--group=pyproject.toml:dev", *(f"--group={each}:dev" for each in projects), *projects),
        external=True,
    )
