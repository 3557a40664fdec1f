// amazon-cognito-identity-js: its methods by their own names, their callbacks awaited.

import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
} from "amazon-cognito-identity-js";

import { converse } from "./dialogue.mjs";

let pool;
const users = new Map();

function user(username) {
  if (!users.has(username)) {
    users.set(username, new CognitoUser({ Username: username, Pool: pool }));
  }
  return users.get(username);
}

const attributes = (given) =>
  Object.entries(given).map(([Name, Value]) => new CognitoUserAttribute({ Name, Value }));

const tokens = (session) => ({
  idToken: session.getIdToken().getJwtToken(),
  accessToken: session.getAccessToken().getJwtToken(),
  refreshToken: session.getRefreshToken().getToken(),
  isValid: session.isValid(),
});

// (error, result) => … as a promise.
const called = (method) =>
  new Promise((resolve, reject) => {
    method((error, result) => (error ? reject(error) : resolve(result)));
  });

// {onSuccess, onFailure, …} as a promise of which was called, with what.
const answered = (method) =>
  new Promise((resolve, reject) => {
    method({
      onSuccess: (result, userConfirmationNecessary) =>
        resolve({ called: "onSuccess", result, userConfirmationNecessary }),
      onFailure: reject,
      associateSecretCode: (secret) => resolve({ called: "associateSecretCode", secret }),
      mfaRequired: (_, parameters) => resolve({ called: "mfaRequired", parameters }),
      mfaSetup: (_, parameters) => resolve({ called: "mfaSetup", parameters }),
      selectMFAType: (_, parameters) => resolve({ called: "selectMFAType", parameters }),
      totpRequired: (_, parameters) => resolve({ called: "totpRequired", parameters }),
      inputVerificationCode: (result) => resolve({ called: "inputVerificationCode", result }),
      newPasswordRequired: (userAttributes, requiredAttributes) =>
        resolve({ called: "newPasswordRequired", userAttributes, requiredAttributes }),
    });
  });

const session = async (method) => {
  const answer = await answered(method);
  return answer.called === "onSuccess" ? { ...answer, result: tokens(answer.result) } : answer;
};

await converse({
  configure(settings) {
    pool = new CognitoUserPool(settings);
    users.clear();
  },

  async signUp(username, password, given) {
    const result = await called((done) =>
      pool.signUp(username, password, attributes(given), null, done),
    );
    return { userConfirmed: result.userConfirmed, userSub: result.userSub };
  },

  confirmRegistration: (username, code) =>
    called((done) => user(username).confirmRegistration(code, false, done)),

  resendConfirmationCode: (username) =>
    called((done) => user(username).resendConfirmationCode(done)),

  authenticateUser(username, password, flow = "USER_SRP_AUTH") {
    const someone = user(username);
    someone.setAuthenticationFlowType(flow);
    const details = new AuthenticationDetails({ Username: username, Password: password });
    return session((callbacks) => someone.authenticateUser(details, callbacks));
  },

  completeNewPasswordChallenge: (username, password, given) =>
    session((callbacks) => user(username).completeNewPasswordChallenge(password, given, callbacks)),

  getSession: async (username) => tokens(await called((done) => user(username).getSession(done))),

  async refreshSession(username) {
    const current = await called((done) => user(username).getSession(done));
    return tokens(
      await called((done) => user(username).refreshSession(current.getRefreshToken(), done)),
    );
  },

  async getUserAttributes(username) {
    const found = await called((done) => user(username).getUserAttributes(done));
    return Object.fromEntries(found.map((one) => [one.getName(), one.getValue()]));
  },

  updateAttributes: (username, given) =>
    called((done) => user(username).updateAttributes(attributes(given), done)),

  getAttributeVerificationCode: (username, attribute) =>
    answered((callbacks) => user(username).getAttributeVerificationCode(attribute, callbacks)),

  verifyAttribute: (username, attribute, code) =>
    answered((callbacks) => user(username).verifyAttribute(attribute, code, callbacks)),

  changePassword: (username, old, wanted) =>
    called((done) => user(username).changePassword(old, wanted, done)),

  forgotPassword: (username) => answered((callbacks) => user(username).forgotPassword(callbacks)),

  confirmPassword: (username, code, wanted) =>
    answered((callbacks) => user(username).confirmPassword(code, wanted, callbacks)),

  globalSignOut: (username) => answered((callbacks) => user(username).globalSignOut(callbacks)),

  signOut: (username) => called((done) => user(username).signOut(done)),

  deleteUser: (username) => called((done) => user(username).deleteUser(done)),

  associateSoftwareToken: (username) =>
    answered((callbacks) => user(username).associateSoftwareToken(callbacks)),

  // While a sign-in waits it ends that sign-in, otherwise it answers a status.
  async verifySoftwareToken(username, code, name) {
    const answer = await answered((callbacks) =>
      user(username).verifySoftwareToken(code, name, callbacks),
    );
    const { result } = answer;
    return { ...answer, result: result.getIdToken ? tokens(result) : result };
  },

  setUserMfaPreference: (username, sms, softwareToken) =>
    called((done) => user(username).setUserMfaPreference(sms, softwareToken, done)),

  sendMFACode: (username, code, type) =>
    session((callbacks) => user(username).sendMFACode(code, callbacks, type)),

  sendMFASelectionAnswer: (username, type) =>
    answered((callbacks) => user(username).sendMFASelectionAnswer(type, callbacks)),

  getDevice: (username) => answered((callbacks) => user(username).getDevice(callbacks)),

  listDevices: (username, limit, page = null) =>
    answered((callbacks) => user(username).listDevices(limit, page, callbacks)),

  setDeviceStatusRemembered: (username) =>
    answered((callbacks) => user(username).setDeviceStatusRemembered(callbacks)),

  setDeviceStatusNotRemembered: (username) =>
    answered((callbacks) => user(username).setDeviceStatusNotRemembered(callbacks)),

  forgetDevice: (username) => answered((callbacks) => user(username).forgetDevice(callbacks)),

  forgetSpecificDevice: (username, key) =>
    answered((callbacks) => user(username).forgetSpecificDevice(key, callbacks)),

  // As after a page was loaded anew: what it stored is there, what it held in variables is not.
  reload: () => users.clear(),
});
