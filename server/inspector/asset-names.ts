// The files of the inspector's page: nothing else of the disk is ever served by it.

export const PAGE = 'app.html';

const SCRIPT = 'text/javascript; charset=utf-8';

export const ASSETS: readonly { readonly name: string; readonly type: string }[] = [
  { name: 'icon.svg', type: 'image/svg+xml' },
  ...['app.css', 'list.css', 'detail.css', 'views.css', 'narrow.css'].map((name) => ({
    name,
    type: 'text/css; charset=utf-8',
  })),
  ...[
    'app.js',
    'api.js',
    'compare-view.js',
    'copy-menu.js',
    'detail-view.js',
    'dom.js',
    'edit-view.js',
    'failure-card.js',
    'filter-bar.js',
    'format.js',
    'keys.js',
    'list-view.js',
    'mail-view.js',
    'run-view.js',
    'scripts-view.js',
    'smoke-dialog.js',
    'stream-view.js',
    'timing-bar.js',
  ].map((name) => ({ name, type: SCRIPT })),
];
