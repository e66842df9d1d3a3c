// What a value is typed or chosen in, by the kind of its field.
import { choicesControl } from "./choices.js";
import { make } from "./dom.js";

// Each has `parts`, reads and writes texts, and knows what gets the focus. A group has several
// inputs below one legend.
export function controlOf(field, id, texts) {
  if (field.kind === "choices") {
    return { isGroup: true, ...choicesControl(field, id, texts) };
  }
  if (field.kind === "boolean") {
    return { isGroup: true, ...booleanControl(field, id) };
  }
  if (field.kind === "choice") {
    return choiceControl(field, id, texts);
  }
  return field.kind === "texts" ? textsControl(field, id) : inputControl(field, id);
}

// What is not given has the default: there is no leaving it open then.
const isOpen = (field) => !field.required && !field.default;

function booleanControl(field, id) {
  const options = [["true", "Yes"], ["false", "No"]];
  if (isOpen(field)) {
    options.unshift(["", "Any"]);
  }
  const inputs = options.map(([value]) => make("input", { type: "radio", name: id, value }));
  const labels = options.map(([, words], index) => make("label", {}, inputs[index], words));
  return {
    parts: [make("div", { className: "segments" }, ...labels)],
    read: () => inputs.filter((input) => input.checked && input.value).map((input) => input.value),
    write([value = ""]) {
      inputs.forEach((input) => {
        input.checked = input.value === value;
      });
    },
    focusable: () => inputs.find((input) => input.checked) ?? inputs[0],
  };
}

function choiceControl(field, id, texts) {
  const select = make("select", { id, required: field.required });
  const offer = (all) =>
    select.replaceChildren(
      ...(isOpen(field) ? [new Option("Any", "")] : []),
      ...all.map((text) => new Option(text)),
    );
  offer(texts);
  return {
    parts: [select],
    read: () => [select.value].filter(Boolean),
    write([value = ""]) {
      offer(value && !texts.includes(value) ? [value, ...texts] : texts);
      select.value = value;
    },
    focusable: () => select,
  };
}

function textsControl(field, id) {
  const area = make("textarea", { id, rows: 3, required: field.required, spellcheck: false });
  return {
    hint: "One on each line.",
    parts: [area],
    read: () => area.value.split("\n").map((line) => line.trim()).filter(Boolean),
    write(values) {
      area.value = values.join("\n");
    },
    focusable: () => area,
  };
}

const TYPES = { date: "date", "date-time": "datetime-local", integer: "number", number: "number" };

function inputControl(field, id) {
  const input = make("input", { id, type: TYPES[field.kind] ?? "text", required: field.required });
  if (input.type === "number") {
    input.step = field.kind === "integer" ? 1 : "any";
    input.inputMode = field.kind === "integer" && !(field.min < 0) ? "numeric" : "decimal";
  }
  if (field.kind === "date-time") {
    input.step = 1;
  }
  ["min", "max", "minLength", "maxLength"].filter((key) => key in field).forEach((key) => {
    input[key] = field[key];
  });
  const isMoment = field.kind === "date-time";
  return {
    hint: isMoment ? "In the time of this computer." : "",
    parts: [input],
    read() {
      const { value } = input;
      return value ? [isMoment ? new Date(value).toISOString() : value] : [];
    },
    write([value = ""]) {
      input.value = isMoment && value ? localTime(new Date(value)) : value;
    },
    focusable: () => input,
  };
}

function localTime(moment) {
  const isValid = !Number.isNaN(moment.getTime());
  const shifted = isValid && new Date(moment - moment.getTimezoneOffset() * 60000);
  return isValid ? shifted.toISOString().slice(0, 19) : "";
}
