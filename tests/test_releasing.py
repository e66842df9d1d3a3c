"""A tag builds an image: a script and a job of a service with `deploy: kubernetes`.

docker, which needs an engine, is a stand-in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from deploying import (
    BARE,
    GITHUB,
    GIVEN,
    SECRETS,
    TAG,
    create_service,
    environment,
    run_gitlab,
)
from workflows import run_job, stand_in

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
# It writes what buildx writes, at the path behind the option.
BUILDS = """\
previous=
for argument in "$@"; do
  [ "$previous" != --metadata-file ] || echo '{"containerimage.digest": "DIGEST"}' > "$argument"
  case "$argument" in type=docker,dest=*) : > "${argument#type=docker,dest=}" ;; esac
  previous="$argument"
done
case "$*" in *inspect*) exit 1 ;; esac""".replace("DIGEST", DIGEST)


@pytest.fixture
def create(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that renders a service and commits it to a clone of a remote."""
    return partial(create_service, tmp_path)


@pytest.mark.parametrize("ci", ["gitlab", "github"])
def test_image_is_built_scanned_pushed_and_signed(
    ci: str, create: Callable[..., Path], tmp_path: Path
) -> None:
    status, output, called, folder = release(ci, create, tmp_path, BUILDS, COSIGN_PRIVATE_KEY=GIVEN)

    assert status == 0, output
    image = "registry.example.org/team/letters" if ci == "gitlab" else "ghcr.io/team/letters"
    assert "context create release-engine" in called
    assert "buildx create --name release-builder --driver docker-container release-engine" in called
    commands = [each for each in called if each.startswith(("buildx build", "run"))]
    built, scanned, pushed, signed = commands
    labels = ("source", "revision", "version", "created")
    for command in (built, pushed):
        assert all(f"--label org.opencontainers.image.{label}=" in command for label in labels)
        assert "--pull --label" in command
        assert f"--tag {image}:{TAG} " in command
        assert command.endswith(" .")
    assert "--push" not in built
    assert "anchore/grype:v" in scanned
    assert scanned.endswith("--only-fixed --fail-on high docker-archive:/release/image.tar")
    assert "--sbom=true --provenance=mode=max" in pushed
    assert "--push ." in pushed
    assert "/cosign:v" in signed
    assert signed.endswith(f"sign --yes --key env://COSIGN_PRIVATE_KEY {image}@{DIGEST}")
    assert GIVEN not in output + "".join(called)
    assert not (folder / ".release").exists()


def test_image_with_a_known_hole_is_not_pushed(create: Callable[..., Path], tmp_path: Path) -> None:
    status, _, called, folder = release(
        "gitlab", create, tmp_path, f'{BUILDS}\n[ "$1" != run ]', COSIGN_PRIVATE_KEY=GIVEN
    )

    assert status != 0
    assert not [each for each in called if "--push" in each or "cosign" in each]
    assert not (folder / ".release").exists()


def test_image_is_not_signed_without_a_key(create: Callable[..., Path], tmp_path: Path) -> None:
    status, _, called, _ = release("gitlab", create, tmp_path, BUILDS)

    assert status == 0
    assert "--push ." in called[-1]


def release(
    ci: str, create: Callable[..., Path], place: Path, docker: str, **given: str
) -> tuple[int, str, list[str], Path]:
    """Run the job `build` with a stand-in for docker; return what was called, one a line, too."""
    folder = create(ci=ci, **BARE)
    log = place / "calls"
    programs = stand_in("docker", f"echo \"$*\" >> '{log}'\n{docker}", place)
    if ci == "gitlab":
        status, output = run_gitlab(folder, "build", environment(folder, programs, **given))
    else:
        secrets = SECRETS | {f"secrets_{name}": value for name, value in given.items()}
        variables = environment(folder, programs, **GITHUB)
        status, output = run_job(folder, "pipeline", "build", variables, **secrets)
    return status, output, log.read_text("utf-8").splitlines(), folder
