// `site.deny`: globs of URL paths that are never served.
// Promises: a folder that is denied denies all below it, in any spelling of letters; "/data/**" denies "/data" too.
import picomatch from 'picomatch';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { ScriptPlace } from './resource.ts';

export interface DenyGlobs {
  /** The URL path of these names, or that of a folder above, is denied. */
  deniesPath(segments: readonly ByteString[]): boolean;
  /** The script's URL is denied with its PATH_INFO: to the reader of a glob it is one URL. */
  deniesPathInfo(place: ScriptPlace): boolean;
}

export function createDenyGlobs(patterns: readonly string[]): DenyGlobs {
  // Flags: "i", a disk may have no case; "s", a name may hold a line end.
  const globs = patterns.map((pattern) => picomatch(bytesOfText(pattern), { dot: true, flags: 'is' }));
  const denies = (url: ByteString): boolean => globs.some((matches) => matches(url));

  return {
    deniesPath(segments) {
      if (globs.length === 0) return false;
      if (denies('/')) return true;
      let url = '';
      for (const name of segments) {
        url += `/${name}`;
        if (denies(url) || denies(`${url}/`)) return true;
      }
      return false;
    },
    deniesPathInfo: ({ scriptName, pathInfo }) => {
      const url = scriptName + pathInfo;
      return denies(url) || denies(url.replace(/\/+/g, '/'));
    },
  };
}
