// Texts of items that the page has seen, so that names need not stand alone; those it has not are asked for once.
import { SvelteMap } from 'svelte/reactivity';
import { get, path } from './api.ts';
import type { Item } from './types.ts';

const texts = new SvelteMap<string, string>();
const asked = new Set<string>();

export function learn(items: Iterable<{ item: string; text: string }>) {
  for (const { item, text } of items) if (text && texts.get(item) !== text) texts.set(item, text);
}

// The name itself until the text is known, and when there is none.
export function textOf(item: string): string {
  const text = texts.get(item);
  if (text !== undefined) return text;
  if (!asked.has(item)) {
    asked.add(item);
    get<Item>(path('items', item)).then((found) => texts.set(item, found.text || item), () => {});
  }
  return item;
}
