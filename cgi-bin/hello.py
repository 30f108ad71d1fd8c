#!/usr/bin/env python3
# The smallest useful script: a header, an empty line, a body (RFC 3875, section 6.2.1).
import os
import time

print("Content-Type: text/plain; charset=utf-8")
print()
print("Hello from Python!\n")
print(f"It is {time.strftime('%H:%M:%S', time.gmtime())} UTC.")
print(f"I am process {os.getpid()}, and I was started for this request alone.")
print(f"You asked with {os.environ['REQUEST_METHOD']}.")
