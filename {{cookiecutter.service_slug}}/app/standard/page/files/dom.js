// What the other files make elements with.
export const byId = (id) => document.getElementById(id);

export function make(name, properties, ...content) {
  const found = document.createElement(name);
  Object.entries(properties).forEach(([key, value]) => {
    if (key in found) {
      found[key] = value;
    } else {
      found.setAttribute(key, value);
    }
  });
  found.append(...content);
  return found;
}

export function plural(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
