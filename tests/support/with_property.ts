/**
 * Replaces properties of globals for a test.
 *
 * @module
 */

/** Runs a test while a property of an object has another value. */
export async function withProperty<T extends object, K extends keyof T>(
  object: T,
  key: K,
  value: T[K],
  test: () => void | Promise<void>,
): Promise<void> {
  const original = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
  Object.defineProperty(object, key, { value, configurable: true, writable: true });
  try {
    await test();
  } finally {
    Object.defineProperty(object, key, original);
  }
}
