// CSV, as it comes (RFC 4180): texts may be cut anywhere, within a quoted field too.

export class CsvParser {
  #row = [];
  #field = "";
  #isQuoted = false;
  // A quote was seen within a quoted field: its end, or the first of two.
  #isClosing = false;
  #isAfterReturn = false;
  #hasBegun = false;

  constructor(onRow) {
    this.onRow = onRow;
  }

  push(text) {
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const character = text[at];
      const isAfterReturn = this.#isAfterReturn;
      this.#isAfterReturn = false;
      if (this.#isClosing) {
        this.#isClosing = false;
        if (character === '"') {
          // The second of two: one of them is of the field.
          start = at;
          continue;
        }
        this.#isQuoted = false;
        start = at;
      } else if (this.#isQuoted) {
        if (character === '"') {
          this.#field += text.slice(start, at);
          this.#isClosing = true;
          start = at + 1;
        }
        continue;
      }
      if (character === '"' && !this.#field && start === at) {
        this.#isQuoted = true;
        this.#hasBegun = true;
        start = at + 1;
      } else if (character === ",") {
        this.#field += text.slice(start, at);
        this.#endField();
        this.#hasBegun = true;
        start = at + 1;
      } else if (character === "\n" || character === "\r") {
        this.#field += text.slice(start, at);
        start = at + 1;
        this.#isAfterReturn = character === "\r";
        if (!(character === "\n" && isAfterReturn)) {
          this.#endRow();
        }
      } else {
        this.#hasBegun = true;
      }
    }
    this.#field += text.slice(start);
  }

  // A last row need not end with a line break.
  end() {
    if (this.#hasBegun) {
      this.#endRow();
    }
  }

  #endField() {
    this.#row.push(this.#field);
    this.#field = "";
  }

  #endRow() {
    this.#endField();
    const row = this.#row;
    this.#row = [];
    this.#hasBegun = false;
    this.onRow(row);
  }
}

const QUOTE = 0x22;
const NEWLINE = 0x0a;

// Counts the rows below the header, in bytes: no byte of a longer character is one of these two.
export class RowCounter {
  #lines = 0;
  #isQuoted = false;
  #isWithin = false;

  push(bytes) {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        // Two quotes within a field close it and open it again.
        this.#isQuoted = !this.#isQuoted;
        this.#isWithin = true;
      } else if (byte === NEWLINE && !this.#isQuoted) {
        this.#lines += 1;
        this.#isWithin = false;
      } else {
        this.#isWithin = true;
      }
    }
  }

  end() {
    this.#lines += this.#isWithin ? 1 : 0;
  }

  get rows() {
    return Math.max(this.#lines - 1, 0);
  }
}

// As the exports of the service: what a spreadsheet would run gets an apostrophe.
const FORMULA = /^[\t\n\r+\-=@\uff0b\uff0d\uff1d\uff20]/;

export function csvLine(cells) {
  const written = cells.map((cell) => {
    if (cell === null || cell === undefined) {
      return "";
    }
    if (typeof cell !== "string") {
      return quoted(typeof cell === "object" ? JSON.stringify(cell) : String(cell));
    }
    return cell ? quoted(FORMULA.test(cell) ? `'${cell}` : cell) : '""';
  });
  return `${written.join(",")}\n`;
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
