#!/usr/bin/make -f
# A makefile as a script.
all:
	@echo "Content-type: text/plain"
	@echo
	@echo "made for $(REQUEST_METHOD) $(QUERY_STRING)"
