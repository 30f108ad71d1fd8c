#!/usr/bin/tclsh
# Tcl's ncgi (tcllib).
package require ncgi
::ncgi::parse
::ncgi::header text/plain
foreach name [lsort [::ncgi::names]] { puts "$name=[::ncgi::value $name]" }
