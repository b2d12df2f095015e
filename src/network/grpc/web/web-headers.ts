/** The one content type this node answers in: binary frames. */
export const WEB_CONTENT_TYPE = "application/grpc-web+proto";

/** Any page may call; the same as the proxy in front of a real node allows. */
export const CORS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "grpc-status,grpc-message,grpc-status-details-bin",
};

export const RESPONSE_HEADERS: Readonly<Record<string, string>> = {
  ...CORS,
  "content-type": WEB_CONTENT_TYPE,
};

/** The answer to a preflight. Two hours is the most that Chromium keeps one. */
export const PREFLIGHT: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "POST, OPTIONS",
  "access-control-allow-headers":
    "authorization,content-type,grpc-timeout,x-app-version,x-grpc-web,x-libxmtp-version,x-user-agent",
  "access-control-max-age": "7200",
};
