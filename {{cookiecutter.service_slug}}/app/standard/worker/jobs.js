// The jobs of the service, asked for again every few seconds while somebody looks.
# {% if cookiecutter.use_auth %}
import { askToLogIn, authorization, whenLoggedIn } from "./page_login.js";

# {% endif %}
const REFRESH_MS = 5000;
const ANSWER_MS = 20000;
const ADDRESS = new URL(document.body.dataset.jobs, location.href).href;
const STAMP = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const [filters, news, trouble] = ["filters", "news", "trouble"].map(byId);
const shown = new Map();
let timer = 0;
let asked = 0;
let seenAt = null;

function byId(id) {
  return document.getElementById(id);
}

// Return what the service answers; throw an error with words for people.
async function call(method, address) {
  let response;
  try {
    response = await fetch(address, {
      method,
      # {% if cookiecutter.use_auth %}
      headers: authorization(),
      # {% endif %}
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch {
    throw new Error("The service does not answer.");
  }
  if (response.status === 204) {
    return null;
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    return answer;
  }
  const detail = answer.detail || answer.title || `It answers with status ${response.status}.`;
  # {% if cookiecutter.use_auth %}
  if (response.status === 401 || response.status === 403) {
    throw Object.assign(new Error(askToLogIn(response.status, detail)), { isFinal: true });
  }
  # {% endif %}
  throw new Error(response.status === 503 ? `The service cannot do it now. ${detail}` : detail);
}

async function refresh() {
  clearTimeout(timer);
  const number = ++asked;
  const wanted = [...new FormData(filters)].filter(([, value]) => value);
  let error = null;
  try {
    const found = await call("GET", `${ADDRESS}?${new URLSearchParams(wanted)}`);
    if (number === asked) {
      seenAt = new Date();
      show(found);
    }
  } catch (caught) {
    error = caught;
  }
  // Meanwhile another filter may have been chosen.
  if (number !== asked) {
    return;
  }
  const age = error && seenAt ? ` What you see is of ${seenAt.toLocaleTimeString()}.` : "";
  trouble.textContent = error ? error.message + age : "";
  if (!document.hidden && !error?.isFinal) {
    timer = setTimeout(refresh, REFRESH_MS);
  }
}

function show(found) {
  byId("found").hidden = false;
  const isStuck = found.workers === 0 && found.tasks.some((task) => task.queued > 0);
  byId("overview").textContent = [
    isStuck ? "No worker is there, so that nothing runs." : `Workers: ${found.workers}.`,
    found.oldest_due_seconds > 0
      ? `The oldest job that could run has waited for ${duration(found.oldest_due_seconds)}.`
      : "No job waits for a worker.",
    `Seen at ${seenAt.toLocaleTimeString()}.`,
  ].join(" ");
  byId("overview").classList.toggle("bad", isStuck);
  fill(byId("tasks"), found.tasks, (task) => [
    task.task,
    task.queued,
    task.running,
    task.failed,
    task.ended,
    task.ended ? duration(task.p50_seconds) : "",
    task.ended ? duration(task.p95_seconds) : "",
  ]);
  fill(byId("jobs"), found.jobs, (job) => [
    job.id,
    job.task,
    mark(job.state),
    job.attempts,
    stamp(job.created_at),
    stamp(job.due_at),
    stamp(job.updated_at),
    job.last_error,
    buttons(job),
  ]);
  byId("empty").hidden = found.jobs.length > 0;
  byId("jobs").hidden = found.jobs.length === 0;
  byId("tasks").hidden = found.tasks.length === 0;
  offer(found.tasks.map((task) => task.task));
}

// What has not changed is left alone, for whoever reads it, or stands on a button.
function fill(table, items, cellsOf) {
  const text = JSON.stringify(items);
  if (shown.get(table) === text) {
    return;
  }
  shown.set(table, text);
  const labels = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const [body] = table.tBodies;
  const focused = body.contains(document.activeElement) ? document.activeElement.id : "";
  body.replaceChildren(
    ...items.map((item) => {
      const row = document.createElement("tr");
      cellsOf(item).forEach((content, index) => {
        const cell = document.createElement(index ? "td" : "th");
        if (!index) {
          cell.scope = "row";
        }
        cell.dataset.label = labels[index];
        cell.append(content);
        row.append(cell);
      });
      return row;
    }),
  );
  byId(focused)?.focus();
}

function mark(state) {
  const found = document.createElement("span");
  found.className = state;
  found.textContent = state;
  return found;
}

function stamp(moment) {
  const found = document.createElement("time");
  found.dateTime = moment;
  found.textContent = STAMP.format(new Date(moment));
  return found;
}

function duration(seconds) {
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 120) {
    return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  }
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function buttons(job) {
  const name = `job ${job.id} of ${job.task}`;
  const found = document.createElement("span");
  const add = (verb, question, method, address, done) => {
    const button = document.createElement("button");
    button.type = "button";
    button.id = `${verb}-${job.id}`;
    button.textContent = verb;
    button.setAttribute("aria-label", `${verb} ${name}`);
    button.addEventListener("click", () => act(question, method, address, done));
    found.append(button);
  };
  const address = `${ADDRESS}/${job.id}`;
  if (job.state === "failed") {
    const question = `Run ${name} again, with all its attempts?`;
    add("Retry", question, "POST", `${address}/retry`, `The ${name} is queued.`);
    add("Remove", `Remove ${name}? It will not run again.`, "DELETE", address, `The ${name} is removed.`);
  } else {
    const question =
      job.state === "running"
        ? `Cancel ${name}? It runs, and is stopped where it is.`
        : `Cancel ${name}? It will not run.`;
    add("Cancel", question, "DELETE", address, `The ${name} is cancelled.`);
  }
  return found;
}

async function act(question, method, address, done) {
  if (!(await isSure(question))) {
    return;
  }
  try {
    await call(method, address);
    news.textContent = done;
  } catch (error) {
    news.textContent = error.message;
  }
  refresh();
}

function isSure(question) {
  const dialog = byId("sure");
  byId("question").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// The tasks that can be chosen are those there are, and the one that is chosen.
function offer(names) {
  const select = filters.elements.task;
  const wanted = [...new Set([...names, select.value])].filter(Boolean).sort();
  const there = [...select.options].slice(1).map((option) => option.value);
  if (wanted.join("\n") !== there.join("\n")) {
    const { value } = select;
    select.replaceChildren(select.options[0], ...wanted.map((name) => new Option(name)));
    select.value = value;
  }
}

filters.addEventListener("change", refresh);
filters.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    clearTimeout(timer);
  } else {
    refresh();
  }
});
# {% if cookiecutter.use_auth %}
whenLoggedIn(refresh, (words) => {
  trouble.textContent = words;
});
# {% endif %}
refresh();
