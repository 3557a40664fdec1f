// The AWS SDK for JavaScript 3, and aws-jwt-verify for what comes back.

import * as cognito from "@aws-sdk/client-cognito-identity-provider";
import { CognitoJwtVerifier, JwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

import { converse } from "./dialogue.mjs";

let client;

// aws-jwt-verify fetches over HTTPS alone; its documented way out is a fetcher of one's own.
const fetcher = {
  async fetch(uri) {
    const answer = await fetch(uri);
    if (!answer.ok) throw new Error(`${uri}: ${answer.status}`);
    return answer.arrayBuffer();
  },
};

await converse({
  configure(settings) {
    client?.destroy();
    client = new cognito.CognitoIdentityProviderClient(settings);
  },

  async send(command, input) {
    const { $metadata, ...answer } = await client.send(new cognito[`${command}Command`](input));
    return answer;
  },

  async paginate(operation, input) {
    const pages = [];
    for await (const page of cognito[`paginate${operation}`]({ client, pageSize: 2 }, input)) {
      pages.push(page);
    }
    return pages;
  },

  verify: (token, expected) =>
    JwtVerifier.create(expected, { jwksCache: new SimpleJwksCache({ fetcher }) }).verify(token),

  verifyAsCognito(token, expected, jwks) {
    const verifier = CognitoJwtVerifier.create(expected);
    verifier.cacheJwks(jwks);
    return verifier.verify(token);
  },
});
