"""A tag is rolled out, or asks to be: scripts and jobs of a service with `deploy: kubernetes`.

kubectl is the real one, at a stand-in for a cluster; docker, which needs an engine, is one itself.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from cluster import Cluster, cluster
from git import Repo
from rendering import render
from test_kubernetes import FOLDER, KUBECTL, kustomize, pods
from workflows import run_job, stand_in

SLUG = "letters"
TAG = "v1.2.3"
GIVEN = "only-for-tests"
BARE = {"use_database": False, "use_csv_export": False, "use_auth": False}
FULL: dict[str, str | bool] = {"use_worker": True, "queue": "celery"}
ADDRESS = "gitlab.example.org/team/letters"
GITLAB = {
    "CI_COMMIT_TAG": TAG,
    "CI_COMMIT_SHA": "0123456789abcdef",
    "CI_COMMIT_TIMESTAMP": "2027-01-01T00:00:00Z",
    "CI_DEFAULT_BRANCH": "main",
    "CI_PROJECT_DIR": "/nowhere",
    "CI_PROJECT_PATH": "team/letters",
    "CI_PROJECT_URL": f"https://{ADDRESS}",
    "CI_REGISTRY": "registry.example.org",
    "CI_REGISTRY_IMAGE": "registry.example.org/team/letters",
    "CI_REGISTRY_PASSWORD": GIVEN,
    "CI_REGISTRY_USER": "somebody",
    "CI_SERVER_HOST": "gitlab.example.org",
}
GITHUB = {
    "GITHUB_ACTOR": "somebody",
    "GITHUB_REF_NAME": TAG,
    "GITHUB_REPOSITORY": "Team/Letters",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": "0123456789abcdef",
}
# Without a value, GitHub gives an empty text.
SECRETS = {
    "github_token": GIVEN,
    **{f"secrets_{name}": "" for name in ("COSIGN_PASSWORD", "COSIGN_PRIVATE_KEY", "KUBECONFIG")},
}
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

    def service(**answers: str | bool) -> Path:
        folder = render(
            {"service_slug": SLUG, "deploy": "kubernetes", **answers}, tmp_path / "render"
        )
        with Repo.init(folder) as repository:
            repository.git.add("--all")
            repository.git.commit("--message", "Service")
        with Repo.clone_from(folder, tmp_path / "remote.git", bare=True) as remote:
            remote.git.config("receive.advertisePushOptions", "true")
            # What was asked for beside the push.
            hook = Path(remote.git_dir, "hooks", "pre-receive")
            hook.write_text("#!/bin/sh\nenv | grep GIT_PUSH_OPTION_ > options\nexit 0\n", "utf-8")
            hook.chmod(0o755)
        with Repo.clone_from(tmp_path / "remote.git", tmp_path / "clone"):
            return tmp_path / "clone"

    return service


@pytest.fixture
def at() -> Iterator[Cluster]:
    """Run a stand-in for a cluster."""
    with cluster() as running:
        yield running


def environment(folder: Path, *programs: str, **variables: str) -> dict[str, str]:
    """Give the variables of a job that has these programs and kubectl."""
    path = os.pathsep.join([*programs, str(KUBECTL.parent), os.environ["PATH"]])
    remote = folder.parent / "remote.git"
    redirected = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{remote}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://deploy:{GIVEN}@{ADDRESS}.git",
    }
    kept = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    home = {"HOME": str(folder.parent)}
    return {**kept, **redirected, **home, "PATH": path, **variables}


def config(at: Cluster, folder: Path) -> str:
    """Write the configuration of a cluster, and return its path."""
    path = folder.parent / "kubeconfig"
    path.write_text(at.config, "utf-8")
    return str(path)


def run(
    command: list[str], folder: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command in a service, for at most a minute; print what it printed."""
    result = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    print(result.stdout)
    return result


