// A certified OpenID provider for the tests, on loopback. It prints its address when it listens.
// Anybody may log in; only "reader" and the client "service" have the role.
// POST /rotate replaces its keys.
import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, audience, role, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function makeKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), alg: "RS256", kid: randomUUID(), use: "sig" };
}

function makeProvider() {
  return new Provider(issuer, {
    jwks: { keys: [makeKey()] },
    clients: [
      {
        client_id: "service",
        client_secret: "only-for-tests",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: "swagger-ui",
        application_type: "native",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code"],
        redirect_uris: [redirectUri],
        response_types: ["code"],
      },
    ],
    clientBasedCORS: () => true,
    cookies: { keys: ["only-for-tests"] },
    extraTokenClaims: (_context, token) => ({
      roles: [token.accountId, token.clientId].some((id) => ["reader", "service"].includes(id))
        ? [role]
        : [],
    }),
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({
          scope: "",
          audience,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
        useGrantedResource: () => true,
      },
    },
    pkce: { required: () => true },
    ttl: { AccessToken: 600, ClientCredentials: 600 },
  });
}

let provider = makeProvider();
const server = createServer((request, response) => {
  if (request.method === "POST" && request.url === "/rotate") {
    provider = makeProvider();
    response.end();
  } else {
    provider.callback()(request, response);
  }
});
server.listen(Number(port), "127.0.0.1", () => console.log(issuer));
process.on("SIGTERM", () => process.exit(0));
