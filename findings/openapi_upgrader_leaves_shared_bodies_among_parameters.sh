#!/usr/bin/env bash
# @scalar/openapi-upgrader 0.4.9 (Node 20): of a shared body of Swagger 2, as
# `parameters: [{$ref: "#/parameters/pet"}]`, it makes a reference to `requestBodies` among the
# parameters of OpenAPI 3.0, where only parameters may be, and no `requestBody`.
# Seen: [{"$ref":"#/components/requestBodies/pet"}] undefined
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund @scalar/openapi-upgrader@0.4.9

cat >try.mjs <<'EOF'
import { upgradeFromTwoToThree } from "@scalar/openapi-upgrader/2.0-to-3.0";

const pet = { name: "pet", in: "body", required: true, schema: { type: "object" } };
const operation = {
  parameters: [{ $ref: "#/parameters/pet" }],
  responses: { 200: { description: "Done" } },
};
const { post } = upgradeFromTwoToThree({
  swagger: "2.0",
  info: { title: "Pets", version: "1" },
  consumes: ["application/json"],
  parameters: { pet },
  paths: { "/pets": { post: operation } },
}).paths["/pets"];
console.log(JSON.stringify(post.parameters), JSON.stringify(post.requestBody));
EOF
said=$(node try.mjs)
echo "$said"
test "$said" = '[{"$ref":"#/components/requestBodies/pet"}] undefined'