def run_gitlab(folder: Path, job: str, variables: Mapping[str, str]) -> tuple[int, str]:
    """Run the script of a job as a shell of GitLab's does; its preparation installs programs."""
    jobs = yaml.safe_load((folder / ".gitlab-ci.yml").read_text("utf-8"))
    script = "\n".join(jobs[job]["script"])
    expanded = {
        name: str(value)
        .replace("$CI_REGISTRY_IMAGE", GITLAB["CI_REGISTRY_IMAGE"])
        .replace("$CI_COMMIT_TAG", TAG)
        .replace("$CI_SERVER_HOST", GITLAB["CI_SERVER_HOST"])
        for name, value in jobs[job]["variables"].items()
        if name != "DOCKER_CONFIG"
    }
    result = run(["sh", "-e", "-c", script], folder, {**GITLAB, **expanded, **variables})
    return result.returncode, result.stdout


def images(folder: Path) -> set[str]:
    """Return the images that run in production."""
    documents = kustomize(folder / FOLDER / "production")
    return {each["image"] for pod in pods(documents).values() for each in pod["containers"]}


def test_image_is_written_and_nothing_else(create: Callable[..., Path]) -> None:
    folder = create(**FULL)
    variables = environment(folder)

    # A tag that YAML would take for a number, and a registry with a port.
    ended = run(["scripts/deploy.sh", "production", "localhost:5000/a/b:1.10"], folder, variables)

    assert (ended.returncode, ended.stdout) == (0, "")
    assert images(folder) == {"localhost:5000/a/b:1.10"}
    with Repo(folder) as repository:
        (changed,) = repository.git.diff("--name-only").splitlines()
    assert changed == "deploy/kubernetes/production/release/kustomization.yaml"


def test_other_arguments_are_refused(create: Callable[..., Path]) -> None:
    folder = create(**BARE)
    refused = [
        [],
        ["production"],
        ["elsewhere", "a/b:1"],
        ["production", "a/b"],
        ["production", "localhost:5000/a"],
        ["production", 'a/b:1"\nimages: []'],
        ["production", "a/b:1", "more"],
    ]

    for arguments in refused:
        ended = run(["scripts/deploy.sh", *arguments], folder, environment(folder))
        assert ended.returncode == 2, arguments
        assert ended.stdout.startswith("usage: ")
    with Repo(folder) as repository:
        assert not repository.is_dirty()


def test_migrations_run_before_each_roll_out(create: Callable[..., Path], at: Cluster) -> None:
    folder = create(**FULL)
    variables = environment(folder, KUBECONFIG=config(at, folder))
    command = ["scripts/deploy.sh", "--apply", "production"]

    assert run([*command, "a/b:1"], folder, variables).returncode == 0
    first, at.done = at.done, []
    assert run([*command, "a/b:2"], folder, variables).returncode == 0

    migrated = first.index(f"create Job/{SLUG}-migration")
    before = {each.split()[1].split("/")[0] for each in first[:migrated]}
    assert before == {"ConfigMap", "ServiceAccount"}
    assert migrated < first.index(f"create Deployment/{SLUG}")
    assert migrated < first.index(f"create Deployment/{SLUG}-scheduler")
    assert migrated < first.index(f"create Deployment/{SLUG}-worker")
    assert at.done == [
        f"delete Job/{SLUG}-migration",
        f"create Job/{SLUG}-migration",
        f"change Deployment/{SLUG}",
        f"change Deployment/{SLUG}-scheduler",
        f"change Deployment/{SLUG}-worker",
    ]
    running = {
        each["spec"]["template"]["spec"]["containers"][0]["image"]
        for each in at.objects.values()
        if "template" in each.get("spec", {})
    }
    assert running == {"a/b:2"}


def test_migrations_that_fail_leave_what_runs(create: Callable[..., Path], at: Cluster) -> None:
    folder = create(**FULL)
    variables = environment(folder, KUBECONFIG=config(at, folder))
    at.fails.add(f"{SLUG}-migration")

    ended = run(["scripts/deploy.sh", "--apply", "production", "a/b:1"], folder, variables)

    assert ended.returncode == 1
    assert "The migrations failed; nothing was rolled out." in ended.stdout
    assert not [each for each in at.done if "Deployment" in each]


