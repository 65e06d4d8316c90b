/**
 * What the author of a node tests with.
 *
 * @module
 */

export { type Answer, FakeHost, FakeNode, type FakeNodeOptions, settled } from "./fake_node.ts";
