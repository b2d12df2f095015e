/** Whether the tests run on a node that is not theirs: `XMTP_API_URL` or `XMTP_ENV` names one. */
export const elsewhere = ({ xmtpEnv, xmtpApiUrl }: { xmtpEnv: string; xmtpApiUrl: string }): boolean =>
  xmtpEnv !== "embedded" || xmtpApiUrl !== "";
