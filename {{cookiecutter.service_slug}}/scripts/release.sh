#!/usr/bin/env bash
# Build an image with its SBOM and provenance, scan it, push it, and sign it if there is a key:
# scripts/release.sh [OPTION OF docker build]… IMAGE:TAG
set -euo pipefail
cd "$(dirname "$0")/.."
options=("${@:1:$#-1}")
image="${*: -1}"

scanner=anchore/grype:v0.117.0
signer=ghcr.io/sigstore/cosign/cosign:v3.1.3
# Git and the image leave out what begins with a dot; the engine may see no folder but this.
folder="$PWD/.release"
mkdir -p "$folder"
trap 'rm -rf "$folder"' EXIT

# The default builder writes no SBOM; where the engine speaks TLS, another one wants a context, whose
# name must not be its own.
docker context inspect release-engine >/dev/null 2>&1 || docker context create release-engine
docker buildx inspect release-builder >/dev/null 2>&1 \
  || docker buildx create --name release-builder --driver docker-container release-engine
build=(docker buildx build --builder release-builder --pull "${options[@]}" --tag "$image")

"${build[@]}" --output "type=docker,dest=$folder/image.tar" .
# What nobody has mended yet keeps no release back.
docker run --rm --volume "$folder:/release:ro" "$scanner" \
  --only-fixed --fail-on high docker-archive:/release/image.tar
rm "$folder/image.tar"

"${build[@]}" --sbom=true --provenance=mode=max --metadata-file "$folder/metadata.json" --push .

if [[ -n "${COSIGN_PRIVATE_KEY:-}" ]]; then
  [[ "$(<"$folder/metadata.json")" =~ \"containerimage.digest\":\ *\"(sha256:[0-9a-f]{64})\" ]]
  docker run --rm --user "$(id -u):$(id -g)" --tmpfs /tmp --env HOME=/tmp \
    --env COSIGN_PRIVATE_KEY --env COSIGN_PASSWORD --env DOCKER_CONFIG=/docker \
    --volume "${DOCKER_CONFIG:-$HOME/.docker}:/docker:ro" "$signer" \
    sign --yes --key env://COSIGN_PRIVATE_KEY "${image%:*}@${BASH_REMATCH[1]}"
fi
