// An act: something sent that changes the service; knows whether it is under way and how it failed.
import { ApiError } from './api.ts';

export function act<A extends unknown[], R>(send: (...given: A) => Promise<R>) {
  let busy = $state(false), error = $state.raw<ApiError>();
  return {
    get busy() { return busy; },
    get error() { return error; },
    clear() { error = undefined; },
    async run(...given: A): Promise<R | undefined> {
      busy = true;
      error = undefined;
      try {
        return await send(...given);
      } catch (problem) {
        error = problem instanceof ApiError ? problem : new ApiError(0, 'page', String(problem));
        return undefined;
      } finally {
        busy = false;
      }
    },
  };
}
