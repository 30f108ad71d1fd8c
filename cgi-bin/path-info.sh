#!/bin/sh
# The rest of the path: what follows the script's name is PATH_INFO, decoded (RFC 3875, section 4.1.5).
# That is how one script can serve a whole tree of addresses.

escaped() {
	printf '%s' "$1" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g'
}

row() {
	printf '<tr><th scope="row">%s</th><td>%s</td></tr>\n' "$1" "$(escaped "$2")"
}

cat <<'END'
Content-Type: text/html; charset=utf-8

<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The rest of the path</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="page">
<p><a href="/">All examples</a></p>
<h1>The rest of the path</h1>
<table>
END

row REQUEST_URI "$REQUEST_URI"
row SCRIPT_NAME "$SCRIPT_NAME"
row PATH_INFO "${PATH_INFO-}"
row QUERY_STRING "$QUERY_STRING"

cat <<'END'
</table>
<p>Try <a href="/cgi-bin/path-info.sh/books/perl/4?page=12">/books/perl/4?page=12</a>
or <a href="/cgi-bin/path-info.sh/caf%C3%A9/%3Cmenu%3E">/caf%C3%A9/%3Cmenu%3E</a>.</p>
</main>
</body>
</html>
END
