#!/usr/bin/env bash
# Roll a release out to a stack of AWS CloudFormation; what follows are parameters of its template:
# scripts/deploy_lambda.sh image STACK IMAGE:TAG [NAME=VALUE]…
# scripts/deploy_lambda.sh zip STACK BUCKET [NAME=VALUE]…
set -euo pipefail
cd "$(dirname "$0")/.."

kind="${1:-}"
stack="${2:-}"
if [[ $# -lt 3 || ! "$kind" =~ ^(image|zip)$ || ! "$stack" =~ ^[A-Za-z][A-Za-z0-9-]{0,53}$ ]]; then
  echo "usage: $0 image STACK IMAGE:TAG [NAME=VALUE]…" >&2
  echo "       $0 zip STACK BUCKET [NAME=VALUE]…" >&2
  exit 2
fi
release="$3"
given=("${@:4}")
if [[ "$kind" == zip ]]; then
  # A name by its content: CloudFormation sees no change in a file of the same name.
  read -r digest _ < <(sha256sum .lambda/function.zip)
  release="$stack/$digest.zip"
  aws s3 cp .lambda/function.zip "s3://$3/$release"
  given+=("Bucket=$3")
fi

deploy() {
  aws cloudformation deploy --stack-name "$stack" --template-file "deploy/lambda/$kind.yaml" \
    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
    --parameter-overrides "$@"
}
# {% if cookiecutter.use_database %}

# Parameters that are not named keep their values: what serves goes on while the migrations run.
first=("MigrationRelease=$release")
if ! aws cloudformation describe-stacks --stack-name "$stack" >/dev/null 2>&1; then
  first+=("Release=$release")
fi
deploy "${first[@]}" ${given[@]+"${given[@]}"}
answer="$(mktemp)"
trap 'rm -f "$answer"' EXIT
failure="$(aws lambda invoke --function-name "$stack-migration" --cli-read-timeout 0 \
  --cli-binary-format raw-in-base64-out --payload file://deploy/lambda/migrate.json \
  --query FunctionError --output text "$answer")"
if [[ "$failure" != None ]]; then
  cat "$answer" >&2
  # The sandbox of an image tells of an exit status alone.
  echo "The migrations failed, see the log /aws/lambda/$stack-migration; nothing was rolled out." >&2
  exit 1
fi
# {% endif %}
deploy "Release=$release" ${given[@]+"${given[@]}"}
aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[0].OutputValue" \
  --output text
