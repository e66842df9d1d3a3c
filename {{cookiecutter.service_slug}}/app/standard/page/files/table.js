// Rows as a table.
import { make } from "./dom.js";
import { columnsOf } from "./rows.js";

export function showRows(table, columns, rows) {
  const heads = columns.map((column) => make("th", { scope: "col" }, column));
  const lines = rows.map((row) => {
    const [first = "", ...others] = row;
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, first),
      ...others.map((cell) => make("td", {}, cell)),
    );
  });
  table.replaceChildren(
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...lines),
  );
}

export function showObjects(table, objects) {
  const columns = columnsOf(objects);
  const rows = objects.map((object) => columns.map((column) => words(object[column])));
  showRows(table, columns, rows);
}

function words(value) {
  if (value === null || value === undefined) {
    return "";
  }
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
