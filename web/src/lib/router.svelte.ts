// Where the page is: the path of the address, and going from one to another without loading anything again.
function parsed() {
  const segments = location.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  return { view: segments[0] ?? 'overview', rest: segments.slice(1), query: Object.fromEntries(new URLSearchParams(location.search)) as Record<string, string> };
}

let now = $state.raw(parsed());
let visits = $state(0);                // grows with every going, so that the new heading gets the focus
export const here = {
  get view() { return now.view; },
  get rest() { return now.rest; },
  get query() { return now.query; },
  get visits() { return visits; },
};

export function go(target: string, options: { replace?: boolean; stay?: boolean } = {}) {
  if (target === location.pathname + location.search) return;
  history[options.replace ? 'replaceState' : 'pushState'](null, '', target);
  now = parsed();
  if (!options.stay) visits += 1;
}

// For the query of the address: what was chosen stays when it is loaded again or sent to somebody.
export function remember(query: Record<string, string | number | boolean | undefined>) {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '' && value !== false) kept.set(name, String(value));
  go(location.pathname + (kept.size ? '?' + kept : ''), { replace: true, stay: true });
}

export const link = (...segments: string[]) => '/' + segments.map(encodeURIComponent).join('/');

addEventListener('popstate', () => {
  now = parsed();
  visits += 1;
});
addEventListener('click', (event) => {
  const anchor = (event.target as Element | null)?.closest?.('a');
  if (!anchor || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (anchor.target || anchor.hasAttribute('download') || anchor.origin !== location.origin || anchor.pathname.startsWith('/v1/') || anchor.getAttribute('href')?.startsWith('#')) return;
  event.preventDefault();
  go(anchor.pathname + anchor.search);
});
