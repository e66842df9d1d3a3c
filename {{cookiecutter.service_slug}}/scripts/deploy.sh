#!/usr/bin/env bash
# Write which image an overlay runs; with --apply, roll it out to the cluster of kubectl, too:
# scripts/deploy.sh [--apply] staging|production IMAGE:TAG
set -euo pipefail
cd "$(dirname "$0")/.."

apply=
if [[ "${1:-}" == --apply ]]; then
  apply=yes
  shift
fi
overlay="deploy/kubernetes/${1:-}"
image="${2:-}"
if [[ $# != 2 || ! -f "$overlay/release/kustomization.yaml"
  || ! "$image" =~ ^[a-z0-9][a-z0-9./:_-]*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]]; then
  echo "usage: $0 [--apply] staging|production IMAGE:TAG" >&2
  exit 2
fi

cat > "$overlay/release/kustomization.yaml" <<RELEASE
# Written by scripts/deploy.sh.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
  - name: "{{ cookiecutter.service_slug }}"
    newName: "${image%:*}"
    newTag: "${image##*:}"
RELEASE
if [[ -z "$apply" ]]; then
  exit
fi

manifests="$(mktemp)"
trap 'rm -f "$manifests"' EXIT
kubectl kustomize "$overlay" > "$manifests"
namespace="$(awk '/^  namespace: / { print $2; exit }' "$manifests")"
name="app.kubernetes.io/name={{ cookiecutter.service_slug }}"

# What did not start has no log: that a Secret or an image is not there, say, only events tell.
explain() {
  kubectl logs --namespace "$namespace" --selector "$1" --prefix --ignore-errors --tail 50 || true
  kubectl events --namespace "$namespace" --types Warning || true
}

roll_out() {
  if ! kubectl rollout status --namespace "$namespace" --timeout 15m "deployment/$2"; then
    explain "$name,app.kubernetes.io/component=$1"
    echo "$2 was not rolled out." >&2
    exit 1
  fi
}
# {% if cookiecutter.use_database %}

# A Job cannot be changed: the last one goes first.
labels="$name,app.kubernetes.io/component=migration"
migration=(--namespace "$namespace" --selector "$labels")
kubectl delete job "${migration[@]}"
kubectl apply --filename "$manifests" \
  --selector "app.kubernetes.io/component notin (service, worker, scheduler)"
# Its first condition is SuccessCriteriaMet or FailureTarget, once its pods have ended.
ended=".status.conditions[0].type"
kubectl wait job "${migration[@]}" --for "jsonpath={$ended}" --timeout 20m
if [[ "$(kubectl get job "${migration[@]}" --output "jsonpath={.items[0]$ended}")" == Fail* ]]; then
  explain "$labels"
  echo "The migrations failed; nothing was rolled out." >&2
  exit 1
fi
# {% endif %}

kubectl apply --filename "$manifests"
roll_out service "{{ cookiecutter.service_slug }}"
# {% if cookiecutter.use_worker %}
roll_out worker "{{ cookiecutter.service_slug }}-worker"
# {% if cookiecutter.queue == "celery" %}
roll_out scheduler "{{ cookiecutter.service_slug }}-scheduler"
# {% endif %}
# {% endif %}
