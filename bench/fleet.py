"""The rehearsal of a fleet, beside what takes its place without it: a loop of cruft."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fleet.example import NEW, RELEASES, edit, make_service, make_template

SERVICES, BAR = 50, 60.0
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Bench"), ("EMAIL", "bench@localhost"))
}
ANSWERS: list[dict[str, str | bool]] = [
    {"framework": "flask"},
    {"framework": "async"},
    {"framework": "flask", "use_auth": False},
    {"framework": "async", "use_database": False, "use_csv_export": False},
]


def measure_fleet() -> int:
    """Measure and print; return 1 if the bar is missed."""
    os.environ.update(IDENTITY)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        print(f"Making {SERVICES} services ...", flush=True)
        template = make_template(place / "template")
        services = make_services(template, place / "services")
        rehearsed = time_rehearsal(template, services, place / "cruft.json")
        looped = time_cruft(services, place / "clones")
    print(f"{'nox -s fleet':24} {rehearsed:6.1f} s")
    print(f"{'clone, cruft update -y':24} {looped:6.1f} s, {looped / rehearsed:.1f} times as long")
    print("The bar is met." if rehearsed <= BAR else f"The bar is missed: {BAR:.0f} s.")
    return int(rehearsed > BAR)


def make_services(template: Path, place: Path) -> list[Path]:
    """Make services of each release, with different answers, that their teams have edited."""
    kinds = [(release, answers) for answers in ANSWERS for release in RELEASES]
    made = [
        make_service(template, release, answers, place / f"kind-{number}")
        for number, (release, answers) in enumerate(kinds)
    ]
    services = []
    for number in range(SERVICES):
        service = place / f"service-{number}"
        shutil.copytree(made[number % len(made)], service)
        edit(service, "Dockerfile", "EXPOSE", f"# Service {number}.\nEXPOSE")
        services.append(service)
    return services


def time_rehearsal(template: Path, services: list[Path], file: Path) -> float:
    """Return the seconds of a rehearsal of all services."""
    listed = [{"name": service.name, "url": str(service)} for service in services]
    file.write_text(json.dumps({"services": listed}), "utf-8")
    command = [sys.executable, "-m", "fleet", f"--template={template}", f"--services={file}"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def time_cruft(services: list[Path], place: Path) -> float:
    """Return the seconds of a loop that updates clones of all services, one after the other."""
    place.mkdir()
    began = time.perf_counter()
    for service in services:
        clone = place / service.name
        subprocess.run(["git", "clone", "--quiet", service, clone], check=True)
        command = [sys.executable, "-m", "cruft", "update", "-y", f"--checkout={NEW}"]
        subprocess.run(command, cwd=clone, check=True, capture_output=True)
    return time.perf_counter() - began
