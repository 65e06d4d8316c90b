/**
 * Linearizability checkers: for one object of any model, and for the registers of `lin-kv`.
 *
 * @module
 */

export { casRegister, register } from "./cas_register.ts";
export { checkKeys, type KeyVerdict } from "./check_keys.ts";
export { checkLinearizable, type LinearizableOptions } from "./check_linearizable.ts";
export { checkLinearizableRegisters, type RegistersVerdict } from "./check_registers.ts";
export { mutex } from "./mutex.ts";
export { type Call, type CompleteModel, type Model } from "./model.ts";
