// The findings for programs, as report.schema.json says. Pure.
import { textOfBytes } from '../config/byte-string.ts';
import type { Examination } from './examine.ts';
import { relativeTo } from './finding.ts';
import { dependencies } from './packages.ts';
import { countsOf } from './report.ts';

/** One JSON document with its line end. Files are relative to `root` where they lie in it; no line is null. */
export function reportJson(examination: Examination, accepted: number): string {
  const { root, scripts, findings, unanswered, isCut, ranOpen } = examination;
  const { modules, packages } = dependencies(examination);
  const report = {
    version: 1,
    root: textOfBytes(root),
    scripts,
    counts: countsOf(findings),
    accepted,
    findings: findings.map(({ id, severity, title, why, mend, places }) => ({
      id,
      severity,
      title,
      why,
      mend,
      places: places.map(({ file, line = null }) => ({ file: textOfBytes(relativeTo(file, root)), line })),
    })),
    dependencies: {
      modules: modules.map(({ language, module, debianPackage }) => ({
        language,
        module: textOfBytes(module),
        package: debianPackage?.name ?? null,
        isCertain: debianPackage?.source === 'listed',
      })),
      extraPackages: packages.join(' '),
    },
    unanswered,
    isCut,
    ranOpen,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
