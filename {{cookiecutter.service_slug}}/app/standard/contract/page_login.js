// Logging in as Swagger UI does: authorization code with PKCE (RFC 6749, section 4.1; RFC 7636).
// The token is kept here, in memory, and nowhere else.
const byId = (id) => document.getElementById(id);
const section = byId("login");
const { login, scheme } = JSON.parse(section.dataset.options);
const flow = scheme.flows?.authorizationCode;
// Browsers have crypto.subtle where the address is https, or this machine's.
const canLogIn = Boolean(flow && login.clientId && crypto.subtle);
let token = "";
let proof = {};

export function authorization() {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

// Show how to log in; return why that is needed.
export function askToLogIn(status, detail) {
  section.hidden = false;
  byId("log-in").hidden = !canLogIn;
  byId("give-token").hidden = canLogIn;
  if (status === 403) {
    return `You may not do this. ${detail}`;
  }
  const words = token ? `Log in again. ${detail}.` : "Log in to see this.";
  token = "";
  return words;
}

function take(given) {
  token = given;
  section.hidden = true;
  document.dispatchEvent(new Event("login"));
}

function complain(words) {
  byId("trouble").textContent = words;
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// Made before the click: a window that opens later may be blocked.
async function prepare() {
  const [verifier, state] = [0, 1].map(() => base64url(crypto.getRandomValues(new Uint8Array(32))));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  proof = { verifier, state, challenge: base64url(new Uint8Array(digest)) };
}

function withParameters(address, parameters) {
  const found = new URL(address);
  Object.entries(parameters).forEach(([name, value]) => found.searchParams.set(name, value));
  return found.href;
}

function openLogin() {
  const redirectUrl = new URL(section.dataset.redirect, location.href).href;
  const { verifier, state, challenge } = proof;
  // Some providers give what is asked for by its name.
  const wanted = section.dataset.scope.split(" ").filter((each) => each in flow.scopes);
  let refused = false;
  // What the page of this name looks for, which is Swagger UI's. Of a state that is not ours it
  // complains, and calls back even so.
  window.swaggerUIRedirectOauth2 = {
    state,
    redirectUrl,
    auth: { name: "login", schema: new Map([["flow", "authorizationCode"]]) },
    errCb: ({ message }) => {
      refused = true;
      complain(`You are not logged in. ${message}`);
    },
    callback: ({ auth: { code } }) => refused || exchange(code, redirectUrl, verifier),
  };
  const address = withParameters(flow.authorizationUrl, {
    ...login.additionalQueryStringParams,
    response_type: "code",
    client_id: login.clientId,
    redirect_uri: redirectUrl,
    scope: [login.scopes, ...wanted].join(" "),
    state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  if (!window.open(address)) {
    complain("Let this page open a window, for the login.");
  }
  prepare();
}

async function exchange(code, redirectUrl, verifier) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: login.clientId,
    redirect_uri: redirectUrl,
    code,
    code_verifier: verifier,
  });
  const address = withParameters(flow.tokenUrl, login.additionalQueryStringParams);
  const answer = await fetch(address, { method: "POST", body })
    .then((response) => response.json())
    .catch(() => ({}));
  if (answer.access_token) {
    take(answer.access_token);
  } else {
    complain(`The identity provider gives no token. ${answer.error_description || ""}`);
  }
}

if (canLogIn) {
  prepare();
}
byId("log-in").onclick = openLogin;
byId("token-help").textContent = scheme.description || "";
byId("give-token").onsubmit = (event) => {
  event.preventDefault();
  take(byId("token").value.trim());
  event.target.reset();
};
