// What was looked up a moment ago, for what every request asks: under load many requests share one look, and a person who has
// just changed something does not notice.

export interface Momentary<Value> {
  /** What `look` gives, or gave for this key a moment ago. That there was nothing is not remembered. */
  of(key: string, look: () => Value | undefined): Value | undefined;
  forget(): void;
}

interface Seen<Value> {
  readonly value: Value;
  /** Milliseconds that only go forward. */
  readonly lookedAt: number;
}

const FRESH_FOR_MS = 100;

/** Keeps one entry for each key: for keys that the site bounds. */
export function momentary<Value>(): Momentary<Value> {
  const seen = new Map<string, Seen<Value>>();
  return {
    of: (key, look) => {
      const before = seen.get(key);
      const lookedAt = performance.now();
      if (before !== undefined && lookedAt - before.lookedAt < FRESH_FOR_MS) return before.value;
      const value = look();
      if (value !== undefined) seen.set(key, { value, lookedAt });
      return value;
    },
    forget: () => seen.clear(),
  };
}
