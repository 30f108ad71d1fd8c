#!/bin/sh
# The smallest useful script: a header, an empty line, a body (RFC 3875, section 6.2.1).
# sh is everywhere, and every printf is flushed at once.

printf 'Content-Type: text/plain; charset=utf-8\n'
printf '\n'
printf 'Hello from sh!\n\n'
printf 'It is %s UTC.\n' "$(date -u '+%H:%M:%S')"
printf 'I am process %s, and I was started for this request alone.\n' "$$"
printf 'You asked with %s.\n' "$REQUEST_METHOD"
