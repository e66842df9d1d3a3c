// Requests to the service, and what goes wrong with them, in words for people.
# {% if cookiecutter.use_auth %}
import { askToLogIn, authorization } from "./page_login.js";

# {% endif %}
// The fields name the parameters that are not right, each with the reason.
export class Refusal extends Error {
  constructor(words, { status = 0, errors = [] } = {}) {
    super(words);
    Object.assign(this, { status, errors });
  }
}

export async function ask(address, { accept = "application/json", signal } = {}) {
  const headers = { Accept: accept };
  # {% if cookiecutter.use_auth %}
  Object.assign(headers, authorization());
  # {% endif %}
  let response;
  try {
    response = await fetch(address, { headers, signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Refusal("The service does not answer.");
  }
  if (response.ok) {
    return response;
  }
  throw await refusal(response);
}

async function refusal(response) {
  const { status } = response;
  const problem = await response.json().catch(() => ({}));
  let words = problem.detail || problem.title || `The answer has the status ${status}.`;
  # {% if cookiecutter.use_auth %}
  if (status === 401 || status === 403) {
    return new Refusal(askToLogIn(status, words), { status });
  }
  # {% endif %}
  if (status >= 500) {
    words = `The service cannot do it now. ${words}`;
  }
  if (problem.request_id) {
    words += ` (Request ${problem.request_id}.)`;
  }
  return new Refusal(words, { status, errors: problem.errors });
}
