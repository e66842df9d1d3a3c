"""The rehearsal of a fleet, beside what takes its place without it: a loop of cruft."""

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from bench.memory import measure_peak
from fleet.example import clone_releases, fork, make_service

# The loop takes minutes: it is done for some, evenly spread, and the rest is reckoned.
SERVICES, LOOPED = 200, 16
# How much faster than the loop, and megabytes of all its processes together.
SPEED_BAR, MEMORY_BAR = 5.0, 1000.0
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Bench"), ("EMAIL", "bench@localhost"))
}
ANSWERS: list[dict[str, str | bool]] = [
    {"framework": framework, "use_database": database, "use_auth": auth}
    for framework, database, auth in product(("flask", "async"), (True, False), (True, False))
]


def measure_fleet(count: int, own_names: bool) -> int:
    """Measure and print; return 1 if a bar is missed."""
    os.environ.update(IDENTITY)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        print(f"Making {count} services ...", flush=True)
        template, releases = clone_releases(place / "template")
        services = make_services(template, releases, place / "services", count, own_names)
        sample = services[:: max(1, count // LOOPED)][:LOOPED]
        # Half before and half after: what else the machine does hits both.
        looped = time_cruft(sample[::2], releases[-1], place / "before")
        seconds, memory = measure_rehearsal(template, services, place / "cruft.json")
        looped += time_cruft(sample[1::2], releases[-1], place / "after")
        each = looped / len(sample)
    ratio = each * count / seconds
    print(f"{'nox -s fleet':24} {seconds:6.1f} s, {memory:.0f} MB at most")
    reckoned = f"{each * count:6.1f} s, reckoned from {len(sample)} services: {each:.2f} s each"
    print(f"{'clone, cruft update -y':24} {reckoned}, {ratio:.1f} times as long")
    missed = [f"{ratio:.1f} times as fast, the bar is {SPEED_BAR:g}"] * (ratio < SPEED_BAR)
    missed += [f"{memory:.0f} MB, the bar is {MEMORY_BAR:.0f}"] * (memory > MEMORY_BAR)
    print("\n".join(missed) or "All bars are met.")
    return bool(missed)


def make_services(
    template: Path, releases: list[str], place: Path, count: int, own_names: bool
) -> list[Path]:
    """Make services of each release with each kind of answers, that their teams have edited."""
    kinds = [*product(releases, ANSWERS)]
    made: dict[str, Path] = {}
    services = []
    for number in range(count):
        release, answers = kinds[number % len(kinds)]
        name = f"Service {number if own_names else number % len(kinds)}"
        if own_names:
            answers = answers | {"service_name": name}
        if name not in made:
            made[name] = make_service(template, release, answers, place / f"kind-{len(made)}")
        service = place / f"service-{number}"
        fork(made[name], service, "Dockerfile", "EXPOSE", f"# Service {number}.\nEXPOSE")
        services.append(service)
    return services


def measure_rehearsal(template: Path, services: list[Path], file: Path) -> tuple[float, float]:
    """Return the seconds of a rehearsal of all services, and its megabytes at most."""
    listed = [{"name": service.name, "url": str(service)} for service in services]
    file.write_text(json.dumps({"services": listed}), "utf-8")
    command = [sys.executable, "-m", "fleet", f"--template={template}", f"--services={file}"]
    began = time.perf_counter()
    status, memory = measure_peak(command)
    if status:
        raise RuntimeError(f"The rehearsal ended with {status}.")
    return time.perf_counter() - began, memory


def time_cruft(services: list[Path], release: str, place: Path) -> float:
    """Return the seconds of a loop that updates clones of services, one after the other."""
    place.mkdir()
    began = time.perf_counter()
    for service in services:
        clone = place / service.name
        subprocess.run(["git", "clone", "--quiet", service, clone], check=True)
        command = [sys.executable, "-m", "cruft", "update", "-y", f"--checkout={release}"]
        subprocess.run(command, cwd=clone, check=True, capture_output=True)
    return time.perf_counter() - began
