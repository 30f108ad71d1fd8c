#!/usr/bin/python3
# A WSGI program through the standard library: the write callable, a repeated field, a length.
from wsgiref.handlers import CGIHandler
from wsgiref.util import application_uri, request_uri


def application(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if environ.get("PATH_INFO") == "/file":
        start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", "5")])
        return [b"\0\r\n\xff5"]
    write = start_response("200 Fine", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    write(b"written\n")
    told = [request_uri(environ), application_uri(environ), repr(environ.get("PATH_INFO")), environ["wsgi.url_scheme"]]
    return [" ".join(told).encode("latin1"), b" ", body]


CGIHandler().run(application)
