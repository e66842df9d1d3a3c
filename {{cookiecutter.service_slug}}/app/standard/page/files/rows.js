// The rows of an operation, as they come: of a stream of CSV, or of a list in pages.
import { nextAddress } from "./address.js";
import { CsvParser, RowCounter } from "./csv.js";
import { Refusal, ask } from "./service.js";

// Give the pieces of a response; what breaks off in the middle is no whole.
export async function* pieces(response) {
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      yield value;
    }
  } catch (error) {
    throw brokenOff(error);
  } finally {
    // Whoever has seen enough lets the service stop.
    reader.cancel().catch(() => {});
  }
}

// Read an export: its first rows, and how many there are, up to a bound.
export async function readCsv(address, { first, atMost, signal, onCount }) {
  const response = await ask(address, { accept: "text/csv", signal });
  const decoder = new TextDecoder();
  const counter = new RowCounter();
  const rows = [];
  const parser = new CsvParser((row) => rows.push(row));
  for await (const bytes of pieces(response)) {
    counter.push(bytes);
    if (rows.length <= first) {
      parser.push(decoder.decode(bytes, { stream: true }));
    }
    onCount(counter.rows);
    if (counter.rows > atMost) {
      return { ...table(rows, first), count: atMost, isWhole: false };
    }
  }
  counter.end();
  if (rows.length <= first) {
    parser.end();
  }
  return { ...table(rows, first), count: counter.rows, isWhole: true };
}

const table = ([columns = [], ...rows], first) => ({ columns, rows: rows.slice(0, first) });

// Read one page of a list; `next` is the address of the one that follows it.
export async function readPage(address, signal) {
  const response = await ask(address, { signal });
  const rows = await response.json().catch((error) => {
    throw brokenOff(error);
  });
  return { rows, next: nextAddress(response) };
}

function brokenOff(error) {
  const words = "The answer of the service broke off. Try again.";
  return error.name === "AbortError" ? error : new Refusal(words);
}

// The columns of objects: of the first that has it, each property has its place.
export function columnsOf(objects) {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))];
}
