// A certified OpenID provider on loopback, for tests of logins: PKCE required, refresh tokens rotated,
// device flow, revocation. node oidc.mjs MODULES PORT ACCESS_SECONDS
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, port, seconds] = process.argv.slice(2);
const require = createRequire(`${modules}/x.js`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const google = 'https://www.googleapis.com/auth/gmail.';
const calendar = 'https://www.googleapis.com/auth/calendar.';
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'spatio-test',
    client_secret: 'client-secret-c4nary-0123456789',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/'],
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    response_types: ['code'],
  }],
  scopes: ['openid', 'email', `${google}readonly`, `${google}modify`, `${google}compose`,
    `${calendar}events`, `${calendar}events.readonly`, `${calendar}calendarlist.readonly`],
  claims: { openid: ['sub'], email: ['email'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id }) }),
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
  },
  pkce: { required: () => true },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: Number(seconds), DeviceCode: 60, Grant: 3600, RefreshToken: 3600, Session: 600, IdToken: 600 },
  cookies: { keys: ['tests'] },
});
for (const name of ['log', 'info', 'warn']) console[name] = () => {};
provider.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
