/** The Toxiproxy release whose behavior this server has. */
export const TOXIPROXY_VERSION = "2.13.0";
