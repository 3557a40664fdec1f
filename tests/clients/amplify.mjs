// AWS Amplify 6: every function of aws-amplify/auth by its own name.

import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";

import { converse } from "./dialogue.mjs";

// Browsers have it, Node since 21; Amplify reads a device's name from it.
Object.defineProperty(globalThis, "navigator", {
  value: { userAgent: "Amplify in a test" },
  configurable: true,
});

// Answers hold functions and token objects; a test wants what an application would read of them.
async function fetchAuthSession(options) {
  const { tokens, userSub } = await auth.fetchAuthSession(options);
  if (tokens === undefined) return { tokens: null };
  return {
    tokens: {
      accessToken: tokens.accessToken.toString(),
      idToken: tokens.idToken.toString(),
      idTokenPayload: tokens.idToken.payload,
    },
    userSub,
  };
}

await converse({
  ...auth,
  configure: (cognito) => Amplify.configure({ Auth: { Cognito: cognito } }),
  fetchAuthSession,
  autoSignIn: () => auth.autoSignIn(), // another function after each sign-up
});
