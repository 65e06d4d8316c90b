/**
 * Objects with a planted fault.
 *
 * @module
 */

/** Returns an object as it is, but with other values of some properties. */
export function replaced<T extends object>(
  object: T,
  replacements: { readonly [K in keyof T]?: unknown },
): T {
  return new Proxy(object, {
    get(_, key) {
      if (Object.hasOwn(replacements, key)) return replacements[key as keyof T];
      const own = Reflect.get(object, key);
      return typeof own === "function" ? own.bind(object) : own;
    },
  });
}
