/**
 * HubSpot's own Node client against the pretend portal: an app is connected, and its tokens kept alive.
 *
 * Deliberately absent: the routes of later versions, which this client does not know (the simulator's own tests).
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { describe, it } from "node:test";

import { OPEN, connect, models, refused } from "./portal.mjs";

const { oauth } = connect();
const { app } = OPEN;
const [back] = app.redirect_uris;
const { AccessTokenInfoResponse, RefreshTokenInfoResponse, TokenResponseIF } = models("oauth");

async function send(address, options, body) {
  const asked = request(address, options);
  asked.end(body);
  const [answer] = await once(asked, "response");
  answer.resume();
  return answer;
}

/** What the browser brings back, once somebody has pressed a button on the page that this client points to. */
async function decide(decision) {
  const scopes = app.required_scopes.join(" ");
  const address = oauth
    .getAuthorizationUrl(app.client_id, back, scopes, "tickets", "a state/+%")
    .replace("https://app.hubspot.com", app.authorize_base);
  assert.equal((await send(address, { method: "GET" })).statusCode, 200);
  const answer = await send(address, { method: "POST" }, `decision=${decision}`);
  assert.equal(answer.statusCode, 302);
  const { origin, pathname, searchParams } = new URL(answer.headers.location);
  assert.equal(origin + pathname, back);
  return Object.fromEntries(searchParams);
}

const exchange = (code) =>
  oauth.tokensApi.create("authorization_code", code, back, app.client_id, app.client_secret);
const refresh = (token) =>
  oauth.tokensApi.create("refresh_token", undefined, undefined, app.client_id, app.client_secret, token);
const connected = async () => exchange((await decide("approve")).code);

describe("an app", () => {
  it("is connected, and its token opens what was granted", async () => {
    const { code, state } = await decide("approve");
    assert.equal(state, "a state/+%");
    const tokens = await exchange(code);
    assert.ok(tokens instanceof TokenResponseIF);
    assert.deepEqual([tokens.tokenType, tokens.expiresIn], ["bearer", 1800]);
    const { crm } = connect(OPEN, { accessToken: tokens.accessToken });
    assert.equal((await crm.contacts.basicApi.getPage(1)).results.length, 1);
    assert.equal((await crm.tickets.basicApi.getPage(1)).results.length, 1);
    assert.equal((await refused("crm/products", crm.products.basicApi.getPage(1))).code, 403);
  });

  it("gets another access token for the same refresh token", async () => {
    const first = await connected();
    const second = await refresh(first.refreshToken);
    assert.equal(second.refreshToken, first.refreshToken);
    assert.notEqual(second.accessToken, first.accessToken);
  });

  it("learns what its tokens are", async () => {
    const tokens = await connected();
    const access = await oauth.accessTokensApi.get(tokens.accessToken);
    assert.ok(access instanceof AccessTokenInfoResponse);
    assert.deepEqual([access.token, access.tokenType], [tokens.accessToken, "access"]);
    assert.deepEqual([`${access.hubId}`, access.scopes], [OPEN.portal, [...app.required_scopes, "tickets"]]);
    const kept = await oauth.refreshTokensApi.get(tokens.refreshToken);
    assert.ok(kept instanceof RefreshTokenInfoResponse);
    assert.deepEqual([kept.clientId, kept.tokenType], [app.client_id, "refresh"]);
  });

  it("keeps its access token when the refresh token is deleted", async () => {
    const tokens = await connected();
    await oauth.refreshTokensApi.archive(tokens.refreshToken);
    const error = await refused("oauth", refresh(tokens.refreshToken));
    assert.deepEqual([error.code, error.body.status], [400, "BAD_REFRESH_TOKEN"]);
    const { crm } = connect(OPEN, { accessToken: tokens.accessToken });
    assert.equal((await crm.contacts.basicApi.getPage(1)).results.length, 1);
  });

  it("can use a code once", async () => {
    const { code } = await decide("approve");
    await exchange(code);
    const error = await refused("oauth", exchange(code));
    assert.deepEqual([error.code, error.body.status], [400, "BAD_AUTH_CODE"]);
  });

  it("gets no code from somebody who cancels", async () => {
    const { code, error, state } = await decide("deny");
    assert.deepEqual([code, error, state], [undefined, "access_denied", "a state/+%"]);
  });
});
