// Light or dark: as chosen, else as the system.
export type Theme = 'system' | 'light' | 'dark';
const system = matchMedia('(prefers-color-scheme: dark)');
const kept = localStorage.getItem('attune.theme');
let chosen = $state<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system');
let is_dark = $state(false);

function show() {
  is_dark = chosen === 'dark' || (chosen === 'system' && system.matches);
  document.documentElement.dataset.theme = is_dark ? 'dark' : 'light';
}
system.addEventListener('change', show);
show();

export const theme = {
  get chosen() { return chosen; },
  set chosen(next: Theme) {
    chosen = next;
    if (next === 'system') localStorage.removeItem('attune.theme');
    else localStorage.setItem('attune.theme', next);
    show();
  },
  get is_dark() { return is_dark; },
};