def test_service_without_a_database_is_rolled_out(create: Callable[..., Path], at: Cluster) -> None:
    folder = create(**BARE)
    variables = environment(folder, KUBECONFIG=config(at, folder))

    ended = run(["scripts/deploy.sh", "--apply", "staging", "a/b:1"], folder, variables)

    assert ended.returncode == 0
    assert f"create Deployment/{SLUG}" in at.done
    assert not [each for each in at.done if "Job" in each]


def test_gitlab_opens_a_merge_request(create: Callable[..., Path]) -> None:
    folder = create(**FULL)

    status, output = run_gitlab(folder, "deploy", environment(folder, DEPLOY_TOKEN=GIVEN))

    assert status == 0
    with Repo(folder.parent / "remote.git") as remote:
        pushed = remote.commit(f"deploy-{TAG}")
        assert [*pushed.stats.files] == ["deploy/kubernetes/production/release/kustomization.yaml"]
        assert pushed.message == f"Deploy {TAG}\n"
        options = Path(remote.git_dir, "options").read_text("utf-8").splitlines()
    assert images(folder) == {f"{GITLAB['CI_REGISTRY_IMAGE']}:{TAG}"}
    assert sorted(options) == [
        "GIT_PUSH_OPTION_0=merge_request.create",
        "GIT_PUSH_OPTION_1=merge_request.target=main",
        "GIT_PUSH_OPTION_2=merge_request.remove_source_branch",
        "GIT_PUSH_OPTION_COUNT=3",
    ]
    assert GIVEN not in output


def test_gitlab_says_what_it_lacks(create: Callable[..., Path]) -> None:
    folder = create(**BARE)

    status, output = run_gitlab(folder, "deploy", environment(folder))

    assert status != 0
    assert "DEPLOY_TOKEN: must be set, or else KUBECONFIG" in output


def test_gitlab_rolls_out_to_a_cluster(create: Callable[..., Path], at: Cluster) -> None:
    folder = create(**BARE)
    variables = environment(folder, KUBECONFIG=config(at, folder))

    status, _ = run_gitlab(folder, "deploy", variables)

    assert status == 0
    assert f"create Deployment/{SLUG}" in at.done
    with Repo(folder.parent / "remote.git") as remote:
        assert len(remote.branches) == 1


def test_github_opens_a_pull_request_once(create: Callable[..., Path], tmp_path: Path) -> None:
    folder = create(ci="github", **FULL)
    # What lists the open ones finds none, then one.
    programs = stand_in(
        "gh", 'case "$2" in list) cat open ;; create) echo one > open ;; esac', tmp_path
    )
    stand_in("uv", "", tmp_path)
    (folder / "open").touch()
    branch = f"deploy-{TAG}"

    for _ in range(2):
        variables = environment(folder, programs, **GITHUB)
        status, _ = run_job(folder, "pipeline", "deploy", variables, **SECRETS)
        assert status == 0
        with Repo(folder) as repository:
            repository.git.checkout("--quiet", "-")
            repository.git.branch("-D", branch)

    image = f"ghcr.io/team/letters:{TAG}"
    asked = (tmp_path / "gh").read_text("utf-8")
    assert asked.count("\ncreate\n") == 1
    assert f"--head\n{branch}\n--title\nDeploy {TAG}\n--body\n{image}\n" in asked
    with Repo(folder.parent / "remote.git") as remote:
        (changed,) = remote.commit(branch).stats.files
    assert changed == "deploy/kubernetes/production/release/kustomization.yaml"


def test_github_rolls_out_to_a_cluster(
    create: Callable[..., Path], at: Cluster, tmp_path: Path
) -> None:
    folder = create(ci="github", **BARE)
    programs = stand_in("uv", "", tmp_path)
    variables = environment(folder, programs, RUNNER_TEMP=str(tmp_path), **GITHUB)

    status, output = run_job(
        folder, "pipeline", "deploy", variables, **SECRETS | {"secrets_KUBECONFIG": at.config}
    )

    assert status == 0, output
    assert f"create Deployment/{SLUG}" in at.done
    assert (tmp_path / "kubeconfig").stat().st_mode & 0o777 == 0o600


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
