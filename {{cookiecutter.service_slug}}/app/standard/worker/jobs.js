// The jobs of the service, asked for again every few seconds while somebody looks.
# {% if cookiecutter.use_auth %}
import { askToLogIn, authorization } from "./page_login.js";

# {% endif %}
const REFRESH_MS = 5000;
const ANSWER_MS = 20000;
const ADDRESS = new URL(document.body.dataset.jobs, location.href).href;
// By the state of a job: a verb, the request, what it means, and what has become of the job.
const ACTIONS = {
  queued: [["Cancel", "DELETE", "", "It will not run.", "is cancelled"]],
  running: [["Cancel", "DELETE", "", "It is stopped where it is.", "is cancelled"]],
  failed: [
    ["Retry", "POST", "/retry", "It has all its attempts anew.", "is queued"],
    ["Remove", "DELETE", "", "It will not run again.", "is removed"],
  ],
};
const UNITS = [[3600, "h"], [60, "min"], [1, "s"], [0.001, "ms"]];
const byId = (id) => document.getElementById(id);
const filters = byId("filters");
const shown = new Map();
let timer = 0;
let asked = 0;
let seenAt = "";
let isRefused = false;

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
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (response.ok) {
    return answer;
  }
  let words = answer.detail || answer.title || `Its answer has the status ${response.status}.`;
  if (response.status === 503) {
    words = `The service cannot do it now. ${words}`;
  }
  # {% if cookiecutter.use_auth %}
  if (response.status === 401 || response.status === 403) {
    words = askToLogIn(response.status, words);
  }
  # {% endif %}
  throw Object.assign(new Error(words), { isRefusal: response.status < 500 });
}

async function refresh() {
  clearTimeout(timer);
  const number = ++asked;
  const wanted = [...new FormData(filters)].filter(([, value]) => value);
  let error = null;
  const found = await call("GET", `${ADDRESS}?${new URLSearchParams(wanted)}`).catch((caught) => {
    error = caught;
  });
  // Meanwhile another filter may have been chosen.
  if (number !== asked) {
    return;
  }
  if (found) {
    seenAt = new Date().toLocaleTimeString();
    show(found);
  }
  const age = error && seenAt ? ` What you see is of ${seenAt}.` : "";
  byId("trouble").textContent = error ? error.message + age : "";
  isRefused = Boolean(error?.isRefusal);
  keepOn(REFRESH_MS);
}

// What is refused once is not asked for again and again.
function keepOn(delay) {
  clearTimeout(timer);
  if (!document.hidden && !isRefused) {
    timer = setTimeout(refresh, delay);
  }
}

function show({ workers, oldest_due_seconds: oldest, tasks, jobs }) {
  const isStuck = workers === 0 && tasks.some((task) => task.queued);
  byId("overview").textContent = [
    isStuck ? "No worker is there, so that nothing runs." : `Workers: ${workers}.`,
    oldest ? `A job has been due for ${duration(oldest)}.` : "No job is due.",
    `Seen at ${seenAt}.`,
  ].join(" ");
  byId("overview").classList.toggle("bad", isStuck);
  fill("tasks", tasks, (task) => [
    ...[task.task, task.queued, task.running, task.failed, task.ended],
    ...[task.p50_seconds, task.p95_seconds].map((each) => (task.ended ? duration(each) : "")),
  ]);
  fill("jobs", jobs, (job) => [
    ...[job.id, job.task, make("span", { className: job.state }, job.state), job.attempts],
    ...[job.created_at, job.due_at, job.updated_at].map(time),
    job.last_error,
    make("span", {}, ...ACTIONS[job.state].map((action) => button(job, action))),
  ]);
  offer(tasks.map((task) => task.task));
  byId("found").hidden = false;
}

// What has not changed is left alone, for whoever reads it or stands on a button of it.
function fill(id, items, cellsOf) {
  const text = JSON.stringify(items);
  if (shown.get(id) === text) {
    return;
  }
  shown.set(id, text);
  const table = byId(id);
  const labels = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const focused = table.contains(document.activeElement) ? document.activeElement.id : "";
  const rows = items.map((item) => {
    const [first, ...others] = cellsOf(item);
    const row = make("tr", {}, make("th", { scope: "row" }, first));
    row.append(...others.map((each) => make("td", {}, each)));
    [...row.cells].forEach((cell, index) => cell.setAttribute("data-label", labels[index]));
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
  table.hidden = items.length === 0;
  byId(`no-${id}`).hidden = items.length > 0;
  byId(focused)?.focus();
}

function make(name, properties, ...content) {
  const found = Object.assign(document.createElement(name), properties);
  found.append(...content);
  return found;
}

function time(moment) {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  const words = isToday
    ? date.toLocaleTimeString()
    : date.toLocaleString([], { dateStyle: "short", timeStyle: "short" });
  return make("time", { dateTime: moment, title: date.toLocaleString() }, words);
}

function duration(seconds) {
  const [size, unit] = UNITS.find(([each]) => seconds >= each) || UNITS.at(-1);
  return `${Math.round((seconds / size) * 10) / 10} ${unit}`;
}

function button(job, [verb, method, path, meaning, outcome]) {
  const name = `job ${job.id} of ${job.task}`;
  const onclick = async () => {
    if (await isSure(`${verb} ${name}? ${meaning}`)) {
      byId("news").textContent = await call(method, `${ADDRESS}/${job.id}${path}`).then(
        () => `The ${name} ${outcome}.`,
        (error) => error.message,
      );
      refresh();
    }
  };
  const properties = { type: "button", id: `${verb}-${job.id}`, ariaLabel: `${verb} ${name}` };
  return make("button", { ...properties, onclick }, verb);
}

function isSure(question) {
  const dialog = byId("sure");
  byId("question").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
  });
}

// The tasks to choose from are those that are there, and the one that has been chosen.
function offer(names) {
  const select = filters.elements.task;
  const chosen = select.value;
  const wanted = [...new Set([...names, chosen])].filter(Boolean).sort();
  if (wanted.join() !== [...select.options].slice(1).map((option) => option.value).join()) {
    select.replaceChildren(select.options[0], ...wanted.map((name) => new Option(name)));
    select.value = chosen;
  }
}

filters.onchange = refresh;
document.addEventListener("visibilitychange", () => keepOn(0));
# {% if cookiecutter.use_auth %}
document.addEventListener("login", refresh);
isRefused = true;
byId("trouble").textContent = askToLogIn(401);
# {% endif %}
# {% if not cookiecutter.use_auth %}
refresh();
# {% endif %}
