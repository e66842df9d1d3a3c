"""A tag is deployed to AWS Lambda: a script and a job of a service with `deploy: lambda`.

The programs that speak to AWS, to registries and to GitHub are stand-ins.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from deploying import BARE, GITHUB, GITLAB, GIVEN, TAG, create_service, run, run_gitlab
from test_serverless_files import AWS, UV
from workflows import read_workflow, run_job, stand_in

PIPELINES = ["gitlab", "github"]
ENVIRONMENTS = ["staging", "production"]
IMAGES = {
    "gitlab": f"{GITLAB['CI_REGISTRY_IMAGE']}:{TAG}",
    "github": f"ghcr.io/team/letters:{TAG}",
}
ECR = "123456789012.dkr.ecr.eu-west-2.amazonaws.com"
IDENTITY = "the-token-of-the-job"
ASKED = "the-token-that-asks-for-it"
PASSWORD = "the-password-of-the-registry"  # noqa: S105  (it is a stand-in's)
NEEDED = {
    "AWS_REGION": "eu-west-2",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/deploys-letters",
    "LAMBDA_STACK": "letters-prod",
}
IMAGE = NEEDED | {"LAMBDA_REPOSITORY": f"{ECR}/letters"}
ZIP = NEEDED | {"LAMBDA_BUCKET": "my-bucket"}
READ = 'import json, sys; print(json.load(sys.stdin)["value"])'
# As long as it runs, a job has the token in a file; what it is given on its input is kept here.
PROGRAMS = {
    "aws": f"""\
stat --format "%a" "$AWS_WEB_IDENTITY_TOKEN_FILE" >> modes
dirname "$AWS_WEB_IDENTITY_TOKEN_FILE" >> folders
cat "$AWS_WEB_IDENTITY_TOKEN_FILE" > identity
case "$*" in ecr*) echo {PASSWORD} ;; sts*) echo arn:of:somebody ;; esac
{AWS}""",
    "skopeo": """\
case "$1" in
  login) cat >> passwords ;;
  inspect) case "$*" in
    */team/letters:*) echo "what was built" ;;
    *) [ -n "$IN_ECR" ] && echo "$IN_ECR" || exit 1 ;;
  esac ;;
esac""",
    "curl": f"""\
