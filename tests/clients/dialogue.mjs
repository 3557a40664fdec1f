// How a test speaks to a client that runs in Node: one question a line, one answer a line.
//
//   {"ask": "signIn", "arguments": [{…}]}  →  {"answer": …}
//                                          or {"refusal": {"name", "message", "class", "fields"}}

import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

// Browsers have it, Node since 19; the clients look for it when they are called.
globalThis.crypto ??= webcrypto;

const plain = (error) =>
  Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value !== "object"));

// Questions are answered in their order. `answers`: by what is asked, functions of the arguments.
export async function converse(answers) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { ask, arguments: given } = JSON.parse(line);
    let reply;
    try {
      if (!(ask in answers)) throw new Error(`this script cannot be asked for ${ask}`);
      reply = { answer: await answers[ask](...given) };
    } catch (error) {
      const { name, message } = error;
      reply = { refusal: { name, message, class: error.constructor.name, fields: plain(error) } };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit(); // nobody asks any more, whatever timer of a client's still runs
}
