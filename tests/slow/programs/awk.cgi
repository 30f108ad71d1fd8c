#!/usr/bin/awk -f
# awk as the #! line wants it: the switch, then the script; the body line by line.
BEGIN {
  print "Content-type: text/plain\n"
  n = split(ENVIRON["QUERY_STRING"], pairs, "&")
  for (i = 1; i <= n; i++) print i, pairs[i]
  while ((getline line) > 0) print "body: " line
}
