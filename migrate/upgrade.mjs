// Swagger 2 on stdin, OpenAPI 3.0 on stdout.
import { readFileSync } from "node:fs";
import { upgradeFromTwoToThree } from "@scalar/openapi-upgrader/2.0-to-3.0";

console.log(JSON.stringify(upgradeFromTwoToThree(JSON.parse(readFileSync(0, "utf8")))));
