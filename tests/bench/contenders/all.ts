// Every server there is to measure, cgibox first; each answers whether it is installed.
import type { Contender } from '../contender.ts';
import type { Options } from '../options.ts';
import { apache } from './apache.ts';
import { cgibox } from './cgibox.ts';
import { httpServer } from './http-server.ts';
import { lighttpd } from './lighttpd.ts';
import { nginx } from './nginx.ts';

/** The servers that the flags ask for, installed or not. */
export function contenders({ variants, servers }: Options): readonly Contender[] {
  const all = [...variants.map(cgibox), apache(), lighttpd(), nginx(), httpServer()];
  if (servers === undefined) return all;
  return all.filter((contender) => servers.some((word) => contender.name.toLowerCase().startsWith(word)));
}
