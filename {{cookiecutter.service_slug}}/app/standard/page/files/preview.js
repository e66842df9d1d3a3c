// The first rows, and how many there are.
import { byId, plural } from "./dom.js";
import { readCsv, readPage } from "./rows.js";
import { showObjects, showRows } from "./table.js";

const FIRST_ROWS = 20;
// So many rows are counted without being asked for: a larger export costs the service more.
const COUNTED_ROWS = 50000;

let current = new AbortController();
// Of the address that was shown last, if all its rows were counted.
let counted = { address: "", count: null };

export const countOf = (address) => (counted.address === address ? counted.count : null);

export function clear() {
  current.abort();
  counted = { address: "", count: null };
  byId("count").textContent = "";
  ["table", "more", "count-all"].forEach((id) => {
    byId(id).hidden = true;
  });
}

export async function preview(operation, address, onError) {
  clear();
  current = new AbortController();
  const { signal } = current;
  byId("results").ariaBusy = true;
  byId("count").textContent = "Loading …";
  try {
    await (operation.kind === "csv" ? showExport : showList)(address, signal, onError);
  } catch (error) {
    tellUnless(signal, onError)(error);
  }
  if (!signal.aborted) {
    byId("results").ariaBusy = false;
  }
}

// What fails because something else is shown by now is of no use to anybody.
const tellUnless = (signal, onError) => (error) => {
  if (!signal.aborted) {
    byId("count").textContent = "";
    onError(error);
  }
};

async function showExport(address, signal, onError, atMost = COUNTED_ROWS) {
  const limits = { first: FIRST_ROWS, atMost, signal };
  let shownAt = 0;
  const onCount = (count) => {
    // Not each piece: that would be much to read, and to say.
    if (count >= COUNTED_ROWS && performance.now() - shownAt > 3000) {
      shownAt = performance.now();
      byId("count").textContent = `${plural(count, "row", "rows")} so far …`;
    }
  };
  const found = await readCsv(address, { ...limits, onCount });
  showRows(byId("table").firstElementChild, found.columns, found.rows);
  byId("table").hidden = found.rows.length === 0;
  if (found.isWhole) {
    counted = { address, count: found.count };
  }
  tell(found.count, found.rows.length, found.isWhole);
  const button = byId("count-all");
  button.hidden = found.isWhole;
  button.onclick = () => {
    button.hidden = true;
    byId("count").textContent = "Counting …";
    showExport(address, signal, onError, Infinity).catch(tellUnless(signal, onError));
  };
}

async function showList(address, signal, onError) {
  const rows = [];
  let shown = FIRST_ROWS;
  let next = address;
  const button = byId("more");

  async function goOn() {
    if (rows.length < shown && next) {
      const page = await readPage(next, signal);
      rows.push(...page.rows);
      next = page.next;
    }
    showObjects(byId("table").firstElementChild, rows.slice(0, shown));
    byId("table").hidden = rows.length === 0;
    tell(rows.length, Math.min(shown, rows.length), !next);
    button.hidden = !next && rows.length <= shown;
  }
  button.onclick = () => {
    shown += FIRST_ROWS;
    goOn().catch(tellUnless(signal, onError));
  };
  await goOn();
}

function tell(count, shown, isWhole) {
  const all = isWhole ? plural(count, "row", "rows") : `More than ${plural(count, "row", "rows")}`;
  if (count === 0) {
    byId("count").textContent = "No row passes these filters.";
  } else if (isWhole && shown === count) {
    byId("count").textContent = `${all}.`;
  } else {
    byId("count").textContent = `${all}; the first ${shown} are shown.`;
  }
}
