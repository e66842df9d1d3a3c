// The page: which operation is shown, with which filters, and what is done with it.
import { fromQuery, requestAddress, toQuery } from "./address.js";
import { byId, make } from "./dom.js";
import { buildForm } from "./form.js";
# {% if cookiecutter.use_auth %}
import { askToLogIn, authorization } from "./page_login.js";
# {% endif %}
import { clear, preview } from "./preview.js";
import { ask } from "./service.js";
import { startDownload, stopDownload } from "./transfer.js";

const SERVICE = document.title;
let operations = [];
let operation = null;
let form = null;
// What is shown now; another may have been chosen while this one was built.
let opened = 0;

function showOperations() {
  const links = operations.map((each) => make("a", { href: `#${each.key}` }, each.title));
  byId("operations").replaceChildren(...links);
  byId("operations").hidden = links.length < 2;
}

async function open() {
  const number = ++opened;
  const links = [...byId("operations").children];
  // The browser writes both alike.
  const index = links.findIndex((link) => link.hash === location.hash);
  const wanted = operations[Math.max(index, 0)];
  if (!wanted) {
    byId("trouble").textContent = "The contract has no list and no export that this page can show.";
    return;
  }
  const isOther = wanted !== operation;
  operation = wanted;
  links.forEach((link, each) => {
    link.ariaCurrent = operations[each] === operation ? "page" : null;
  });
  document.title = links.length > 1 ? `${operation.title} - ${SERVICE}` : SERVICE;
  byId("title").textContent = operation.title;
  byId("description").textContent = operation.description;
  # {% if cookiecutter.use_auth %}
  if (operation.secured && !authorization().Authorization) {
    byId("trouble").textContent = askToLogIn(401);
    return;
  }
  # {% endif %}
  byId("operation").hidden = false;
  byId("clear").hidden = operation.fields.length === 0;
  if (isOther || !form) {
    form = null;
    clear();
    byId("fields").replaceChildren(make("p", { role: "status" }, "Loading the filters …"));
    const built = await buildForm(operation, byId("fields")).catch(refuse);
    if (number !== opened || !built) {
      return;
    }
    form = built;
  }
  form.write(fromQuery(location.search));
  show();
}

async function show() {
  byId("trouble").textContent = "";
  byId("refusal").textContent = "";
  byId("stale").hidden = true;
  if (byId("transfer").hidden) {
    byId("news").textContent = "";
  }
  if (form.check()) {
    await preview(operation, requestAddress(operation, form.read()), refuse);
  } else {
    clear();
  }
}

// Beside their fields, and above the form what is about none.
function refuse(error) {
  // Without a form, somebody must log in first.
  byId("operation").hidden = !form;
  const left = form ? form.refuse(error.errors ?? []) : [];
  const hasFields = (error.errors ?? []).length > left.length;
  const words = hasFields
    ? left.map(({ in: place, name, detail }) => `${place} ${name} ${detail}.`).join(" ")
    : error.message;
  const place = byId(error.status === 400 ? "refusal" : "trouble");
  place.textContent = words;
  place.scrollIntoView({ block: "nearest" });
}

byId("filters").onsubmit = async (event) => {
  event.preventDefault();
  if (!form) {
    return;
  }
  const query = toQuery(form.read());
  const address = `${location.pathname}${query && `?${query}`}${location.hash}`;
  if (address !== location.pathname + location.search + location.hash) {
    history.pushState(null, "", address);
  }
  await show();
  if (byId("results").getBoundingClientRect().top > innerHeight / 2) {
    // Below the form, where there is no room beside it.
    byId("results").scrollIntoView();
  }
};
byId("filters").addEventListener("change", () => {
  byId("stale").hidden = byId("table").hidden && !byId("count").textContent;
});
byId("clear").onclick = () => {
  form?.write(new Map());
  byId("filters").requestSubmit();
};
byId("download").onclick = () => {
  if (form?.check()) {
    byId("refusal").textContent = "";
    startDownload(operation, requestAddress(operation, form.read()), refuse);
  }
};
byId("cancel").onclick = stopDownload;
window.onpopstate = open;
# {% if cookiecutter.use_auth %}
document.addEventListener("login", () => {
  byId("trouble").textContent = "";
  byId("operation").hidden = false;
  byId("title").focus();
  // What was typed before a session ended stays.
  return form ? show() : open();
});
# {% endif %}

try {
  operations = await (await ask(new URL("operations.json", location.href).href)).json();
  showOperations();
  await open();
} catch (error) {
  byId("trouble").textContent = error.message;
}
