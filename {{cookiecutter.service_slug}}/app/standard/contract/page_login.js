// Logging in as Swagger UI does: authorization code with PKCE (RFC 6749, section 4.1; RFC 7636).
// The token is nowhere but here, in memory.
const byId = (id) => document.getElementById(id);
const section = byId("login");
const { login, scheme } = JSON.parse(section.dataset.options);
const flow = scheme.flows?.authorizationCode;
// Browsers have it where the address is https, or this machine's.
const canLogIn = Boolean(flow && login.clientId && crypto.subtle);
let token = "";
let secret = null;
let done = () => {};
let complain = () => {};

export function authorization() {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export function whenLoggedIn(then, otherwise) {
  done = then;
  complain = otherwise;
}

// Show how to log in, and return why that is needed.
export function askToLogIn(status, detail) {
  section.hidden = false;
  byId("log-in").hidden = !canLogIn;
  byId("give-token").hidden = canLogIn;
  if (status === 403) {
    return `You are logged in, but may not do this. ${detail}`;
  }
  const words = token ? `Log in again. ${detail}.` : "Log in to see this.";
  token = "";
  return words;
}

function take(given) {
  token = given;
  section.hidden = true;
  done();
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

// Made before it is needed: a window that opens later than the click may be blocked.
async function prepare() {
  const verifier = random();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  secret = { verifier, challenge: base64url(new Uint8Array(digest)) };
}

function withParameters(address, parameters) {
  const found = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    found.searchParams.set(name, value);
  }
  return found.href;
}

function openLogin() {
  const redirectUrl = new URL("oauth2-redirect.html", location.href).href;
  const state = random();
  const { verifier, challenge } = secret;
  let refused = "";
  prepare();
  // What Swagger UI's page of this name looks for; it also calls back where the state is another.
  window.swaggerUIRedirectOauth2 = {
    state,
    redirectUrl,
    auth: { name: "login", schema: new Map([["flow", "authorizationCode"]]) },
    errCb: ({ message }) => {
      refused = message;
      complain(`You are not logged in. ${message}`);
    },
    callback: ({ auth }) => {
      delete window.swaggerUIRedirectOauth2;
      if (!refused) {
        exchange({ code: auth.code, redirect_uri: redirectUrl, code_verifier: verifier });
      }
    },
  };
  const address = withParameters(flow.authorizationUrl, {
    ...login.additionalQueryStringParams,
    response_type: "code",
    client_id: login.clientId,
    redirect_uri: redirectUrl,
    scope: [login.scopes, ...section.dataset.scopes.split(" ").filter((s) => s in flow.scopes)].join(" "),
    state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  if (!window.open(address)) {
    complain("Let this page open a window, for the login.");
  }
}

async function exchange(given) {
  const body = { grant_type: "authorization_code", client_id: login.clientId, ...given };
  let answer = {};
  try {
    const response = await fetch(withParameters(flow.tokenUrl, login.additionalQueryStringParams), {
      method: "POST",
      body: new URLSearchParams(body),
    });
    answer = await response.json();
  } catch {
    // It has no token, as below.
  }
  if (answer.access_token) {
    take(answer.access_token);
  } else {
    complain(`The identity provider gives no token. ${answer.error_description || ""}`);
  }
}

if (canLogIn) {
  prepare();
  byId("log-in").addEventListener("click", openLogin);
}
byId("token-help").textContent = scheme.description || "";
byId("give-token").addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = byId("token");
  byId("token").value = "";
  take(value.trim());
});
