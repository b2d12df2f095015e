/** An answer of the control API that is not a success: Toxiproxy's text and HTTP status. */
export class ApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export const badBody = (text: string): ApiError => new ApiError(`bad request body: ${text}`, 400);
export const missingField = (text: string): ApiError => new ApiError(`missing required field: ${text}`, 400);
export const proxyNotFound = (): ApiError => new ApiError("proxy not found", 404);
export const proxyExists = (): ApiError => new ApiError("proxy already exists", 409);
export const invalidStream = (): ApiError =>
  new ApiError("stream was invalid, can be either upstream or downstream", 400);
export const invalidType = (): ApiError => new ApiError("invalid toxic type", 400);
export const toxicExists = (): ApiError => new ApiError("toxic already exists", 409);
export const toxicNotFound = (): ApiError => new ApiError("toxic not found", 404);
