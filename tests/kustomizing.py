"""What Kustomize makes of a folder, and where things are in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

KUBECTL = Path(sys.executable).with_name("kubectl")
Document = dict[str, Any]
Documents = list[Document]


def kustomize(overlay: Path) -> Documents:
    """Return what an overlay makes."""
    result = subprocess.run([KUBECTL, "kustomize", overlay], text=True, capture_output=True)
    # It warns of what is deprecated.
    assert (result.returncode, result.stderr) == (0, "")
    return list(yaml.safe_load_all(result.stdout))


def pods(documents: Documents) -> dict[str, Document]:
    """Return the specifications of pods, by the component that they are."""
    return {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]["template"]["spec"]
        for each in documents
        if "template" in each.get("spec", {})
    }


def of_kind(documents: Documents, kind: str) -> Documents:
    """Return the documents of a kind."""
    return [each for each in documents if each["kind"] == kind]


def variables(container: Document) -> dict[str, str]:
    """Return the variables that are set by their values."""
    return {each["name"]: each["value"] for each in container.get("env", [])}


def selectors(document: Document) -> Iterator[dict[str, str]]:
    """Yield the labels by which a document looks for pods."""
    spec = document.get("spec", {})
    if document["kind"] == "Service":
        yield spec["selector"]
    for name in ("selector", "podSelector"):
        if "matchLabels" in spec.get(name, {}):
            yield spec[name]["matchLabels"]
    pod = spec.get("template", {}).get("spec", {})
    for spread in pod.get("topologySpreadConstraints", []):
        yield spread["labelSelector"]["matchLabels"]
