// Messages of ruby and tclsh, which not every machine has, as Ruby 3.1 and 3.3 and Tcl 8.6 write them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourcePlace } from '../../server/diagnosis/source-place.ts';
import { refinementOf } from '../../server/diagnosis/stderr-patterns.ts';

const told = (stderr: string) => ({
  scriptFile: '/site/cgi-bin/x.cgi',
  scriptName: '/cgi-bin/x.cgi',
  stderr,
  output: '',
});

describe('a library that ruby does not find', () => {
  const ruby = (name: string) =>
    told(
      `<internal:/usr/lib/ruby/3.3.0/rubygems/core_ext/kernel_require.rb>:136:in \`require': cannot load such file -- ${name} (LoadError)\n\tfrom /site/cgi-bin/x.cgi:2:in \`<main>'\n`,
    );

  it('is named, with where Debian and gem have it', () => {
    const found = refinementOf(ruby('active_record/base'));
    assert.equal(found?.title, 'The Ruby library active_record/base is not installed');
    assert.deepEqual(found.mend, ["apt-cache search '^ruby-active'", 'gem search active_record']);
    assert.deepEqual(sourcePlace(ruby('x')), { file: '/site/cgi-bin/x.cgi', line: 2 });
  });

  it('is a file of the site where its name is a path', () => {
    const found = refinementOf(ruby('./lib/guest'));
    assert.equal(found?.title, 'Ruby does not find the file ./lib/guest');
    assert.deepEqual(found.mend, ['ls -ld /site/cgi-bin/lib']);
  });
});

describe('a package that tclsh does not find', () => {
  const tcl = (name: string) =>
    refinementOf(
      told(`can't find package ${name}\n    while executing\n"package require ${name}"\n    (file "x.cgi" line 2)\n`),
    );

  it('is named, with the package of Debian', () => {
    assert.equal(tcl('ncgi')?.title, 'The Tcl package ncgi is not installed');
    assert.deepEqual(tcl('ncgi')?.mend, ['apt-get install tcllib']);
    assert.deepEqual(tcl('struct::list 1.8')?.mend, ['apt-get install tcllib']);
    assert.deepEqual(tcl('sqlite3')?.mend, ['apt-get install libsqlite3-tcl']);
    assert.deepEqual(tcl('Nowhere')?.mend, ["apt-cache search 'tcl.*nowhere'"]);
  });
});
