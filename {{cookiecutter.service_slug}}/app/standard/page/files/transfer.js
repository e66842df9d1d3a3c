// A download as people see it: how far it is, how it ended, and a button that stops it.
import { byId, plural } from "./dom.js";
import { download } from "./download.js";
import { countOf } from "./preview.js";

let current = null;

export function stopDownload() {
  current?.abort();
}

export async function startDownload(operation, address, onError) {
  if (current) {
    return;
  }
  current = new AbortController();
  byId("news").textContent = "The download has begun.";
  byId("download").disabled = true;
  byId("transfer").hidden = false;
  show({ rows: 0, bytes: 0 }, countOf(address));
  let words = "";
  try {
    const { rows, bytes } = await download(operation, address, current.signal, (progress) =>
      show(progress, countOf(address)),
    );
    words = `Downloaded ${plural(rows, "row", "rows")}, ${size(bytes)}.`;
  } catch (error) {
    if (current.signal.aborted) {
      words = "The download was cancelled; nothing is kept.";
    } else {
      words = "The download has failed; nothing is kept.";
      onError(error);
    }
  }
  current = null;
  byId("transfer").hidden = true;
  byId("download").disabled = false;
  byId("news").textContent = words;
}

function show({ rows, bytes }, count) {
  byId("transfer-words").textContent = `${plural(rows, "row", "rows")}, ${size(bytes)}`;
  const bar = byId("progress");
  if (count) {
    bar.max = count;
    bar.value = rows;
  } else {
    // How much there is to come is not known.
    bar.removeAttribute("value");
  }
}

const UNITS = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "bytes"]];

function size(bytes) {
  const [unit, name] = UNITS.find(([each]) => bytes >= each) ?? UNITS.at(-1);
  return `${(bytes / unit).toFixed(unit > 1e3 ? 1 : 0)} ${name}`;
}
