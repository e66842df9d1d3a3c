// The form of an operation, made of its fields.
import { controlOf } from "./controls.js";
import { make } from "./dom.js";
import { ask } from "./service.js";

// Build the fields into an element; the choices that the service knows are asked for first. For
// somebody who must log in, that throws a refusal.
export async function buildForm(operation, place) {
  const fields = await Promise.all(operation.fields.map(build));
  place.replaceChildren(...fields.map((field) => field.element));
  return {
    read: () => new Map(fields.map((field) => [field.name, field.read()])),
    write(values) {
      fields.forEach((field) => field.write(values.get(field.name) ?? field.default ?? []));
    },
    // What can be told here; the service checks the rest.
    check() {
      const bad = fields.filter((field) => !field.check());
      bad[0]?.focus();
      return bad.length === 0;
    },
    // Show what the service says; return what is about no field of this form.
    refuse(errors) {
      const known = errors.filter((error) => fields.some((field) => field.is(error)));
      fields.forEach((field) => field.refuse(known.filter((error) => field.is(error))));
      fields.find((field) => known.some((error) => field.is(error)))?.focus();
      return errors.filter((error) => !known.includes(error));
    },
  };
}

async function build(given, index) {
  const id = `field-${index}`;
  const { field, texts, note } = await withChoices(given);
  const control = controlOf(field, id, texts);
  const hint = make("p", { id: `${id}-hint`, className: "hint" });
  hint.textContent = [field.hint, control.hint, note].filter(Boolean).map(ended).join(" ");
  const error = make("p", { id: `${id}-error`, className: "error" });
  const needed = make("span", { className: "hint" }, " (required)");
  const name = field.required ? [field.label, needed] : [field.label];
  const head = control.isGroup
    ? make("legend", {}, ...name)
    : make("label", { htmlFor: id }, ...name);
  const element = make(control.isGroup ? "fieldset" : "div", { className: `field ${field.kind}` });
  element.append(head, ...(hint.textContent ? [hint] : []), ...control.parts, error);
  const described = control.isGroup ? element : control.focusable();
  described.setAttribute("aria-describedby", `${hint.id} ${error.id}`);

  function refuse(errors) {
    error.textContent = errors.map(({ detail }) => sentence(field.label, detail)).join(" ");
    if (!control.isGroup) {
      described.setAttribute("aria-invalid", errors.length > 0);
    }
  }
  return {
    element,
    refuse,
    ...{ name: field.name, default: field.default, read: control.read, write: control.write },
    is: (problem) => problem.in === field.in && problem.name === field.name,
    focus: () => control.focusable()?.focus(),
    check() {
      const input = control.focusable();
      const isMissing = field.required && control.read().length === 0;
      const words = isMissing ? "is needed" : (!control.isGroup && input.validationMessage) || "";
      refuse(words ? [{ detail: words }] : []);
      return !words;
    },
  };
}

// Without the list of its values, a field takes whatever is typed.
async function withChoices(field) {
  if (!field.values) {
    return { field, texts: field.choices ?? [] };
  }
  try {
    const response = await ask(new URL(field.values, location.href).href);
    return { field, texts: await response.json() };
  } catch (error) {
    if (error.status === 401) {
      throw error;
    }
    const kind = field.kind === "choices" ? "texts" : "text";
    const note = `The choices are missing. ${error.message}`;
    return { field: { ...field, kind }, texts: [], note };
  }
}

// Problems go on where the name of the field has stood, as in "must be a date".
function sentence(label, detail) {
  const isPredicate = /^(is|must|has|lacks|does)\b/.test(detail);
  return ended(isPredicate ? `${label} ${detail}` : detail);
}

const ended = (words) => (/[.!?:]$/.test(words.trim()) ? words.trim() : `${words.trim()}.`);
