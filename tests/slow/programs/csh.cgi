#!/bin/csh -f
echo "Content-type: text/plain"
echo ""
echo "query $QUERY_STRING"
set line = "$<"
echo "body $line"
