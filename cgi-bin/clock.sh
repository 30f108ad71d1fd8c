#!/bin/sh
# A stream: what a script has written reaches the browser at once, while the script goes on.
# Close the page, and this script is ended with it.

cat <<'END'
Content-Type: text/html; charset=utf-8
Cache-Control: no-store

<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A clock</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="page">
<p><a href="/">All examples</a></p>
<h1>A clock</h1>
<p>One line a second, for ten seconds, in one answer.</p>
<ol class="ticks">
END

tick=1
while [ "$tick" -le 10 ]; do
	printf '<li>%s</li>\n' "$(date -u '+%H:%M:%S UTC')"
	[ "$tick" -lt 10 ] && sleep 1
	tick=$((tick + 1))
done

cat <<'END'
</ol>
<p>That was all. <a href="/cgi-bin/clock.sh">Once more?</a></p>
</main>
</body>
</html>
END
