#!/usr/bin/python3
# Flask through wsgiref: routes, an upload, a redirect, a failure of its own.
from wsgiref.handlers import CGIHandler

from flask import Flask, redirect, request, url_for

app = Flask(__name__)


@app.route("/")
def index():
    return "index " + url_for("hello", name="you")


@app.route("/hello/<name>", methods=["GET", "POST"])
def hello(name):
    file = request.files.get("file")
    upload = file and (file.filename, len(file.read()))
    return f"hello {name} {sorted(request.values.items())} {upload} {request.script_root} {request.url}"


@app.route("/away")
def away():
    return redirect(url_for("hello", name="there"))


@app.route("/fails")
def fails():
    raise RuntimeError("on purpose")


CGIHandler().run(app)
