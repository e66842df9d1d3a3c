// Write src/schema.ts, the types of ../../api-spec.yml, and src/styles.ts, how its lists are sent.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundle, createConfig } from "@redocly/openapi-core";
import openapiTS, { astToString } from "openapi-typescript";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
// With the other files that it refers to.
const ref = fileURLToPath(new URL("../../api-spec.yml", import.meta.url));
const { bundle: whole, problems } = await bundle({ ref, config: await createConfig({}) });
for (const { message, location } of problems) console.error(`api-spec.yml: ${message}: ${location[0].pointer}`);
if (problems.length) process.exit(1);
const contract = whole.parsed;

function resolve(node) {
  if (!node.$ref) return node;
  const parts = node.$ref.slice(2).split("/");
  return parts.reduce((found, part) => found[part.replaceAll("~1", "/").replaceAll("~0", "~")], contract);
}

function isObject(schema) {
  const { type, properties } = resolve(schema);
  return Boolean(properties) || [type].flat().includes("object");
}

// By operation and name: each parameter of the query that is not sent as openapi-fetch does by itself.
const styles = {};
for (const [path, item] of Object.entries(contract.paths)) {
  for (const method of METHODS.filter((each) => item[each])) {
    const given = [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolve);
    for (const { name, in: place, style = "form", explode = style === "form", schema = {} } of given) {
      if (place === "query" && (style !== "form" || !explode || isObject(schema))) {
        const operation = `${method.toUpperCase()} ${path}`;
        styles[operation] = { ...styles[operation], [name]: { style, explode } };
      }
    }
  }
}

const head = "// Generated from api-spec.yml by `npm run generate`: edit nothing here.\n";
const table = JSON.stringify(styles, null, 2);
const type = "Record<string, Record<string, { style: string; explode: boolean }>>";
const types = astToString(await openapiTS(contract));
await writeFile(new URL("src/schema.ts", import.meta.url), head + types);
await writeFile(new URL("src/styles.ts", import.meta.url), `${head}export const styles: ${type} = ${table};\n`);
