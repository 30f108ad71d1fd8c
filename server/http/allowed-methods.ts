// What Allow names (RFC 9110 §10.2.1).

/** Of a file, a folder or nothing at all. */
export const FILE_METHODS = 'GET, HEAD';

/** Of a script, and of the server as a whole. A script is given every other method too that Node's parser knows. */
export const SCRIPT_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
