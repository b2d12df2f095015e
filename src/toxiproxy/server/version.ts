/** The Toxiproxy release whose behaviour this server has. */
export const TOXIPROXY_VERSION = "2.13.0";
