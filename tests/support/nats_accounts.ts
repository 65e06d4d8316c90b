/**
 * Accounts of a NATS server, and files with credentials as NATS's own tools write them.
 *
 * @module
 */

import { encodeAccount, encodeOperator, encodeUser, fmtCreds } from "@nats-io/jwt";
import { createAccount, createOperator, createUser } from "@nats-io/nkeys";

/** The limits of an account that are zero unless they are set; -1 removes a limit. */
const LIMITS = [
  ...["conn", "leaf", "subs", "data", "payload", "imports", "exports"],
  ...["mem_storage", "disk_storage", "streams", "consumer"],
];

/** An operator's server with one account. */
export interface NatsAccounts {
  /** The configuration of the server. */
  readonly config: string;
  /** The text of a `.creds` file of a user of the account. */
  readonly user: string;
  /** That of a user of an account that the server does not know. */
  readonly foreign: string;
}

/** Makes keys and tokens. They are random, as keys must be, and nothing else depends on them. */
export async function makeNatsAccounts(): Promise<NatsAccounts> {
  const operator = createOperator();
  const [account, system, unknown] = [createAccount(), createAccount(), createAccount()];
  const signer = { signer: operator };
  const operatorToken = await encodeOperator("operator", operator, {
    system_account: system.getPublicKey(),
  });
  const limits = Object.fromEntries(LIMITS.map((name) => [name, -1]));
  const tokens = {
    [account.getPublicKey()]: await encodeAccount("account", account, { limits }, signer),
    [system.getPublicKey()]: await encodeAccount("system", system, {}, signer),
  };
  const credentialsIn = async (issuer: typeof account) => {
    const user = createUser();
    return new TextDecoder().decode(fmtCreds(await encodeUser("user", user, issuer), user));
  };
  return {
    config: JSON.stringify({
      operator: operatorToken,
      system_account: system.getPublicKey(),
      resolver: "MEMORY",
      resolver_preload: tokens,
    }),
    user: await credentialsIn(account),
    foreign: await credentialsIn(unknown),
  };
}
