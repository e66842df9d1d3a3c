"""What `deploy/kubernetes/` of a service is for a cluster, by Kustomize, for every choice of modules.

The files depend on no other answer but the slug and the port.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from kustomizing import Documents, kustomize, of_kind, pods, selectors, variables
from rendering import DEPLOYED, ROOT, SERVICE, render
from test_docs import settings
from test_manifest import lines, traces_off

FOLDER = Path("deploy", "kubernetes")
OVERLAYS = ("staging", "production")
SLUG, PORT = "letters-2", 9090
FULL = "use_database-use_auth-use_worker-celery"
# From where `preStop` sleeps without a gate, to the newest that is known.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
ONE_AT_A_TIME = (1, {"type": "Recreate"})


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render a choice of modules for Kubernetes when first asked for."""

    @cache
    def folder(case: str) -> Path:
        answers = {"service_slug": SLUG, "http_port": str(PORT), "deploy": "kubernetes"}
        return render({**answers, **DEPLOYED[case]}, tmp_path_factory.mktemp("service"))

    return folder


@pytest.fixture(scope="module")
def built(service: Callable[[str], Path]) -> Callable[[str, str], Documents]:
    """Build an overlay of a choice of modules when first asked for."""
    return cache(lambda case, overlay: kustomize(service(case) / FOLDER / overlay))


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("case", DEPLOYED)
def test_overlay_is_valid(case: str, overlay: str, built: Callable[[str, str], Documents]) -> None:
    for document in built(case, overlay):
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)


def test_unknown_field_is_refused(built: Callable[[str, str], Documents]) -> None:
    deployment, *_ = of_kind(built(FULL, "production"), "Deployment")
    faulty = deployment | {"spec": deployment["spec"] | {"replica": 2}}

    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(faulty, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("case", DEPLOYED)
def test_kinds_are_those_of_the_modules(case: str, built: Callable[[str, str], Documents]) -> None:
    documents = built(case, "production")
    names = {f"{each['kind']}/{each['metadata']['name']}" for each in documents}
    on = DEPLOYED[case]
    optional = {
        f"Job/{SLUG}-migration": on["use_database"],
        f"Deployment/{SLUG}-worker": on["use_worker"],
        f"Deployment/{SLUG}-scheduler": on["queue"] == "celery",
    }

    (settings_map,) = of_kind(documents, "ConfigMap")
    assert names == {
        *(f"{kind}/{SLUG}" for kind in ("Deployment", "HorizontalPodAutoscaler", "Ingress")),
        *(f"{kind}/{SLUG}" for kind in ("NetworkPolicy", "PodDisruptionBudget", "Service")),
        *(f"{kind}/{name}" for kind, name in [("ServiceAccount", SLUG)]),
        f"NetworkPolicy/{SLUG}-requests",
        f"ConfigMap/{settings_map['metadata']['name']}",
        *(name for name, there in optional.items() if there),
    }
    assert len(documents) == len(names)
    assert {each["metadata"]["namespace"] for each in documents} == {f"{SLUG}-production"}


@pytest.mark.parametrize("case", DEPLOYED)
def test_nothing_is_there_of_what_is_off(case: str, service: Callable[[str], Path]) -> None:
    for folder in ("deploy/kubernetes", "scripts"):
        assert lines(service(case) / folder, *traces_off(DEPLOYED[case])) == []


@pytest.mark.parametrize("case", DEPLOYED)
def test_containers_are_as_the_image_needs(
    case: str, built: Callable[[str, str], Documents]
) -> None:
    (user,) = re.findall(r"^USER (\d+):\1$", (SERVICE / "Dockerfile").read_text("utf-8"), re.M)

    for component, pod in pods(built(case, "production")).items():
        (container,) = pod["containers"]
        assert container["name"] == component
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": int(user),
            "runAsGroup": int(user),
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        assert not pod["automountServiceAccountToken"]
        assert not pod["enableServiceLinks"]
        assert container["resources"].keys() == {"requests", "limits"}


@pytest.mark.parametrize("case", DEPLOYED)
def test_ports_and_probes_are_those_of_the_service(
    case: str, built: Callable[[str, str], Documents]
) -> None:
    documents = built(case, "production")
    health = yaml.safe_load(
        (SERVICE / "app" / "standard" / "service" / "health.yml").read_text("utf-8")
    )
    servers = {name: pod for name, pod in pods(documents).items() if name != "migration"}

    assert servers
    for component, pod in servers.items():
        (container,) = pod["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": PORT}]
        probes = {name: container[f"{name}Probe"] for name in ("startup", "readiness", "liveness")}
        paths = {name: probe["httpGet"]["path"] for name, probe in probes.items()}
        assert paths == {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}
        assert {*paths.values()} == {*health["paths"]}
        assert {probe["httpGet"]["port"] for probe in probes.values()} == {"http"}
        if component != "service":
            assert variables(container)["WORKER_PORT"] == str(PORT)
        assert ("WORKER_SCHEDULES" in variables(container)) == (component == "scheduler")
    (found,) = of_kind(documents, "Service")
    assert [each["targetPort"] for each in found["spec"]["ports"]] == ["http"]


