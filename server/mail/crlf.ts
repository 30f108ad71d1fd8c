// Line ends of hand-written clients and scripts: LF alone becomes CR LF, which alone ends a line of SMTP (RFC 5321 §2.3.8).

/** One answer however the bytes are cut: it remembers how the last chunk ended. */
export function crlfEnds(): (chunk: Buffer) => Buffer {
  let isAfterCr = false;
  return (chunk) => {
    const text = chunk.toString('latin1');
    const ended = text.replace(/(?<!\r)\n/g, '\r\n');
    const isSplit = isAfterCr && text.startsWith('\n');
    isAfterCr = text.endsWith('\r');
    return Buffer.from(isSplit ? ended.slice(1) : ended, 'latin1');
  };
}
