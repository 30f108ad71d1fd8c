// The language of the scripts under measurement: the same under every server.

/**
 * What every script finds in LANG, as in the image of cgibox: perl alone takes 0.2 ms longer where it has a locale to load.
 * The servers are started with it, and some have to be told to hand it on.
 */
export const SCRIPT_LANG = 'C.UTF-8';
