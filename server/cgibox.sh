#!/bin/sh
# The command cgibox, from any folder: npx in the project, npx /path/to/cgibox, npm link, a symbolic link on PATH.
# Takes the Node that the project brings along, where it is, else the one on PATH, and says so where that is too old.
self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
project=$(cd "${self%/*}/.." && pwd -P) || exit 3

node=$project/node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=node
  version=$(node --version 2>/dev/null)
  case $version in
    v2[4-9].* | v[3-9][0-9].*) ;;
    *)
      echo "error: cgibox needs Node 24, and this is ${version:-no Node at all}" >&2
      echo "  hint: (cd $project && npm ci) brings one along for Linux; elsewhere install Node 24" >&2
      exit 3
      ;;
  esac
fi
# The limits are those of the first line of main.ts, which says why.
exec "$node" --max-semi-space-size=4 --max-old-space-size=512 "$project/server/main.ts" "$@"
