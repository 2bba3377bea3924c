/**
 * What becomes of open calls when the process is told to go.
 *
 * @module
 */

/**
 * Closes at the first signal, and then lets it do what it does without a listener.
 *
 * @returns What takes that back.
 */
export function closeOnSignals(
  signals: readonly NodeJS.Signals[],
  close: () => Promise<void>,
): () => void {
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      void close().finally(() => {
        process.removeListener(signal, listener);
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      });
    };
    process.once(signal, listener);
    return (): void => {
      process.removeListener(signal, listener);
    };
  });
  return () => {
    for (const remove of listeners) remove();
  };
}
