import { assertEquals } from "std/testing";
import { Errno, GuestMemory } from "../../../../lib/workbench/sim/wasm/wasi_abi.ts";
import { pollOneoff, type WaitLimits } from "../../../../lib/workbench/sim/wasm/wasi_poll.ts";
import { TestNode } from "./guest_node.ts";

const [STDIN, STDOUT, CLOSED] = [0, 1, 9];
const EVENTS = 1000;
const COUNT = 2000;

/** A wait for a clock, `absolute` or not, or for a descriptor. */
type Subscription =
  | { readonly clock: number; readonly ns: bigint; readonly absolute?: boolean }
  | { readonly read: number }
  | { readonly write: number };

/** A host of a program that polls. */
class Host {
  readonly test = new TestNode();
  hasInput = false;
  isStdinOpen = true;
  /** What the present wait waits for. */
  waiting: { ready: () => number | undefined; limits: WaitLimits } | undefined;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });

  poll(...subscriptions: readonly Subscription[]): number | Promise<number> {
    const view = new DataView(this.#memory.buffer);
    new Uint8Array(this.#memory.buffer).fill(0x55, EVENTS, COUNT + 4);
    for (const [index, subscription] of subscriptions.entries()) {
      const at = 100 + 48 * index;
      view.setBigUint64(at, 0x1_0000_0002n * BigInt(index + 1), true);
      if ("clock" in subscription) {
        view.setUint8(at + 8, 0);
        view.setUint32(at + 16, subscription.clock, true);
        view.setBigUint64(at + 24, subscription.ns, true);
        view.setUint16(at + 40, subscription.absolute === true ? 1 : 0, true);
      } else {
        view.setUint8(at + 8, "read" in subscription ? 1 : 2);
        view.setUint32(
          at + 16,
          "read" in subscription ? subscription.read : subscription.write,
          true,
        );
      }
    }
    return pollOneoff({
      node: this.test.node,
      memory: new GuestMemory(this.#memory),
      hasInput: () => this.hasInput,
      isOpen: (descriptor) => descriptor === STDIN ? this.isStdinOpen : descriptor < CLOSED,
      wait: (ready, limits) => {
        this.waiting = { ready, limits };
        return Promise.resolve(0);
      },
    }, [100, EVENTS, subscriptions.length, COUNT]);
  }

  /** The events, as `index error type bytes`. */
  get events(): string[] {
    const view = new DataView(this.#memory.buffer);
    return Array.from({ length: view.getUint32(COUNT, true) }, (_, index) => {
      const at = EVENTS + 32 * index;
      const data = view.getBigUint64(at, true);
      assertEquals(data % 0x1_0000_0002n, 0n, "the number of the subscription");
      const number = data / 0x1_0000_0002n - 1n;
      const rest = [12, 20, 24, 28].map((word) => view.getUint32(at + word, true));
      assertEquals(rest, [0, 0, 0, 0]);
      return [number, view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
        .concat(view.getUint32(at + 16, true)).join(" ");
    });
  }
}

Deno.test("waiting for nothing is an error", () => {
  assertEquals(new Host().poll(), Errno.invalid);
});

Deno.test("events that have happened are returned at once, in the order of the subscriptions", () => {
  const host = new Host();
  host.hasInput = true;
  const clock = { clock: 1, ns: 0n };
  assertEquals(host.poll({ write: STDOUT }, { read: STDIN }, clock, { clock: 1, ns: 1n }), 0);
  assertEquals(host.events, ["0 0 2 1", "1 0 1 1", "2 0 0 0"]);
  assertEquals(host.waiting, undefined);
});

Deno.test("a descriptor that is not open is an error of its event", () => {
  const host = new Host();
  host.poll({ read: CLOSED }, { write: CLOSED });
  assertEquals(host.events, [`0 ${Errno.badDescriptor} 1 1`, `1 ${Errno.badDescriptor} 2 1`]);
  host.isStdinOpen = false;
  host.poll({ read: STDIN });
  assertEquals(host.events, [`0 ${Errno.badDescriptor} 1 1`]);
});

Deno.test("a wait ends with the first clock, or with input if it is for input", () => {
  const host = new Host();
  host.test.clock.monotonicMs = 100;
  host.poll({ clock: 1, ns: 50_000_000n }, { clock: 1, ns: 20_500_000n }, { read: STDIN });
  const { ready, limits } = host.waiting!;
  assertEquals([limits.delayMs(), limits.isForInput], [20.5, true]);
  assertEquals(ready(), undefined);
  host.test.clock.monotonicMs = 110;
  assertEquals(limits.delayMs(), 10.5);
  host.test.clock.monotonicMs = 120.5;
  assertEquals([ready(), host.events], [0, ["1 0 0 0"]]);
  host.hasInput = true;
  host.test.clock.monotonicMs = 150;
  assertEquals([ready(), host.events], [0, ["0 0 0 0", "1 0 0 0", "2 0 1 1"]]);
});

Deno.test("a wait without a clock has no end of its own, and one without stdin is not for input", () => {
  const host = new Host();
  host.poll({ read: STDIN });
  assertEquals(host.waiting?.limits.delayMs(), Infinity);
  assertEquals(host.waiting?.limits.isForInput, true);
  host.poll({ clock: 1, ns: 1_000_000n });
  assertEquals(host.waiting?.limits.isForInput, false);
});

Deno.test("a time of the wall clock, and long delays, are waited for in milliseconds", () => {
  const host = new Host();
  host.test.clock.wallMs = 1_735_689_600_000;
  host.test.clock.monotonicMs = 30;
  host.poll({ clock: 0, ns: 1_735_689_600_250_000_000n, absolute: true });
  const delayMs = Math.round(host.waiting?.limits.delayMs() ?? 0);
  assertEquals(delayMs, 250);
  host.poll({ clock: 0, ns: 10_000_000_000_000_000n });
  assertEquals(host.waiting?.limits.delayMs(), 1e10);
  host.poll({ clock: 0, ns: 1_735_689_599_000_000_000n, absolute: true });
  assertEquals(host.events, ["0 0 0 0"], "a time that has passed");
});
