#!/bin/sh
# Three ways to send a visitor on (RFC 3875, sections 6.2.2 and 6.2.3).

here="$REQUEST_SCHEME://${HTTP_HOST:-$SERVER_NAME:$SERVER_PORT}"

case "$QUERY_STRING" in
	local) # A path: the server answers with that page itself, and the browser never learns of it.
		printf 'Location: /files/welcome.txt\n\n' ;;
	moved) # A whole address: the browser is told 302 and goes there.
		printf 'Location: %s/files/welcome.txt\n\n' "$here" ;;
	*) # A status of our own, with a text for those who do not follow.
		printf 'Status: 307 Temporary Redirect\nLocation: %s/cgi-bin/redirect.sh?moved\n' "$here"
		printf 'Content-Type: text/plain; charset=utf-8\n\nPlease go on to the next page.\n' ;;
esac
