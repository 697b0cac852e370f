// What may stand at a place of a document, by its JSON Schema: names of members with what they mean, and values.

/** The schemas that hold at once or by choice: references, allOf, anyOf and oneOf taken apart. */
function parts(root, schema, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 12) return [];
  const here = [schema];
  if (schema.$ref) {
    const target = schema.$ref.replace(/^#\//, "").split("/").reduce((at, key) => at?.[key], root);
    here.push(...parts(root, target, depth + 1));
  }
  for (const word of ["allOf", "anyOf", "oneOf"])
    for (const other of schema[word] ?? []) here.push(...parts(root, other, depth + 1));
  for (const word of ["then", "else"]) here.push(...parts(root, schema[word], depth + 1));
  return here;
}

/** The schemas at `path` (names and indices) of a document. */
export function schemasAt(root, path) {
  let now = parts(root, root);
  for (const step of path) {
    const next = [];
    for (const schema of now) {
      if (typeof step === "number") next.push(...parts(root, schema.items));
      else if (schema.properties?.[step]) next.push(...parts(root, schema.properties[step]));
      else if (typeof schema.additionalProperties === "object") next.push(...parts(root, schema.additionalProperties));
    }
    now = next;
  }
  return now;
}

/** [{name, about}] of the members that an object at `path` may have. */
export function membersAt(root, path) {
  const found = new Map();
  for (const schema of schemasAt(root, path))
    for (const [name, member] of Object.entries(schema.properties ?? {}))
      if (!found.has(name)) found.set(name, { name, about: member.description ?? "" });
  return [...found.values()];
}

/** Values that are named for `path`, as they stand in a document. */
export function valuesAt(root, path) {
  const found = new Set();
  for (const schema of schemasAt(root, path)) {
    for (const value of schema.enum ?? []) found.add(JSON.stringify(value));
    if ("const" in schema) found.add(JSON.stringify(schema.const));
    if (schema.type === "boolean") ["true", "false"].forEach((value) => found.add(value));
    for (const value of schema.examples ?? []) found.add(JSON.stringify(value));
  }
  return [...found];
}

/** What `path` is about, in words. */
export function aboutAt(root, path) {
  return schemasAt(root, path).find((schema) => schema.description)?.description ?? "";
}