@pytest.mark.parametrize("case", DEPLOYED)
def test_grace_is_longer_than_what_ends(case: str, built: Callable[[str, str], Documents]) -> None:
    for component, pod in pods(built(case, "production")).items():
        (container,) = pod["containers"]
        if component == "migration":
            continue
        name = "SHUTDOWN_TIMEOUT" if component == "service" else "WORKER_SHUTDOWN_TIMEOUT"
        sleeps = container.get("lifecycle", {}).get("preStop", {"sleep": {"seconds": 0}})
        ending = int(variables(container)[name]) + sleeps["sleep"]["seconds"]
        assert variables(container)[name] == settings()[name]
        assert pod["terminationGracePeriodSeconds"] >= ending + 5


@pytest.mark.parametrize("case", DEPLOYED)
def test_variables_are_settings_and_secrets_are_references(
    case: str, built: Callable[[str, str], Documents]
) -> None:
    documents = built(case, "production")
    (given,) = of_kind(documents, "ConfigMap")
    names = {*given["data"]}

    assert not of_kind(documents, "Secret")
    for pod in pods(documents).values():
        (container,) = pod["containers"]
        names |= variables(container).keys()
        by_reference, secret = container["envFrom"]
        assert by_reference == {"configMapRef": {"name": given["metadata"]["name"]}}
        assert secret["secretRef"]["name"] == SLUG
        needs = DEPLOYED[case]["use_database"] or DEPLOYED[case]["use_worker"]
        assert secret["secretRef"].get("optional", False) != needs
    assert names <= settings().keys()
    assert ("AUTH_ISSUER" in names) == DEPLOYED[case]["use_auth"]


def test_nothing_waits_for_what_is_taken_away(built: Callable[[str, str], Documents]) -> None:
    for deployment in of_kind(built(FULL, "production"), "Deployment"):
        if deployment["metadata"]["name"] == f"{SLUG}-scheduler":
            assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == ONE_AT_A_TIME
        else:
            assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    (budget,) = of_kind(built(FULL, "production"), "PodDisruptionBudget")
    assert budget["spec"]["maxUnavailable"] == 1
    (scaler,) = of_kind(built(FULL, "production"), "HorizontalPodAutoscaler")
    assert scaler["spec"]["minReplicas"] > 1
    by_scaler = next(
        each
        for each in of_kind(built(FULL, "production"), "Deployment")
        if each["metadata"]["name"] == scaler["spec"]["scaleTargetRef"]["name"]
    )
    assert "replicas" not in by_scaler["spec"]


@pytest.mark.parametrize("case", DEPLOYED)
def test_selectors_find_the_pods(case: str, built: Callable[[str, str], Documents]) -> None:
    documents = built(case, "production")
    labels = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in documents
        if "template" in each.get("spec", {})
    ]
    found = {
        f"{each['kind']}/{each['metadata']['name']}": sum(
            wanted.items() <= have.items() for have in labels
        )
        for each in documents
        for wanted in selectors(each)
    }

    assert found.pop(f"NetworkPolicy/{SLUG}") == len(labels)
    assert {*found.values()} == {1}


@pytest.mark.parametrize("case", DEPLOYED)
def test_pods_reach_what_they_need_alone(case: str, built: Callable[[str, str], Documents]) -> None:
    everybody, _ = of_kind(built(case, "production"), "NetworkPolicy")
    on = DEPLOYED[case]
    ports = [port["port"] for rule in everybody["spec"]["egress"] for port in rule["ports"]]

    assert "ingress" not in everybody["spec"]
    assert ports == [
        *(53, 53),
        *([5432] if on["use_database"] else []),
        *([5672, 5671, 6379, 6380] if on["queue"] == "celery" else []),
        *([4318, 443] if on["use_telemetry"] else []),
        *([443] if on["use_auth"] else []),
    ]


def test_patches_of_the_page_make_a_valid_overlay(
    service: Callable[[str], Path], tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")
    (snippet,) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    folder = Path(shutil.copytree(service(FULL) / FOLDER, tmp_path / "kubernetes"))
    file = folder / "production" / "kustomization.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["patches"] += yaml.safe_load(snippet.replace("SLUG", SLUG))
    file.write_text(yaml.safe_dump(content), "utf-8")

    documents = kustomize(folder / "production")

    for document in documents:
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)
    assert not of_kind(documents, "Ingress")
    everybody, requests = of_kind(documents, "NetworkPolicy")
    assert len(everybody["spec"]["egress"]) == 6
    assert "from" in requests["spec"]["ingress"][0]
    assert requests["spec"]["ingress"][1]["ports"] == [{"port": 9464, "protocol": "TCP"}]
    assert variables(pods(documents)["service"]["containers"][0]) == {"SHUTDOWN_TIMEOUT": "60"}
    assert pods(documents)["service"]["terminationGracePeriodSeconds"] == 70
    assert "imagePullSecrets" in of_kind(documents, "ServiceAccount")[0]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_image_is_set_by_the_overlay(
    overlay: str, service: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(service(FULL) / FOLDER, tmp_path / "kubernetes"))
    release = folder / overlay / "release" / "kustomization.yaml"
    release.write_text(release.read_text("utf-8").replace("unreleased", "v1.2.3"), "utf-8")

    images = {
        container["image"]
        for pod in pods(kustomize(folder / overlay)).values()
        for container in pod["containers"]
    }

    assert images == {f"registry.example.org/{SLUG}:v1.2.3"}
