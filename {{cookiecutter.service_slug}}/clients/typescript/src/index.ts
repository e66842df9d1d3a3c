import createFetchClient, {
  type Client,
  type Middleware,
  serializeArrayParam,
  serializeObjectParam,
  serializePrimitiveParam,
} from "openapi-fetch";
import type { paths } from "./schema.js";
import { styles } from "./styles.js";

export type { components, operations, paths } from "./schema.js";

export interface Options {
  /** The address of the service, such as https://items.example. */
  baseUrl: string;
  /** Gives the access token; it is asked before each request. */
  token?: () => string | Promise<string>;
  /** Gives the id that the service logs for a request; without it, the service makes one. */
  requestId?: () => string;
  /** What sends the requests in the place of the platform's fetch. */
  fetch?: (request: Request) => Promise<Response>;
}

/** Make a client of the service: `client.GET("/items", …)` and so on, typed by its contract. */
export function createClient({ baseUrl, token, requestId, fetch }: Options): Client<paths> {
  const client = createFetchClient<paths>({ baseUrl, ...(fetch && { fetch }) });
  client.use(inStyle, {
    async onRequest({ request }) {
      if (token) request.headers.set("Authorization", `Bearer ${await token()}`);
      if (requestId) request.headers.set("X-Request-ID", requestId());
      return request;
    },
  });
  return client;
}

type Style = Parameters<typeof serializeArrayParam>[2] & Parameters<typeof serializeObjectParam>[2];

// openapi-fetch knows one style for all lists; the contract has one for each.
const inStyle: Middleware = {
  async onRequest({ request, schemaPath, params }) {
    const own = styles[`${request.method} ${schemaPath}`];
    if (!own || !params.query) return undefined;
    const url = new URL(request.url);
    url.search = Object.entries(params.query)
      .map(([name, value]) => write(name, value, (own[name] ?? FORM) as Style))
      .filter((part) => part !== "")
      .join("&");
    return moved(request, url);
  },
};

// As the init of another request, its body would be a stream: Chromium sends none by HTTP/1.1.
async function moved(request: Request, url: URL): Promise<Request> {
  const { method, headers, signal, credentials, mode, cache, redirect } = request;
  const { referrer, referrerPolicy, integrity, keepalive } = request;
  const how = { credentials, mode, cache, redirect, referrer, referrerPolicy, integrity, keepalive };
  const body = await request.arrayBuffer();
  return new Request(url, { method, headers, signal, ...how, body: body.byteLength ? body : null });
}

const FORM = { style: "form", explode: true };

function write(name: string, value: unknown, style: Style): string {
  if (Array.isArray(value)) return value.length ? serializeArrayParam(name, value, style) : "";
  if (typeof value === "object" && value !== null) {
    return serializeObjectParam(name, value as Record<string, unknown>, style);
  }
  return serializePrimitiveParam(name, value as string);
}
