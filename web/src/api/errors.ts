/** A failed request in words a person can act on; `status` is 0 when no server answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  /** The run that waits for a person, where that is the trouble. */
  readonly waiting: string | null;

  constructor(message: string, status: number, code: string | null = null, waiting: string | null = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.waiting = waiting;
  }

  get needsKey(): boolean {
    return this.status === 401;
  }
}

interface ErrorBody {
  message?: unknown;
  code?: unknown;
}

/** Read the server's error object, `{error: {message, code}}`; null when it is not one. */
export function errorIn(body: unknown, status: number): ApiError | null {
  if (typeof body !== "object" || body === null || !("error" in body)) return null;
  const error = body.error as ErrorBody | null;
  if (typeof error !== "object" || error === null) return null;
  const message = typeof error.message === "string" ? error.message : "The server failed.";
  const code = typeof error.code === "string" ? error.code : null;
  return new ApiError(message, status, code, code === "approval" ? runIn(body) : null);
}

function runIn(body: object): string | null {
  const about = "motet" in body ? (body.motet as { run?: unknown } | null) : null;
  return typeof about?.run === "string" ? about.run : null;
}

/** The error of a response that is not OK, whatever its body. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  return (
    errorIn(body, response.status) ??
    new ApiError(`The server answered ${response.status} ${response.statusText}`.trim(), response.status)
  );
}

/** Whether this is the end of a request that the page itself stopped. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** What to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
