// Figures and words as people read them.

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '…';
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/** Of a mail in a list, which names the first recipients only. */
export function recipients({ to, envelope, recipients: all }) {
  const more = all - envelope.to.length;
  return to || envelope.to.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export function clock(at) {
  return new Date(at).toLocaleTimeString(undefined, { hour12: false });
}

export function dateAndTime(at) {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium', hour12: false });
}

/** good, moved, refused, failed or running: the colour of a status. */
export function statusKind({ status, cause, isFinished }) {
  if (status === 0) return isFinished ? 'failed' : 'running';
  if (cause !== null || status >= 500) return 'failed';
  if (status >= 400) return 'refused';
  return status >= 300 ? 'moved' : 'good';
}

export function statusText({ status, isFinished }) {
  if (status > 0) return String(status);
  return isFinished ? '–' : '…';
}

const MEANINGS = {
  script: 'script',
  file: 'file',
  directory: 'folder listing',
  movedTo: 'redirect to the folder',
  absent: 'nothing there',
  refused: 'not served',
  server: 'the server itself',
};

/** What a URL meant, in words. */
export function meaning(resource) {
  return MEANINGS[resource] ?? resource;
}

export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
