// Messages of python3: the rows of the table that belong to it, worded as Python 3.11 and 3.13 write them.
import type { Evidence } from './cause.ts';
import { pythonPackage } from './debian-lists.ts';
import { REMOVED_PYTHON_MODULES, RENAMED_PYTHON_MODULES } from './debian-packages.ts';
import { ENCODING_MENDS } from './python-encoding.ts';
import { EMAIL_MODULES, emailMend, PYTHON2_ATTRIBUTES } from './python2-names.ts';
import { configuration, install, type Refinement, type StderrPattern, said } from './refinement.ts';
import { shellQuote } from './shell-quote.ts';
import { sourcePlace } from './source-place.ts';
import { PYTHON_CHECK, PYTHON2, PYTHON2_PATTERNS, RUN_PYTHON2 } from './stderr-python2.ts';

export const PYTHON_PATTERNS: readonly StderrPattern[] = [
  {
    // The script's own folder comes first: a script called cgi.py, or one beside it, is what `import cgi` finds.
    id: 'pythonModuleHidden',
    pattern:
      /^(?:ModuleNotFoundError: No module named '[\w.]{1,200}'; '([\w.]{1,200})' is not a package|AttributeError: (?:partially initialized )?module '([\w.]{1,200})' has no attribute '\w{1,100}' \((?:most likely due to a circular|consider renaming))/m,
    refine: ([, parent, self], evidence) => moduleHidden(parent ?? self ?? '', evidence),
  },
  {
    id: 'pythonModuleMissing',
    pattern: /^(?:ModuleNotFoundError|ImportError): No module named '?([\w.]{1,200})'?/m,
    refine: ([, module = ''], evidence) => moduleMissing(module, evidence),
  },
  {
    id: 'pythonNameMoved',
    pattern: /^ImportError: cannot import name '(\w{1,100})' from '([\w.]{1,200})'/m,
    refine: (groups) => ({
      title: `${said(groups, 2)} has no ${said(groups, 1)}`,
      why: `The module ${said(groups, 2)} is here, but it does not offer the name ${said(groups, 1)}: Python 3 moved it, or a file of the site has the same name as the module.`,
      mend: movedMend(said(groups, 2), said(groups, 1)),
    }),
  },
  ...PYTHON2_PATTERNS,
  {
    id: 'pythonSourceEncoding',
    pattern: /^SyntaxError: Non-UTF-8 code starting with '(\\x\w\w)' in file/m,
    refine: (groups, evidence) => ({
      title: 'The source is not in UTF-8, and does not say in which encoding it is',
      why: `Python reads source as UTF-8 and met the byte ${said(groups, 1)}. A comment on line 1 or 2 names the encoding the file is really in: mostly that of the page, in Western Europe ISO-8859-1.`,
      mend: encodingMend('pythonSourceEncoding', evidence),
    }),
  },
  {
    id: 'pythonSourceEncodingWrong',
    pattern:
      /^SyntaxError: (?:\(unicode error\) 'utf-8' codec can't decode byte|encoding problem: |unknown encoding: |'[\w-]{1,40}' codec can't decode byte)/m,
    refine: (_groups, evidence) => ({
      title: 'The source is not in the encoding that Python takes it for',
      why: 'That is what the comment "coding:" on line 1 or 2 names, else UTF-8. It has to name, in a word that Python knows, the encoding the file is really in: mostly that of the page, in Western Europe ISO-8859-1.',
      mend: encodingMend('pythonSourceEncodingWrong', evidence),
    }),
  },
  {
    id: 'pythonTabs',
    pattern: /^(TabError|IndentationError): ([^\n]{1,120})/m,
    refine: (groups, evidence) => ({
      title: 'The indentation of the script is not lawful Python',
      why: `Python says: ${said(groups, 2)}. Python 2 took a tab for eight columns; Python 3 refuses a block that mixes tabs and spaces.`,
      mend: [
        `expand -t 8 ${shellQuote(evidence.scriptFile)} > /tmp/expanded && cat /tmp/expanded > ${shellQuote(evidence.scriptFile)}`,
        PYTHON_CHECK(evidence),
      ],
    }),
  },
  {
    id: 'unicodeEncode',
    pattern: /^UnicodeEncodeError: '([\w-]{1,40})' codec can't encode/m,
    refine: (groups) => ({
      title: `The script printed a character that ${said(groups, 1)} does not have`,
      why: 'Python writes its output in the encoding of the locale, and the script printed something that does not exist there. Say which encoding the output is to have, and say the same in the Content-Type.',
      mend: [configuration('cgi:', '  environment:', '    PYTHONIOENCODING: utf-8')],
    }),
  },
  {
    id: 'unicodeDecode',
    pattern: /^UnicodeDecodeError: '([\w-]{1,40})' codec can't decode byte (0x\w\w)/m,
    refine: (groups) => ({
      title: `The script read bytes that are not ${said(groups, 1)}`,
      why: `A file or a form holds the byte ${said(groups, 2)}, and Python was to read it as ${said(groups, 1)}. Old data mostly is in ISO-8859-1: say so where it is opened.`,
      mend: [`open(name, encoding='iso-8859-1')`],
    }),
  },
  {
    id: 'pythonBytesOutput',
    pattern: /^TypeError: (?:write\(\) argument must be str, not bytes|a bytes-like object is required, not 'str')/m,
    refine: () => ({
      title: 'The script mixes bytes and text',
      why: 'Python 3 keeps bytes and text apart, Python 2 did not. Bytes are written to, and read from, the buffer below sys.stdout and sys.stdin.',
      mend: ['sys.stdout.buffer.write(data)'],
    }),
  },
  {
    id: 'pythonMemory',
    pattern: /^MemoryError/m,
    refine: () => ({
      title: 'The script ran out of memory',
      why: 'Python could get no more memory: the limit limits.memoryBytes, the container or the machine stopped it.',
      mend: [configuration('limits:', '  memoryBytes: null')],
    }),
  },
  {
    id: 'pythonSyntax',
    pattern: /^(SyntaxError: [^\n]{1,200})/m,
    refine: (groups, evidence) => ({
      title: 'Python cannot read the script: a syntax error',
      why: `python3 says: ${said(groups, 1)}.`,
      mend: [PYTHON_CHECK(evidence)],
    }),
  },
];

function encodingMend(id: string, evidence: Evidence): readonly string[] {
  const { file } = sourcePlace(evidence) ?? { file: evidence.scriptFile };
  return ENCODING_MENDS[id]?.(shellQuote(file), evidence.sourceEncoding) ?? [];
}

function movedMend(module: string, name: string): readonly string[] {
  if (module === 'urllib') {
    const place = /^(?:urlopen|urlretrieve|Request|build_opener)$/.test(name) ? 'urllib.request' : 'urllib.parse';
    return [`from ${place} import ${name}`];
  }
  const email = EMAIL_MODULES[`${module}.${name}`];
  if (email !== undefined) return [`import ${email} as ${name}`];
  const line = PYTHON2_ATTRIBUTES[`${module}.${name}`];
  return line === undefined ? [] : [line];
}

function moduleHidden(module: string, evidence: Evidence): Refinement {
  const file = `${evidence.scriptFile.replace(/[^/]*$/, '')}${module}.py`;
  return {
    title: `A file called ${module}.py hides Python's module ${module}`,
    why: `Python looks into the script's own folder first, so "import ${module}" finds that file and not the module of the same name. The file has to get another name, and so have the links to it.`,
    mend: [`ls -l ${shellQuote(file)}`, `mv ${shellQuote(file)} ${shellQuote(file.replace(/\.py$/, '-page.py'))}`],
  };
}

function moduleMissing(module: string, evidence: Evidence): Refinement {
  const removed = REMOVED_PYTHON_MODULES[module.split('.')[0] ?? ''];
  const renamed = RENAMED_PYTHON_MODULES[module];
  const file = shellQuote(sourcePlace(evidence)?.file ?? evidence.scriptFile);
  if (removed) return removedModule(module, removed, evidence);
  if (renamed) {
    return {
      title: `The script is written in Python 2: there is no module ${module} any more`,
      why: `${PYTHON2} What ${module} held is in ${renamed} there.`,
      mend: [
        EMAIL_MODULES[module] === undefined ? `grep -n ${module} ${file}` : emailMend(file),
        RUN_PYTHON2(evidence),
      ],
    };
  }
  if (module.includes('.')) return submoduleMissing(module);
  const { name, source } = pythonPackage(module);
  return {
    title: `The Python module ${module} is not installed`,
    why: `The script imports ${module}, and python3 found it in none of its folders. Debian's package ${source === 'guess' ? 'would be called' : 'for it is'} ${name}; a module that came with the site must lie beside the script or in a folder of PYTHONPATH.`,
    mend: [source === 'guess' ? `apt-cache policy ${shellQuote(name)}   # perhaps` : install(name)],
  };
}

/** Python names the first part that it does not find: what stands before it is here. */
function submoduleMissing(module: string): Refinement {
  const [, parent = '', name = ''] = /^(.*)\.(.*)$/.exec(module) ?? [];
  return {
    title: `The Python package ${parent} has no module ${name}`,
    why: `python3 found ${parent}, and nothing called ${name} in it. Perhaps it is of another version, perhaps a folder of the site has the same name, or was not copied whole.`,
    mend: [`python3 -c 'import ${parent} as it; print(*it.__path__)'`],
  };
}

type Removed = (typeof REMOVED_PYTHON_MODULES)[string];

function removedModule(module: string, removed: Removed, evidence: Evidence): Refinement {
  const title = `The Python module ${module} left Python in version ${removed.version}`;
  const was = `The script imports ${module}, which was part of Python until then.`;
  if (removed.debianPackage === undefined) {
    return { title, why: `${was} Debian has no package that brings it back.`, mend: [RUN_PYTHON2(evidence)] };
  }
  return {
    title,
    why: `${was} Debian's package ${removed.debianPackage} brings it back.`,
    mend: [install(removed.debianPackage)],
  };
}
