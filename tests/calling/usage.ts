// What a page or a program in Node does with the client; it prints what came of it.
import { createClient } from "./index.js";

declare const process: { argv: string[] };
declare const console: { log(text: string): void };

const [, , baseUrl = "", first = "", second = ""] = process.argv;
const tokens = [first, second];
const client = createClient({
  baseUrl,
  token: async () => tokens.shift() ?? second,
  requestId: () => "from-typescript",
});

async function named(...categories: string[]): Promise<string[]> {
  const { data } = await client.GET("/items", { params: { query: { categories, active: false } } });
  return (data ?? []).map((item) => item.name);
}

const expired = await client.GET("/items", { params: { query: { active: false } } });
const missing = await client.GET("/items/{item_id}", {
  params: { path: { item_id: "00000000-0000-4000-8000-00000000000a" } },
});
const csv = await client.GET("/my-service-csv", {
  params: { query: { categories: ["a,b", "c&d=%2C"] } },
  parseAs: "stream",
});
const plain = await client.GET("/items", { params: { query: { active: false } } });

// The compiler refuses each of these; if it did not, it would refuse these comments.
// @ts-expect-error: it is a list
void (() => client.GET("/items", { params: { query: { categories: "tree" } } }));
// @ts-expect-error: it is not there
void (() => client.GET("/itmes"));
// @ts-expect-error: it is no number
const id: number | undefined = plain.data?.[0]?.id;
void id;

console.log(
  JSON.stringify({
    expired: [expired.response.status, expired.error?.title],
    comma: await named("a,b"),
    several: await named("a", "c&d=%2C"),
    none: (await named()).length,
    missing: [missing.response.status, missing.error?.title],
    csv: (await new Response(csv.data).text()).trim().split("\n").length,
    plain: plain.data?.length,
    id: plain.response.headers.get("X-Request-ID"),
  }),
);
