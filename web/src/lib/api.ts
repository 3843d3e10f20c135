// The API as the page asks it: JSON in and out, every failure an ApiError with what to do.
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export class ApiError extends Error {
  constructor(
    readonly status: number,           // 0: no answer at all
    readonly code: string,             // stable: 'offline', 'unauthorized', 'unknown_item', ...
    message: string,
    readonly field = '',
    readonly fix = '',
    readonly request = '',
  ) {
    super(message);
  }
}

let csrf = '';                         // of the session, sent with every write
export const useCsrf = (token: string) => void (csrf = token);
let onUnauthorized = () => {};
export const whenUnauthorized = (act: () => void) => void (onUnauthorized = act);

export type Params = Record<string, string | number | boolean | null | undefined>;

export function path(...segments: string[]): string {
  return '/v1/' + segments.map(encodeURIComponent).join('/');
}

export async function ask<T>(method: string, target: string, options: { params?: Params; body?: unknown; signal?: AbortSignal } = {}): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.params ?? {})) if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  let answer: Response;
  try {
    answer = await fetch(target + (query.size ? '?' + query : ''), {
      method, headers, signal: options.signal, credentials: 'same-origin', body: options.body === undefined ? undefined : JSON.stringify(options.body),
    });
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === 'AbortError') throw problem;
    throw new ApiError(0, 'offline', '');
  }
  const text = await answer.text();
  let json: any = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    throw new ApiError(answer.status, 'no_json', text.slice(0, 200));
  }
  if (answer.ok) return json as T;
  if (json && typeof json === 'object' && !('error' in json)) return json as T;   // health says how it is with a 503
  const error = json?.error ?? {};
  if (answer.status === 401 && error.code === 'unauthorized') onUnauthorized();
  throw new ApiError(answer.status, error.code ?? 'unknown', error.message ?? '', error.field ?? '', error.fix ?? '', error.request ?? '');
}

export const get = <T>(target: string, params?: Params, signal?: AbortSignal) => ask<T>('GET', target, { params, signal });
export const post = <T>(target: string, body: unknown, signal?: AbortSignal) => ask<T>('POST', target, { body, signal });
export const put = <T>(target: string, body: unknown = {}) => ask<T>('PUT', target, { body });
export const remove = <T>(target: string) => ask<T>('DELETE', target);
