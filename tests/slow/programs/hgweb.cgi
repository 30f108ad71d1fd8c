#!/usr/bin/python3
# Mercurial's hgweb, as its example has it; the repositories lie beside the folder of scripts.
from mercurial import demandimport

demandimport.enable()
from mercurial.hgweb import hgweb, wsgicgi

wsgicgi.launch(hgweb(b"../hgweb.config"))
