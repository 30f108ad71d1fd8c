// Ways into a schema and into a value, for "did you mean": the same for a configuration and for a smoke plan.
import { z } from 'zod';

/** The keys that may stand at a path below a schema; none where it is no mapping with keys of its own. */
export function schemaKeysAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const at = path.reduce<unknown>((above, step) => below(insideOf(above), step), schema);
  const inside = insideOf(at);
  return inside instanceof z.ZodObject ? Object.keys(inside.shape) : [];
}

/** Absent where the path leads nowhere; what an object inherits is no part of it. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => (hasOwn(at, step) ? at[step] : undefined), value);
}

export function hasOwn(value: unknown, step: PropertyKey): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step);
}

function insideOf(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return insideOf(schema.out);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return insideOf(schema.unwrap());
  return schema;
}

function below(schema: unknown, step: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)];
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}
