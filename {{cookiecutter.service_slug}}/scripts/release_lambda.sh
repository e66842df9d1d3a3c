#!/usr/bin/env bash
# Roll a tag out from the pipeline, by variables of its environment: as a zip where there is
# LAMBDA_BUCKET, else by a copy of the image in LAMBDA_REPOSITORY:
# scripts/release_lambda.sh staging|production IMAGE:TAG
set -euo pipefail
cd "$(dirname "$0")/.."

environment="${1:-}"
image="${2:-}"
if [[ $# != 2 || ! "$environment" =~ ^(staging|production)$
  || ! "$image" =~ ^[^/]+/.+:[^:/]+$ ]]; then
  echo "usage: $0 staging|production IMAGE:TAG" >&2
  exit 2
fi
if [[ "$environment" == staging && -z "${LAMBDA_STACK:-}" ]]; then
  echo "There is no LAMBDA_STACK for staging: nothing is deployed there."
  exit
fi
wanted="must be set in the environment $environment"
: "${LAMBDA_STACK:?$wanted}" "${AWS_REGION:?$wanted}" "${AWS_ROLE_ARN:?$wanted}"
: "${LAMBDA_BUCKET:-${LAMBDA_REPOSITORY:?$wanted, or else LAMBDA_BUCKET}}"
: "${AWS_ID_TOKEN:?must be given by the pipeline}"
read -r -d "" -a parameters <<< "${LAMBDA_PARAMETERS:-}" || true

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export AWS_WEB_IDENTITY_TOKEN_FILE="$folder/token"
(umask 077 && printf "%s" "$AWS_ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE")
# At once, as the token lasts minutes: what AWS gives for it lasts an hour, and is kept.
aws sts get-caller-identity --query Arn --output text

if [[ -n "${LAMBDA_BUCKET:-}" ]]; then
  architecture=x86_64
  if [[ " ${parameters[*]} " == *" Architecture=arm64 "* ]]; then
    architecture=aarch64
  fi
  scripts/build_lambda.sh "$architecture"
  scripts/deploy_lambda.sh zip "$LAMBDA_STACK" "$LAMBDA_BUCKET" "${parameters[@]}"
  exit
fi

release="$LAMBDA_REPOSITORY:${image##*:}"
export REGISTRY_AUTH_FILE="$folder/registries.json"
skopeo login "${image%%/*}" --username "$REGISTRY_USER" --password-stdin <<< "$REGISTRY_PASSWORD"
aws ecr get-login-password | skopeo login "${release%%/*}" --username AWS --password-stdin
# Where tags are immutable, ECR refuses one that is there, even for the same image.
manifest="$(skopeo inspect --raw "docker://$image")"
if [[ "$(skopeo inspect --raw "docker://$release" 2>/dev/null)" != "$manifest" ]]; then
  skopeo copy --preserve-digests "docker://$image" "docker://$release"
fi
scripts/deploy_lambda.sh image "$LAMBDA_STACK" "$release" "${parameters[@]}"
