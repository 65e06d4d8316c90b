/**
 * The texts of a new node and of its test, which `deno task new` writes.
 *
 * @module
 */

/** A node of a workload to begin with. */
export interface NodeTemplate {
  /** The workload's name in `contract` and in `workloads`. */
  readonly contract: string;
  /** What the node does, for its docstring. */
  readonly idea: string;
  /** The names that the body uses of the node library, besides those that every node uses. */
  readonly imports: readonly string[];
  /** The body of the function that runs when the node has received `init`. */
  readonly body: string;
  /** The faults under which the node passes its test. */
  readonly faults: readonly string[];
  /** What the test states. */
  readonly claim: string;
}

/** Every node sends all its elements to all others, twice a second. */
const GOSSIP = `  const elements = new Set<Json>();
  node.on("gossip", { batch: schema.array(schema.json) }, ({ batch }) => {
    for (const element of batch) elements.add(element);
  });
  node.every(500, () => {
    for (const peer of node.peers) {
      node.send(peer, { type: "gossip", batch: [...elements] });
    }
  });`;

/** The templates by workload. */
export const NODE_TEMPLATES: Readonly<Record<string, NodeTemplate>> = {
  "echo": {
    contract: "echo",
    idea: "Returns every payload unchanged.",
    imports: [],
    body: `  node.log("ready");
  return {
    echo: ({ echo }) => ({ echo }), // replies echo_ok
  };`,
    faults: ["pause"],
    claim: "returns every payload",
  },
  "unique-ids": {
    contract: "uniqueIds",
    idea: "Generates ids that are unique in the cluster: the node's id and a number.\n" +
      " * The incarnation tells apart the ids before and after a restart.",
    imports: [],
    body: `  let next = 0;
  return {
    generate: () => ({ id: \`\${node.id}-\${node.incarnation}-\${next++}\` }),
  };`,
    faults: ["partition", "kill"],
    claim: "generates no id twice",
  },
  "broadcast": {
    contract: "broadcast",
    idea: "Every node sends all values to all others, twice a second.",
    imports: ["type Json", "schema"],
    body: `${GOSSIP}
  return {
    topology: () => ({}),
    broadcast: ({ message }) => {
      elements.add(message);
      return {}; // replies broadcast_ok
    },
    read: () => ({ messages: [...elements] }),
  };`,
    faults: ["partition", "loss"],
    claim: "loses no value",
  },
  "g-set": {
    contract: "gSet",
    idea: "Every node sends all elements to all others, twice a second.",
    imports: ["type Json", "schema"],
    body: `${GOSSIP}
  return {
    add: ({ element }) => {
      elements.add(element);
      return {}; // replies add_ok
    },
    read: () => ({ value: [...elements] }),
  };`,
    faults: ["partition", "loss"],
    claim: "loses no element",
  },
};

/** Where the new files import the libraries from. */
export interface LibraryNames {
  readonly node: string;
  readonly testing: string;
}

/** Returns the text of a node. */
export function nodeText(
  name: string,
  { contract, idea, imports, body }: NodeTemplate,
  library: LibraryNames,
): string {
  const names = ["contract", "defineNode", ...imports, "serve"];
  return `#!/usr/bin/env -S deno run
/**
 * ${idea}
 *
 * @module
 */

import { ${names.join(", ")} } from "${library.node}";

const ${name} = defineNode({ serves: contract.${contract} }, (node) => {
${body}
});

export default ${name};
if (import.meta.main) await serve(${name});
`;
}

/** Returns the text of a test of a node that it imports from `path`. */
export function testText(
  name: string,
  path: string,
  { contract, faults, claim }: NodeTemplate,
  library: LibraryNames,
): string {
  return `import { simulate, workloads } from "${library.testing}";
import ${name} from "${path}";

Deno.test("${name} ${claim}", async () => {
  const run = await simulate(${name}, workloads.${contract}, {
    nodes: 3,
    timeLimitSeconds: 10,
    faults: [${faults.map((fault) => `"${fault}"`).join(", ")}],
    seed: 1,
  });
  run.expectValid();
});
`;
}