cat > header
echo '{{"count": 1, "value": "{IDENTITY}"}}'""",
    "jq": f"exec '{sys.executable}' -c '{READ}'",
    "uv": UV.replace("SIZE", "1000"),
}


@dataclass(frozen=True)
class Ended:
    """What a job ended with, printed, called in turn, and left behind."""

    status: int
    output: str
    calls: list[str]
    folder: Path

    def left(self, name: str) -> str:
        """Return what a stand-in wrote."""
        return (self.folder / name).read_text("utf-8")


@pytest.fixture
def deploy(tmp_path: Path) -> Callable[..., Ended]:
    """Give a function that runs the deployment of a tag in a new service."""

    def run_it(
        ci: str, environment: str, given: dict[str, str], *, in_ecr: str = "", **answers: str | bool
    ) -> Ended:
        folder = create_service(tmp_path, ci=ci, deploy="lambda", **(BARE | answers))
        log = tmp_path / "calls"
        for name, script in PROGRAMS.items():
            programs = stand_in(name, f"echo \"{name} $*\" >> '{log}'\n{script}", tmp_path)
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "HOME": str(tmp_path),
            "IN_ECR": in_ecr,
            "PATH": os.pathsep.join([programs, os.environ["PATH"]]),
        }
        if ci == "gitlab":
            job = variables | given | {"AWS_ID_TOKEN": IDENTITY, "CI_REGISTRY_PASSWORD": PASSWORD}
            status, output = run_gitlab(folder, f"deploy-{environment}", job)
        else:
            asking = {
                "ACTIONS_ID_TOKEN_REQUEST_URL": "https://asked.example.org/?api-version=2",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": ASKED,
            }
            # What is not set is empty.
            expressions = dict.fromkeys(
                [f"vars_{name}" for name in {**IMAGE, **ZIP, "LAMBDA_PARAMETERS": ""}], ""
            )
            expressions |= {f"vars_{name}": value for name, value in given.items()}
            expressions |= {"matrix_environment": environment, "github_token": PASSWORD}
            status, output = run_job(
                folder, "pipeline", "deploy", variables | GITHUB | asking, **expressions
            )
        calls = log.read_text("utf-8").splitlines() if log.exists() else []
        return Ended(status, output, calls, folder)

    return run_it


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("ci", PIPELINES)
def test_image_is_copied_and_rolled_out(
    ci: str, environment: str, deploy: Callable[..., Ended]
) -> None:
    parameters = {"LAMBDA_PARAMETERS": "Secret=letters\nSubnets=subnet-1,subnet-2"}

    ended = deploy(ci, environment, IMAGE | parameters, use_database=True)

    assert ended.status == 0, ended.output
    image, release = IMAGES[ci], f"{ECR}/letters:{TAG}"
    asked = ended.calls.index("aws sts get-caller-identity --query Arn --output text")
    user = "somebody"
    expected = [
        f"skopeo login {image.partition('/')[0]} --username {user} --password-stdin",
        f"skopeo login {ECR} --username AWS --password-stdin",
        f"skopeo copy --preserve-digests docker://{image} docker://{release}",
        "aws lambda invoke --function-name letters-prod-migration",
    ]
    places = [
        next(place for place, call in enumerate(ended.calls) if call.startswith(each))
        for each in expected
    ]
    assert [asked, *places] == sorted([asked, *places])
    first, second = (each for each in ended.calls if "cloudformation deploy" in each)
    given = "Secret=letters Subnets=subnet-1,subnet-2"
    assert "--stack-name letters-prod --template-file deploy/lambda/image.yaml" in first
    assert first.endswith(f"--parameter-overrides MigrationRelease={release} {given}")
    assert second.endswith(f"--parameter-overrides Release={release} {given}")
    assert ended.output.splitlines()[-1] == "https://example.org/"
    assert ended.left("passwords") == f"{PASSWORD}\n" * 2
    assert not [each for each in ended.calls if each.startswith("uv ")]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("ci", PIPELINES)
def test_zip_is_built_and_rolled_out(
    ci: str, environment: str, deploy: Callable[..., Ended]
) -> None:
    ended = deploy(ci, environment, ZIP | {"LAMBDA_PARAMETERS": "Architecture=arm64 Memory=512"})

    assert ended.status == 0, ended.output
    assert "of 262 MB that Lambda takes" in ended.output
    # What AWS gives for the token outlives it, and so it is asked before the build.
    built = next(place for place, each in enumerate(ended.calls) if each.startswith("uv "))
    assert "aws sts get-caller-identity --query Arn --output text" in ended.calls[:built]
    assert any("--python-platform aarch64-manylinux" in each for each in ended.calls)
    (rolled_out,) = (each for each in ended.calls if "cloudformation deploy" in each)
    assert "--stack-name letters-prod --template-file deploy/lambda/zip.yaml" in rolled_out
    assert rolled_out.endswith(".zip Architecture=arm64 Memory=512 Bucket=my-bucket")
    assert not [each for each in ended.calls if each.startswith("skopeo ")]


@pytest.mark.parametrize("ci", PIPELINES)
def test_token_is_for_this_user_and_is_printed_nowhere(
    ci: str, deploy: Callable[..., Ended]
) -> None:
    ended = deploy(ci, "production", IMAGE)

    assert ended.status == 0, ended.output
    assert {*ended.left("modes").split()} == {"600"}
    assert ended.left("identity") == IDENTITY
    told = ended.output + "".join(ended.calls)
    assert [each for each in (IDENTITY, ASKED, PASSWORD, GIVEN) if each in told] == []
    # With what the logins wrote.
    (folder,) = {*ended.left("folders").split()}
    assert not Path(folder).exists()
    if ci == "github":
        assert ended.left("header") == f"Authorization: Bearer {ASKED}\n"
        (asked,) = (each for each in ended.calls if each.startswith("curl "))
        assert asked.endswith("?api-version=2&audience=sts.amazonaws.com")


@pytest.mark.parametrize(("there", "copies"), [("what was built", 0), ("another", 1)])
def test_image_that_is_there_is_not_copied_again(
    there: str, copies: int, deploy: Callable[..., Ended]
) -> None:
    ended = deploy("gitlab", "production", IMAGE, in_ecr=there)

    assert ended.status == 0, ended.output
    assert len([each for each in ended.calls if each.startswith("skopeo copy")]) == copies
    assert any(each.endswith(f"Release={ECR}/letters:{TAG}") for each in ended.calls)


@pytest.mark.parametrize("ci", PIPELINES)
def test_staging_that_a_team_has_not_is_left_out(ci: str, deploy: Callable[..., Ended]) -> None:
    ended = deploy(ci, "staging", {})

    assert ended.status == 0
    assert ended.output == "There is no LAMBDA_STACK for staging: nothing is deployed there.\n"
    assert not [each for each in ended.calls if not each.startswith(("curl ", "jq "))]


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ("production", "LAMBDA_STACK"),
        ("production", "LAMBDA_REPOSITORY"),
        ("production", "AWS_REGION"),
        ("staging", "AWS_ROLE_ARN"),
    ],
)
@pytest.mark.parametrize("ci", PIPELINES)
def test_setting_that_is_missing_is_named(
    ci: str, environment: str, missing: str, deploy: Callable[..., Ended]
) -> None:
    given = {name: value for name, value in IMAGE.items() if name != missing}

    ended = deploy(ci, environment, given)

    assert ended.status != 0
    assert f"{missing}: must be set in the environment {environment}" in ended.output
    assert ("or else LAMBDA_BUCKET" in ended.output) == (missing == "LAMBDA_REPOSITORY")
    assert not [each for each in ended.calls if each.startswith(("aws ", "skopeo ", "uv "))]


def test_other_arguments_are_refused(tmp_path: Path) -> None:
    folder = create_service(tmp_path, deploy="lambda", **BARE)
    refused = [[], ["production"], ["elsewhere", "a/b:1"], ["staging", "b:1"], ["staging", "a/b"]]

    for arguments in refused:
        ended = run(["scripts/release_lambda.sh", *arguments], folder, {**os.environ, **IMAGE})
        assert ended.returncode == 2, arguments
        assert ended.stdout.startswith("usage: ")


@pytest.mark.parametrize("ci", PIPELINES)
def test_image_is_built_without_provenance(ci: str, tmp_path: Path) -> None:
    folder = create_service(tmp_path, ci=ci, deploy="lambda", **BARE)
    log = tmp_path / "calls"
    programs = stand_in("docker", f"echo \"$*\" >> '{log}'", tmp_path)
    variables = {**os.environ, "PATH": os.pathsep.join([programs, os.environ["PATH"]])}

    if ci == "gitlab":
        status, output = run_gitlab(folder, "build", variables)
    else:
        status, output = run_job(
            folder, "pipeline", "build", variables | GITHUB, github_token=GIVEN
        )

    assert status == 0, output
    built, pushed = log.read_text("utf-8").splitlines()[-2:]
    assert built.startswith("build --pull --provenance=false --label org.opencontainers.image.")
    assert built.count("--label org.opencontainers.image.") == 4
    assert built.endswith(f" --tag {IMAGES[ci]} .")
    assert pushed == f"push {IMAGES[ci]}"


def test_staging_comes_before_production_on_gitlab(tmp_path: Path) -> None:
    folder = create_service(tmp_path, deploy="lambda", **BARE)
    jobs = yaml.safe_load((folder / ".gitlab-ci.yml").read_text("utf-8"))

    # Without the image, what else it waits for is waited for all the same.
    assert jobs["deploy-staging"]["needs"] == [
        *("contract", "lint", "test"),
        {"job": "build", "optional": True},
    ]
    assert jobs["deploy-production"]["needs"] == ["deploy-staging"]
    for environment in ENVIRONMENTS:
        assert jobs[f"deploy-{environment}"]["environment"] == environment
        assert jobs[f"deploy-{environment}"]["rules"] == [{"if": "$CI_COMMIT_TAG"}]
    assert jobs[".deploy"]["id_tokens"] == {"AWS_ID_TOKEN": {"aud": "sts.amazonaws.com"}}
    assert jobs["build"]["rules"] == [
        {"if": "$LAMBDA_BUCKET", "when": "never"},
        {"if": "$CI_COMMIT_TAG"},
    ]


def test_staging_comes_before_production_on_github(tmp_path: Path) -> None:
    folder = create_service(tmp_path, ci="github", deploy="lambda", **BARE)
    jobs = read_workflow(folder, "pipeline")["jobs"]

    job = jobs["deploy"]
    assert job["strategy"] == {"max-parallel": 1, "matrix": {"environment": ENVIRONMENTS}}
    assert job["environment"] == "${{ matrix.environment }}"
    assert job["needs"] == ["contract", "lint", "test", "build"]
    assert job["if"] == "github.ref_type == 'tag' && !failure() && !cancelled()"
    assert job["permissions"] == {"contents": "read", "id-token": "write", "packages": "read"}
    assert jobs["build"]["if"] == "github.ref_type == 'tag' && !vars.LAMBDA_BUCKET"
