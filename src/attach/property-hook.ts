/**
 * Puts something else in place of a property of somebody else's object, so that it can be taken
 * away again without a trace.
 *
 * @module
 */

/**
 * Replaces a property by what `make` returns for its present value.
 *
 * @returns What puts everything back as it was, unless the property has been replaced again since:
 * then it does nothing, and the replacement must keep out of the way on its own. `undefined` if the
 * property cannot be replaced; nothing has changed then.
 */
export function replaceProperty(
  target: object,
  name: string,
  make: (present: unknown) => unknown,
): (() => void) | undefined {
  const present: unknown = Reflect.get(target, name);
  const own = Reflect.getOwnPropertyDescriptor(target, name);
  const replacement = make(present);
  if (isAccessor(target, name)) {
    if (!Reflect.set(target, name, replacement)) return undefined;
    return () => {
      if (Reflect.get(target, name) === replacement) Reflect.set(target, name, present);
    };
  }
  const descriptor = {
    value: replacement,
    writable: true,
    configurable: own?.configurable ?? true,
    enumerable: own?.enumerable ?? false,
  };
  if (own?.writable === false || !Reflect.defineProperty(target, name, descriptor)) {
    return undefined;
  }
  return () => {
    if (Reflect.getOwnPropertyDescriptor(target, name)?.value !== replacement) return;
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Reflect.defineProperty(target, name, own);
  };
}

/** Whether a property, own or inherited, is a pair of functions. */
function isAccessor(target: object, name: string): boolean {
  for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(at, name);
    if (descriptor !== undefined) return descriptor.set !== undefined;
  }
  return false;
}
