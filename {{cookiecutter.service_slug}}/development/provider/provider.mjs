// An OpenID provider for one machine, and for nothing else: any password is good.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const { AUDIENCE, CLIENT_ID, CLIENTS, ISSUER, REDIRECTS, USERS } = process.env;
const users = JSON.parse(USERS);
const services = JSON.parse(CLIENTS);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), alg: "RS256", kid: randomUUID(), use: "sig" };

const provider = new Provider(ISSUER, {
  jwks: { keys: [key] },
  clients: [
    {
      client_id: CLIENT_ID,
      // It may be redirected to this machine without TLS.
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code"],
      redirect_uris: REDIRECTS.split(","),
      response_types: ["code"],
    },
    ...Object.keys(services).map((name) => ({
      client_id: name,
      client_secret: "only-for-this-machine",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    })),
  ],
  clientBasedCORS: () => true,
  cookies: { keys: [randomUUID()] },
  extraTokenClaims: (_context, token) => ({
    roles: (token.accountId ? users[token.accountId] : services[token.clientId]) ?? [],
  }),
  features: {
    clientCredentials: { enabled: true },
    // Access tokens are JWTs where they are for somebody, whom nobody need name.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => `urn:${AUDIENCE}`,
      getResourceServerInfo: () => ({
        scope: "",
        audience: AUDIENCE,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
      useGrantedResource: () => true,
    },
  },
  pkce: { required: () => true },
  ttl: { AccessToken: 3600, ClientCredentials: 3600 },
});

const server = provider.listen(Number(new URL(ISSUER).port));
process.on("SIGTERM", () => server.close(() => process.exit(0)).closeAllConnections());
