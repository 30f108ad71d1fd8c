// A call as a person writes it → the mapping that the schema of plans checks.
// Pure. What is neither text nor a mapping is left to the schema.

/** "POST /path" as a mapping; a mapping with the method of a browser that sends a form. */
export function writtenCall(value: unknown): unknown {
  if (typeof value !== 'string') return withMethod(value);
  const [, method, path] = /^(?:([A-Z]+) +)?(\S.*)$/.exec(value.trim()) ?? [];
  return path === undefined ? value : { ...(method !== undefined && { method }), path };
}

function withMethod(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'method' in value) return value;
  return ['form', 'files', 'json', 'body'].some((key) => key in value) ? { ...value, method: 'POST' } : value;
}
