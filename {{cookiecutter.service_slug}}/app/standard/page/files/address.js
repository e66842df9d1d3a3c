// From what a form has to the address of a request (OpenAPI 3.0.3, Style Values).

// The values are texts, by the name of their field.
export function requestAddress(operation, values) {
  let { address } = operation;
  const query = [];
  operation.fields.forEach((field) => {
    const given = (values.get(field.name) ?? []).map(encodeURIComponent);
    if (field.in === "path") {
      const part = given.join(field.separator);
      // Its slashes are those of the path.
      address = address.replace(`{${encodeURI(field.name)}}`, () =>
        field.wide ? part.replaceAll("%2F", "/") : part,
      );
    } else if (field.separator && given.length) {
      // Parts are separated before they are decoded: a comma of a value is %2C.
      query.push(`${encodeURIComponent(field.name)}=${given.join(field.separator)}`);
    } else {
      query.push(...given.map((value) => `${encodeURIComponent(field.name)}=${value}`));
    }
  });
  return new URL(address + (query.length ? `?${query.join("&")}` : ""), location.href).href;
}

// In the address of the page, each value stands for itself.
export function toQuery(values) {
  const query = new URLSearchParams();
  values.forEach((given, name) => given.forEach((value) => query.append(name, value)));
  return query.toString();
}

export function fromQuery(text) {
  const values = new Map();
  new URLSearchParams(text).forEach((value, name) => {
    values.set(name, [...(values.get(name) ?? []), value]);
  });
  return values;
}

// The next page of a list (RFC 8288).
export function nextAddress(response) {
  const links = (response.headers.get("Link") ?? "").matchAll(/<([^>]*)>((?:[^,"]|"[^"]*")*)/g);
  for (const [, address, parameters] of links) {
    if (/;\s*rel\s*=\s*("(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters)) {
      return new URL(address, response.url).href;
    }
  }
  return null;
}
