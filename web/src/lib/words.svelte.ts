// The words of the page in the language chosen, and numbers and times as that language writes them.
import { en, type Words } from './en.ts';
import { zh } from './zh.ts';

export const languages = { en, zh };
export type Language = keyof typeof languages;

function kept(): Language {
  const chosen = localStorage.getItem('attune.language');
  if (chosen === 'en' || chosen === 'zh') return chosen;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

let chosen = $state<Language>(kept());
const locale = () => (chosen === 'zh' ? 'zh-CN' : 'en-GB');

export const ui = {
  get language() { return chosen; },
  set language(next: Language) {
    chosen = next;
    localStorage.setItem('attune.language', next);
  },
  get words(): Words { return languages[chosen]; },

  number: (n: number, digits = 0) => n.toLocaleString(locale(), { maximumFractionDigits: digits }),
  score: (n: number) => n.toLocaleString(locale(), { minimumFractionDigits: 3, maximumFractionDigits: 3 }).replace('-', '\u2212'),
  signed: (n: number, digits = 3) => (n < 0 ? '\u2212' : '+') + Math.abs(n).toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  percent: (n: number, digits = 0) => n.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: digits }),
  // Three figures that count.
  figure: (n: number) => n.toLocaleString(locale(), { maximumSignificantDigits: 3 }),
  time: (ms: number) => new Date(ms).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' }),
  date: (ms: number) => new Date(ms).toLocaleDateString(locale(), { dateStyle: 'medium' }),
  clock: (ms: number, seconds = false) => new Date(ms).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }),
  bytes: (n: number) => {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (n >= 1000 && unit < units.length - 1) { n /= 1024; unit += 1; }
    return `${n.toLocaleString(locale(), { maximumSignificantDigits: 3 })} ${units[unit]}`;
  },
  milliseconds: (ms: number) => (ms >= 1000 ? `${(ms / 1000).toLocaleString(locale(), { maximumSignificantDigits: 3 })} s` : `${ms.toLocaleString(locale(), { maximumSignificantDigits: 2 })} ms`),
};

// A snapshot's name says when it was sealed: 2026-03-01T10-20-30-123Z.
export function sealed_ms(snapshot: string): number | undefined {
  const at = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)/.exec(snapshot);
  return at ? Date.parse(`${at[1]}T${at[2]}:${at[3]}:${at[4]}Z`) : undefined;
}
