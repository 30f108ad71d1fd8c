#!/usr/bin/env python3
# Everything a script is told: its meta-variables (RFC 3875, section 4.1), and the few variables a process needs.
# A public server must not show this: it is here for learning.
import html
import os
import sys

REQUEST = ("AUTH_", "CONTENT_", "DOCUMENT_", "GATEWAY_", "HTTPS", "PATH_", "QUERY_", "REDIRECT_", "REMOTE_", "REQUEST_",
           "SCRIPT_", "SERVER_", "UNIQUE_")


def group(title, names):
    rows = "\n".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(os.environ[name])}</td></tr>' for name in names
    )
    return f"<h2>{title}</h2>\n<table>\n{rows}\n</table>"


names = sorted(os.environ)
header = [name for name in names if name.startswith("HTTP_")]
request = [name for name in names if name.startswith(REQUEST)]
process = [name for name in names if name not in header and name not in request]

sys.stdout.reconfigure(encoding="utf-8", errors="replace")
print(f"""Content-Type: text/html; charset=utf-8
Cache-Control: no-store

<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The environment</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="page">
<p><a href="/">All examples</a></p>
<h1>The environment</h1>
<p>Nothing of the server's own environment reaches a script unless the configuration says so.</p>
{group("The request", request)}
{group("Your browser's header", header)}
{group("The process", process)}
</main>
</body>
</html>""")
