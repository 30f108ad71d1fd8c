// The one script of our pages: it reloads a failure page as soon as the file of the script that failed has changed.
// Allowed by its hash alone (CSP Level 3 §2.3.1), and silent where the inspector, which knows of the change, is gone.
import { createHash } from 'node:crypto';
import { escapeHtml } from './page.ts';

// Asked, not told: an open stream per page would use up the few connections that a browser makes to one address.
const SCRIPT = `(() => {
const { changes } = document.currentScript.dataset;
let seen;
const look = async () => {
  if (document.hidden) return;
  const answer = await fetch(changes).catch(() => undefined);
  if (answer?.status !== 200) return;
  const version = await answer.text();
  if (seen !== undefined && version !== seen) location.reload();
  seen = version;
};
setInterval(look, 1000);
look();
})();`;

const HASH = createHash('sha256').update(SCRIPT).digest('base64');

export interface PageScript {
  readonly html: string;
  /** What its Content-Security-Policy adds. */
  readonly policy: string;
}

/** `changesUrl` answers with another text when the file has changed. */
export function reloadOnChange(changesUrl: string): PageScript {
  return {
    html: `<script data-changes="${escapeHtml(changesUrl)}">${SCRIPT}</script>`,
    policy: `; script-src 'sha256-${HASH}'; connect-src ${new URL(changesUrl).origin}`,
  };
}
