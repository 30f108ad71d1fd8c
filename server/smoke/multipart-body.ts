// A multipart/form-data body (RFC 7578) → the fields and files of a plan's request.
// Pure. One that a plan could not send again as it is (two files of one name, a field that is no UTF-8) gives undefined.
import { isUtf8 } from 'node:buffer';

export interface MultipartBody {
  readonly form: Readonly<Record<string, readonly string[]>>;
  readonly files: Readonly<Record<string, MultipartFile>>;
}

export interface MultipartFile {
  /** "": no file was chosen. */
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export function multipartOf(body: Buffer, contentType: string): MultipartBody | undefined {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  const parts = boundary === undefined ? undefined : partsOf(body.toString('latin1'), boundary);
  if (parts === undefined) return undefined;
  const form: Record<string, string[]> = {};
  const files: Record<string, MultipartFile> = {};
  for (const part of parts) {
    const read = readPart(part);
    if (read === undefined) return undefined;
    if (read.kind === 'field') form[read.name] = [...(form[read.name] ?? []), read.value];
    else if (Object.hasOwn(files, read.name)) return undefined;
    else files[read.name] = read.file;
  }
  return { form, files };
}

function partsOf(body: string, boundary: string): readonly string[] | undefined {
  const [before, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`);
  const last = parts.pop();
  if (before !== '' || last === undefined || !last.startsWith('--')) return undefined;
  return parts.every((part) => part.startsWith('\r\n')) ? parts.map((part) => part.slice(2)) : undefined;
}

type ReadPart =
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
  | { readonly kind: 'file'; readonly name: string; readonly file: MultipartFile };

function readPart(part: string): ReadPart | undefined {
  const end = part.indexOf('\r\n\r\n');
  const head = utf8(part.slice(0, Math.max(0, end)));
  const [, parameters = ''] = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head ?? '') ?? [];
  const name = parameter(parameters, 'name');
  if (end === -1 || head === undefined || name === undefined) return undefined;
  const content = part.slice(end + 4);
  const fileName = parameter(parameters, 'filename');
  const [, type] = /^content-type:\s*(\S.*?)\s*$/im.exec(head) ?? [];
  if (fileName !== undefined) {
    const file = { name: fileName, type: type ?? 'application/octet-stream', bytes: Buffer.from(content, 'latin1') };
    return { kind: 'file', name, file };
  }
  const value = utf8(content);
  return value === undefined || type !== undefined ? undefined : { kind: 'field', name, value };
}

/** As browsers write it: quotes and line ends percent-encoded, nothing else. */
function parameter(parameters: string, wanted: string): string | undefined {
  const [, value] = new RegExp(`(?:^|;)\\s*${wanted}="([^"]*)"`, 'i').exec(parameters) ?? [];
  return value?.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}

function utf8(bytes: string): string | undefined {
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString() : undefined;
}
