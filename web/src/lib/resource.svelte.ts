// A resource: something asked of the API, with its waiting, its failure and its value; asked again when what `load` reads changes.
import { ApiError } from './api.ts';

export interface Resource<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;           // also while it is asked again
  reload(): void;
}

// In a component. `load` may give undefined for "nothing to ask". With `every_ms` it is asked again while the page is looked at.
export function resource<T>(load: (signal: AbortSignal) => Promise<T> | undefined, options: { every_ms?: number } = {}): Resource<T> {
  let value = $state.raw<T>();
  let error = $state.raw<ApiError>();
  let loading = $state(true);
  let again = $state(0);
  $effect(() => {
    void again;
    const control = new AbortController();
    const asked = load(control.signal);
    if (!asked) {
      value = undefined;
      error = undefined;
      loading = false;
      return;
    }
    loading = true;
    asked.then(
      (got) => {
        if (control.signal.aborted) return;
        value = got;
        error = undefined;
        loading = false;
      },
      (problem) => {
        if (control.signal.aborted) return;
        error = problem instanceof ApiError ? problem : new ApiError(0, 'page', String(problem));
        loading = false;
      },
    );
    return () => control.abort();
  });
  $effect(() => {
    if (!options.every_ms) return;
    const timer = setInterval(() => { if (!document.hidden && !loading) again += 1; }, options.every_ms);
    return () => clearInterval(timer);
  });
  return {
    get value() { return value; },
    get error() { return error; },
    get loading() { return loading; },
    reload: () => void (again += 1),
  };
}
