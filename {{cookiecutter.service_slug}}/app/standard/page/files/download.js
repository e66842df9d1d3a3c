// A download: it is a file when it is whole, and not before.
import { RowCounter, csvLine } from "./csv.js";
import { make } from "./dom.js";
import { columnsOf, pieces, readPage } from "./rows.js";
import { ask } from "./service.js";

// What has come is handed to the browser in such pieces, which may keep them on the disk.
const PIECE_BYTES = 8 * 1024 * 1024;

// Return the number of rows and of bytes; `onProgress` is told of both.
export async function download(operation, address, signal, onProgress) {
  const read = operation.kind === "csv" ? downloadCsv : downloadList;
  const { name, file, rows } = await read(operation, address, signal, onProgress);
  signal.throwIfAborted();
  save(file, name);
  return { rows, bytes: file.size };
}

async function downloadCsv(operation, address, signal, onProgress) {
  const response = await ask(address, { accept: "text/csv", signal });
  const counter = new RowCounter();
  const file = new Pieces();
  for await (const bytes of pieces(response)) {
    counter.push(bytes);
    file.push(bytes);
    onProgress({ rows: counter.rows, bytes: file.size });
  }
  counter.end();
  return { name: nameOf(response, operation), file: file.blob(), rows: counter.rows };
}

// A list has no file of its own: it is written here, page by page.
async function downloadList(operation, address, signal, onProgress) {
  const file = new Pieces();
  const encoder = new TextEncoder();
  let columns = null;
  let count = 0;
  for (let next = address; next; ) {
    const page = await readPage(next, signal);
    if (!columns) {
      columns = columnsOf(page.rows);
      file.push(encoder.encode(csvLine(columns)));
    }
    const lines = page.rows.map((row) => csvLine(columns.map((column) => row[column])));
    file.push(encoder.encode(lines.join("")));
    count += page.rows.length;
    onProgress({ rows: count, bytes: file.size });
    next = page.next;
  }
  return { name: `${operation.key.replaceAll("/", "-")}.csv`, file: file.blob(), rows: count };
}

class Pieces {
  size = 0;
  #blobs = [];
  #waiting = [];
  #waitingBytes = 0;

  push(bytes) {
    this.size += bytes.length;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= PIECE_BYTES) {
      this.#blobs.push(new Blob(this.#waiting));
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
  }

  blob() {
    return new Blob([...this.#blobs, ...this.#waiting], { type: "text/csv" });
  }
}

function nameOf(response, operation) {
  const found = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
  return found?.[1] ?? `${operation.key.replaceAll("/", "-")}.csv`;
}

function save(file, name) {
  const href = URL.createObjectURL(file);
  make("a", { href, download: name }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}
