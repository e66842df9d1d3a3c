"""A stand-in for the API of a cluster, as far as kubectl asks for it while it deploys."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# As kubectl names them in addresses.
KINDS = {
    "v1": ["ConfigMap", "Event", "Pod", "Service", "ServiceAccount"],
    "apps/v1": ["Deployment"],
    "autoscaling/v2": ["HorizontalPodAutoscaler"],
    "batch/v1": ["Job"],
    "networking.k8s.io/v1": ["Ingress", "NetworkPolicy"],
    "policy/v1": ["PodDisruptionBudget"],
}
PLURALS = {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"}
NAMES = {kind: PLURALS.get(kind, f"{kind.lower()}s") for kinds in KINDS.values() for kind in kinds}
SUCCESS, FAILURE = ("SuccessCriteriaMet", "Complete"), ("FailureTarget", "Failed")
Document = dict[str, Any]


class Cluster(ThreadingHTTPServer):
    """Objects by their addresses, and what was done to them in turn, such as `create Job/name`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, Document] = {}
        self.done: list[str] = []
        self.fails: set[str] = set()
        self.stopping = threading.Event()

    @property
    def config(self) -> str:
        """Return the configuration with which kubectl reaches it; JSON is YAML, too."""
        server = {"server": f"http://127.0.0.1:{self.server_address[1]}"}
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "test", "cluster": server}],
                "contexts": [{"name": "test", "context": {"cluster": "test"}}],
                "current-context": "test",
            }
        )

    def list(self, path: str, query: dict[str, list[str]]) -> Document:
        """Return the objects below an address that have the name, or the label, that is asked for."""
        (fields,), (labels,) = (query.get(f"{each}Selector", [""]) for each in ("field", "label"))
        name = fields.removeprefix("metadata.name=")
        wanted = dict(each.split("=") for each in labels.split(",") if each)
        items = [
            each
            for place, each in self.objects.items()
            if place.rpartition("/")[0] == path
            and name in ("", each["metadata"]["name"])
            and wanted.items() <= each["metadata"]["labels"].items()
        ]
        version = {"resourceVersion": str(len(self.done))}
        kind = next(each for each in NAMES if path.endswith(f"/{NAMES[each]}"))
        return {"kind": f"{kind}List", "apiVersion": "v1", "metadata": version, "items": items}

    def namespaces(self) -> set[str]:
        """Return where there is anything."""
        return {each["metadata"]["namespace"] for each in self.objects.values()}

    def run(self, document: Document) -> Document:
        """Let an object be what a controller makes of it at once."""
        kind, name = document["kind"], document["metadata"]["name"]
        if kind == "Job":
            ends = FAILURE if name in self.fails else SUCCESS
            conditions = [{"type": each, "status": "True"} for each in ends]
            document["status"] = {"conditions": conditions}
        if kind == "Deployment":
            counts = ("replicas", "updatedReplicas", "availableReplicas", "readyReplicas")
            late = {"type": "Progressing", "reason": "ProgressDeadlineExceeded"}
            conditions = [late] if name in self.fails else []
            counted = {"observedGeneration": 1, **dict.fromkeys(counts, 1)}
            document["status"] = {**counted, "conditions": conditions}
        document["metadata"] |= {"generation": 1, "resourceVersion": str(len(self.done) + 1)}
        document["metadata"].setdefault("uid", f"uid-{len(self.done)}")
        return document


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run one."""
    server = Cluster()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers as the API does."""

    server: Cluster
    protocol_version = "HTTP/1.1"
    # Heads and bodies are written one after another.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        if (found := discovery(address.path)) is not None:
            return self.answer(found)
        # Who may not have it all by a watch lists first.
        if "sendInitialEvents" in query:
            return self.refuse(422, "Invalid")
        if "watch" in query:
            return self.watch()
        if found := self.server.objects.get(address.path):
            return self.answer(found)
        if address.path.rpartition("/")[2] in NAMES.values():
            return self.answer(self.server.list(address.path, query))
        return self.refuse(404, "NotFound")

    def do_POST(self) -> None:
        document = self.body()
        path = f"{urlsplit(self.path).path}/{document['metadata']['name']}"
        self.keep("create", path, document)

    def do_PATCH(self) -> None:
        path = urlsplit(self.path).path
        old, patch = self.server.objects[path], self.body()
        # All that was applied is in there; a patch without it changes nothing.
        annotations = patch.get("metadata", {}).get("annotations")
        if not annotations:
            return self.answer(old)
        document = json.loads(annotations[LAST_APPLIED])
        document["metadata"]["annotations"] = annotations
        if document["kind"] == "Job":
            return self.refuse(422, "Invalid")
        return self.keep("change", path, document)

    def do_DELETE(self) -> None:
        self.body()
        document = self.server.objects.pop(urlsplit(self.path).path)
        self.record("delete", document)
        self.answer({"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def keep(self, verb: str, path: str, document: Document) -> None:
        self.record(verb, document)
        self.server.objects[path] = self.server.run(document)
        self.answer(document)

    def record(self, verb: str, document: Document) -> None:
        self.server.done.append(f"{verb} {document['kind']}/{document['metadata']['name']}")

    def body(self) -> Document:
        length = int(self.headers.get("Content-Length", 0))
        content: Document = json.loads(self.rfile.read(length) or "{}")
        return content

    def answer(self, content: Document, status: int = 200) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, status: int, reason: str) -> None:
        content = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason}
        self.answer(content | {"code": status}, status)

    def watch(self) -> None:
        """Tell of nothing more."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.server.stopping.wait(30)
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


def discovery(path: str) -> Document | None:
    """Return what the API tells of itself."""
    told: dict[str, Document] = {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "groups": [group(each) for each in KINDS if "/" in each]},
        "/openapi/v3": {
            "paths": {
                base(version)[1:]: {"serverRelativeURL": f"/openapi/v3{base(version)}"}
                for version in KINDS
            }
        },
    }
    for version in KINDS:
        told[base(version)] = resources(version)
        told[f"/openapi/v3{base(version)}"] = openapi(version)
    return told.get(path)


def group(version: str) -> Document:
    """Return what the API tells of a group with one version."""
    name, _, number = version.partition("/")
    only = {"groupVersion": version, "version": number}
    return {"name": name, "versions": [only], "preferredVersion": only}


def resources(version: str) -> Document:
    """Return what the API tells of the kinds of a group."""
    verbs = ["create", "delete", "get", "list", "patch", "watch"]
    return {
        "kind": "APIResourceList",
        "groupVersion": version,
        "resources": [
            {"name": NAMES[kind], "kind": kind, "namespaced": True, "verbs": verbs}
            for kind in KINDS[version]
        ],
    }


def base(version: str) -> str:
    """Return the address of a version of a group."""
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def openapi(version: str) -> Document:
    """Return what kubectl wants to see, that the server checks fields."""
    group, _, number = version.rpartition("/")
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "test"},
        "paths": {
            f"{base(version)}/namespaces/{{namespace}}/{NAMES[kind]}/{{name}}": {
                "patch": {
                    "parameters": [{"name": "fieldValidation", "in": "query"}],
                    "responses": {},
                    "x-kubernetes-group-version-kind": {
                        "group": group,
                        "version": number,
                        "kind": kind,
                    },
                }
            }
            for kind in KINDS[version]
        },
    }
