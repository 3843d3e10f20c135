// Who looks at the page, and what the service can do.
import { ApiError, get, post, useCsrf, whenUnauthorized } from './api.ts';
import type { Role, Session } from './types.ts';

let session = $state.raw<Session>();
let error = $state.raw<ApiError>();
let paths = $state.raw<Set<string>>(new Set());
let is_expired = $state(false);
const ranks: Role[] = ['none', 'read', 'write', 'admin'];

export const me = {
  get session() { return session; },
  get error() { return error; },
  get is_expired() { return is_expired; },
  can(role: Role) { return session !== undefined && ranks.indexOf(session.role) >= ranks.indexOf(role); },
  // Has the service this path: GET /v1/openapi.json names it.
  get is_told() { return paths.size > 0; },
  has(pattern: string) { return paths.has(pattern); },
};

function take(got: Session) {
  session = got;
  useCsrf(got.csrf ?? '');
}

export async function load() {
  try {
    take(await get<Session>('/v1/session'));
    error = undefined;
  } catch (problem) {
    error = problem instanceof ApiError ? problem : new ApiError(0, 'page', String(problem));
    return;
  }
  get<{ paths: Record<string, unknown> }>('/v1/openapi.json').then((document) => void (paths = new Set(Object.keys(document.paths))), () => {});
}

export async function logIn(name: string, password: string) {
  take(await post<Session>('/v1/login', { name, password }));
  is_expired = false;
}

export async function logOut() {
  await post('/v1/logout', {});
  useCsrf('');
  await load();
}

whenUnauthorized(() => {
  if (session?.by !== 'session') return;
  is_expired = true;
  session = { name: '', role: 'none', by: 'nobody' };
});
