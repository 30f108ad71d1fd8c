// `site.deny`: globs of URL paths that are never served.
// Promises: a folder that is denied denies all below it, in any spelling of letters; "/data/**" denies "/data" too.
import picomatch from 'picomatch';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { ScriptPlace } from './resource.ts';

// A glob with two "**" takes quadratic time and more (24 s for 60 kB of "/a"). What no sane URL reaches is denied unread.
const MAX_BYTES = 4096;
const MAX_SEGMENTS = 128;

export interface DenyGlobs {
  /** The URL path of these names, or that of a folder above, is denied. */
  deniesPath(segments: readonly ByteString[]): boolean;
  /** The script's URL is denied with its PATH_INFO: to the reader of a glob it is one URL. */
  deniesPathInfo(place: ScriptPlace): boolean;
}

export function createDenyGlobs(patterns: readonly string[]): DenyGlobs {
  const globs = patterns.map(globOf);
  const denies = (url: ByteString): boolean => globs.some((matches) => matches(url));

  return {
    deniesPath(segments) {
      if (globs.length === 0) return false;
      if (segments.length > MAX_SEGMENTS || denies('/')) return true;
      let url = '';
      for (const name of segments) {
        url += `/${name}`;
        if (denies(url) || denies(`${url}/`)) return true;
      }
      return false;
    },
    deniesPathInfo: ({ scriptName, pathInfo }) => {
      if (globs.length === 0) return false;
      const url = scriptName + pathInfo;
      if (url.length > MAX_BYTES || url.split('/').length > MAX_SEGMENTS) return true;
      return denies(url) || denies(url.replace(/\/+/g, '/'));
    },
  };
}

function globOf(pattern: string): (url: ByteString) => boolean {
  if (pattern === '/' || pattern === '/**') return () => true;
  // Both without the slash they begin with: "/**/*.dat" would not match "/a.dat" otherwise.
  // Flags: "i", a disk may have no case; "s", a name may hold a line end.
  const matches = picomatch(bytesOfText(pattern.slice(1)), { dot: true, nonegate: true, flags: 'is' });
  return (url) => url !== '/' && matches(url.slice(1));
}
