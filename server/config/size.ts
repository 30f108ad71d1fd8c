// Sizes of the configuration: a number of bytes, or a number with kb, mb or gb (powers of 1024).
import { z } from 'zod';

const UNITS = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;
const SIZE = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|)$/i;
const NOT_A_SIZE = 'must be a size: a number of bytes, or a number with kb, mb or gb, for example 64kb';

/** A size in bytes, written as a number or as text such as "64kb". */
export const Size = z
  .union([z.int(NOT_A_SIZE), z.string().regex(SIZE, NOT_A_SIZE)], { error: NOT_A_SIZE })
  .transform((written) => (typeof written === 'number' ? written : bytesOf(written)))
  .refine((bytes) => bytes >= 1 && Number.isSafeInteger(bytes), NOT_A_SIZE)
  .describe('A number of bytes, or a number with kb, mb or gb.');

function bytesOf(written: string): number {
  const [, digits = '0', unit = ''] = SIZE.exec(written) ?? [];
  return Math.round(Number(digits) * UNITS[unit.toLowerCase() as keyof typeof UNITS]);
}
