"""A tag is rolled out, or asks to be: a script and a job of a service with `deploy: kubernetes`.

kubectl is the real one, at a stand-in for a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml
from cluster import Cluster, cluster
from deploying import (
    BARE,
    FULL,
    GITHUB,
    GITLAB,
    GIVEN,
    SECRETS,
    SLUG,
    TAG,
    create_service,
    environment,
    run,
    run_gitlab,
)
from git import Repo
from kustomizing import kustomize, pods
from test_kubernetes import FOLDER
from workflows import read_workflow, run_job, stand_in

OVERLAYS = ["staging", "production"]


@pytest.fixture
def create(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that renders a service and commits it to a clone of a remote."""
    return partial(create_service, tmp_path)


@pytest.fixture
def at() -> Iterator[Cluster]:
    """Run a stand-in for a cluster."""
    with cluster() as running:
        yield running


def config(at: Cluster, folder: Path) -> str:
    """Write the configuration of a cluster, and return its path."""
    path = folder.parent / "kubeconfig"
    path.write_text(at.config, "utf-8")
    return str(path)


def images(folder: Path, overlay: str = "production") -> set[str]:
    """Return the images that run by an overlay."""
    documents = kustomize(folder / FOLDER / overlay)
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


def tell(at: Cluster, kind: str, name: str, **content: object) -> str:
    """Put something into the namespace of production that a controller makes; return its address."""
    address = f"/api/v1/namespaces/{SLUG}-production/{kind.lower()}s/{name}"
    labels = {"app.kubernetes.io/name": SLUG, "app.kubernetes.io/component": "service"}
    metadata = {"name": name, "namespace": f"{SLUG}-production", "labels": labels}
    at.objects[address] = {"apiVersion": "v1", "kind": kind, "metadata": metadata, **content}
    return address


def test_what_does_not_come_up_is_explained(create: Callable[..., Path], at: Cluster) -> None:
    folder = create(**BARE)
    variables = environment(folder, KUBECONFIG=config(at, folder))
    at.fails.add(SLUG)
    tell(at, "Event", "refused", type="Warning", message=f'secret "{SLUG}" not found')
    tell(at, "Event", "taken", type="Normal", message="assigned to a machine")
    pod = tell(at, "Pod", "first", spec={"containers": [{"name": "service"}]})
    at.objects[f"{pod}/log"] = {"event": "its settings are wrong"}

    ended = run(["scripts/deploy.sh", "--apply", "production", "a/b:1"], folder, variables)

    assert ended.returncode == 1
    assert f'secret "{SLUG}" not found' in ended.stdout
    assert "its settings are wrong" in ended.stdout
    assert "assigned" not in ended.stdout
    assert ended.stdout.endswith(f"{SLUG} was not rolled out.\n")


def test_migrations_that_fail_leave_what_runs(create: Callable[..., Path], at: Cluster) -> None:
    folder = create(**FULL)
    variables = environment(folder, KUBECONFIG=config(at, folder))
    at.fails.add(f"{SLUG}-migration")
    tell(at, "Event", "refused", type="Warning", message=f'secret "{SLUG}" not found')

    ended = run(["scripts/deploy.sh", "--apply", "production", "a/b:1"], folder, variables)

    assert ended.returncode == 1
    assert f'secret "{SLUG}" not found' in ended.stdout
    assert "The migrations failed; nothing was rolled out." in ended.stdout
    assert not [each for each in at.done if "Deployment" in each]


def test_service_without_a_database_is_rolled_out(create: Callable[..., Path], at: Cluster) -> None:
    folder = create(**BARE)
    variables = environment(folder, KUBECONFIG=config(at, folder))

    ended = run(["scripts/deploy.sh", "--apply", "staging", "a/b:1"], folder, variables)

    assert ended.returncode == 0
    assert f"create Deployment/{SLUG}" in at.done
    assert not [each for each in at.done if "Job" in each]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_gitlab_opens_a_merge_request(overlay: str, create: Callable[..., Path]) -> None:
    folder = create(**FULL)

    variables = environment(folder, DEPLOY_TOKEN=GIVEN)
    status, output = run_gitlab(folder, f"deploy-{overlay}", variables)

    assert status == 0
    with Repo(folder.parent / "remote.git") as remote:
        pushed = remote.commit(f"deploy-{overlay}-{TAG}")
        assert [*pushed.stats.files] == [f"deploy/kubernetes/{overlay}/release/kustomization.yaml"]
        assert pushed.message == f"Deploy {TAG} to {overlay}\n"
        options = Path(remote.git_dir, "options").read_text("utf-8").splitlines()
    assert images(folder, overlay) == {f"{GITLAB['CI_REGISTRY_IMAGE']}:{TAG}"}
    assert sorted(options) == [
        "GIT_PUSH_OPTION_0=merge_request.create",
        "GIT_PUSH_OPTION_1=merge_request.target=main",
        "GIT_PUSH_OPTION_2=merge_request.remove_source_branch",
        "GIT_PUSH_OPTION_COUNT=3",
    ]
    assert GIVEN not in output


