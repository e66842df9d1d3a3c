// Several values out of many: boxes to check, a search where there are more than fit, and what was
// chosen above them.
import { make, plural } from "./dom.js";

const FEW = 8;
// More are found by typing.
const SHOWN = 200;

export function choicesControl(field, id, texts) {
  const chosen = new Set();
  const list = make("div", { className: "boxes" });
  const found = make("p", { className: "hint", role: "status" });
  const chips = make("ul", { className: "chips", ariaLabel: `Chosen: ${field.label}` });
  const search = make("input", {
    id: `${id}-search`,
    type: "search",
    autocomplete: "off",
    placeholder: "Search",
    ariaLabel: `Search: ${field.label}`,
  });
  const isLong = texts.length > FEW;
  let all = texts;

  function show() {
    const wanted = search.value.trim().toLowerCase();
    const fitting = all.filter((text) => text.toLowerCase().includes(wanted));
    const shown = fitting.slice(0, SHOWN);
    list.replaceChildren(...shown.map(box));
    const more = fitting.length > SHOWN ? `; the first ${SHOWN} are shown` : "";
    const count = wanted ? plural(fitting.length, "fits", "fit") : `${fitting.length} in all`;
    found.textContent = wanted || more ? `${count}${more}.` : "";
  }

  function box(text) {
    const input = make("input", { type: "checkbox", name: field.name, value: text });
    input.checked = chosen.has(text);
    input.onchange = () => {
      chosen[input.checked ? "add" : "delete"](text);
      showChips();
    };
    return make("label", { className: "box" }, input, text);
  }

  function showChips() {
    const items = [...chosen].map((text) => {
      const chip = make("button", { type: "button", ariaLabel: `Remove ${text}` }, text);
      chip.onclick = () => {
        chosen.delete(text);
        show();
        showChips();
        chips.dispatchEvent(new Event("change", { bubbles: true }));
        (chips.querySelector("button") ?? search).focus();
      };
      return make("li", {}, chip);
    });
    chips.replaceChildren(...items);
    chips.hidden = !isLong || items.length === 0;
  }

  search.oninput = show;
  // Enter looks for what was typed, and sends nothing.
  search.onkeydown = (event) => event.key === "Enter" && event.preventDefault();
  showChips();
  return {
    parts: isLong ? [chips, search, found, list] : [list],
    read: () => [...chosen],
    write(values) {
      chosen.clear();
      values.forEach((value) => chosen.add(value));
      // A link may have what is no choice any more.
      all = [...new Set([...values.filter((value) => !texts.includes(value)), ...texts])];
      show();
      showChips();
    },
    focusable: () => (isLong ? search : list.querySelector("input")),
  };
}
