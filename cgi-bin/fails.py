#!/usr/bin/env python3
# It fails on purpose: nobody has voted, so the average divides by zero before any header is written.
# Python reports that on standard error; open the page to see what the server makes of it.
votes = []

average = sum(votes) / len(votes)

print("Content-Type: text/plain")
print()
print(f"The average is {average}.")