def test_gitlab_says_what_it_lacks(create: Callable[..., Path]) -> None:
    folder = create(**BARE)

    status, output = run_gitlab(folder, "deploy-staging", environment(folder))

    assert status != 0
    assert "DEPLOY_TOKEN: must be set, or else KUBECONFIG" in output


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_gitlab_rolls_out_to_a_cluster(
    overlay: str, create: Callable[..., Path], at: Cluster
) -> None:
    folder = create(**BARE)
    variables = environment(folder, KUBECONFIG=config(at, folder))

    status, _ = run_gitlab(folder, f"deploy-{overlay}", variables)

    assert status == 0
    assert f"create Deployment/{SLUG}" in at.done
    assert at.namespaces() == {f"{SLUG}-{overlay}"}
    with Repo(folder.parent / "remote.git") as remote:
        assert len(remote.branches) == 1


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_github_opens_a_pull_request_once(
    overlay: str, create: Callable[..., Path], tmp_path: Path
) -> None:
    folder = create(ci="github", **FULL)
    # What lists the open ones finds none, then one.
    programs = stand_in(
        "gh", 'case "$2" in list) cat open ;; create) echo one > open ;; esac', tmp_path
    )
    stand_in("uv", "", tmp_path)
    (folder / "open").touch()
    branch = f"deploy-{overlay}-{TAG}"

    for _ in range(2):
        variables = environment(folder, programs, **GITHUB)
        status, _ = run_job(
            folder, "pipeline", "deploy", variables, matrix_overlay=overlay, **SECRETS
        )
        assert status == 0
        with Repo(folder) as repository:
            repository.git.checkout("--quiet", "-")
            repository.git.branch("-D", branch)

    image = f"ghcr.io/team/letters:{TAG}"
    asked = (tmp_path / "gh").read_text("utf-8")
    assert asked.count("\ncreate\n") == 1
    assert f"--head\n{branch}\n--title\nDeploy {TAG} to {overlay}\n--body\n{image}\n" in asked
    with Repo(folder.parent / "remote.git") as remote:
        (changed,) = remote.commit(branch).stats.files
    assert changed == f"deploy/kubernetes/{overlay}/release/kustomization.yaml"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_github_rolls_out_to_a_cluster(
    overlay: str, create: Callable[..., Path], at: Cluster, tmp_path: Path
) -> None:
    folder = create(ci="github", **BARE)
    programs = stand_in("uv", "", tmp_path)
    variables = environment(folder, programs, RUNNER_TEMP=str(tmp_path), **GITHUB)

    given = SECRETS | {"secrets_KUBECONFIG": at.config, "matrix_overlay": overlay}
    status, output = run_job(folder, "pipeline", "deploy", variables, **given)

    assert status == 0, output
    assert f"create Deployment/{SLUG}" in at.done
    assert at.namespaces() == {f"{SLUG}-{overlay}"}
    assert (tmp_path / "kubeconfig").stat().st_mode & 0o777 == 0o600


def test_github_leaves_out_an_overlay_that_a_team_has_not(
    create: Callable[..., Path], tmp_path: Path
) -> None:
    folder = create(ci="github", **BARE)
    with Repo(folder) as repository:
        repository.git.rm("-r", "deploy/kubernetes/staging")
    programs = stand_in("uv", "", tmp_path)
    variables = environment(folder, programs, **GITHUB)

    status, output = run_job(
        folder, "pipeline", "deploy", variables, matrix_overlay="staging", **SECRETS
    )

    assert (status, output) == (0, "There is no deploy/kubernetes/staging.\n")


def test_staging_comes_before_production(create: Callable[..., Path], tmp_path: Path) -> None:
    gitlab = yaml.safe_load((create(**BARE) / ".gitlab-ci.yml").read_text("utf-8"))
    github = read_workflow(create_service(tmp_path / "github", ci="github", **BARE), "pipeline")[
        "jobs"
    ]["deploy"]

    assert {"job": "deploy-staging", "optional": True} in gitlab["deploy-production"]["needs"]
    assert github["strategy"] == {"max-parallel": 1, "matrix": {"overlay": OVERLAYS}}
    assert github["environment"] == "${{ matrix.overlay }}"
