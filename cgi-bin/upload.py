#!/usr/bin/env python3
# A file upload without the module cgi, which Python 3.13 removed: a multipart body is read by the module email,
# because both are MIME (RFC 7578). Nothing is kept: the answer names what came, and its check sum.
import hashlib
import html
import os
import sys
from email import policy
from email.parser import BytesParser

LARGEST = 10 * 1024 * 1024


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if os.environ["REQUEST_METHOD"] != "POST":
        return answer("200 OK", "<p>Choose a file of at most 10 MB.</p>")
    length = int(os.environ.get("CONTENT_LENGTH") or 0)
    if length > LARGEST:
        return answer("413 Content Too Large", "<p>That is more than 10 MB. Please choose a smaller file.</p>")
    content_type = os.environ.get("CONTENT_TYPE", "")
    if not content_type.startswith("multipart/form-data"):
        return answer("415 Unsupported Media Type", "<p>Please send the form below: it is multipart/form-data.</p>")
    body = sys.stdin.buffer.read(length)
    message = BytesParser(policy=policy.HTTP).parsebytes(b"Content-Type: " + os.fsencode(content_type) + b"\r\n\r\n" + body)
    files = [part for part in message.iter_parts() if part.get_filename()]
    answer("200 OK", "".join(map(described, files)) or "<p>No file came in. Choose one first.</p>")


def described(part):
    content = part.get_payload(decode=True)
    if content is None:  # A mail, or another multipart: email has taken it apart, and its bytes are gone.
        size, check_sum = "unknown", "not for a message inside the message"
    else:
        size, check_sum = f"{len(content):,} bytes", hashlib.sha256(content).hexdigest()
    rows = {"Name": part.get_filename(), "Type": part.get_content_type(), "Size": size, "SHA-256": check_sum}
    cells = "\n".join(f'<tr><th scope="row">{name}</th><td>{html.escape(value)}</td></tr>' for name, value in rows.items())
    return f"<table>\n{cells}\n</table>\n"


def answer(status, text):
    print(f"""Status: {status}
Content-Type: text/html; charset=utf-8

<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A file upload</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="page">
<p><a href="/">All examples</a></p>
<h1>A file upload</h1>
<form method="post" enctype="multipart/form-data">
<label>File <input type="file" name="file" required></label>
<button>Upload</button>
</form>
{text}
</main>
</body>
</html>""")


main()
