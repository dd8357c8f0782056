/**
 * HubSpot's own Node client against the pretend portal: refusals, limits, and the client's own retries.
 *
 * Deliberately absent: broken answers, which no client's models know of (tests/journeys).
 */

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";

import { LIMITED, NO_SUCH_ID, OPEN, connect, faults, refused } from "./portal.mjs";

const area = "crm/contacts";
const page = (client) => client.crm.contacts.basicApi.getPage(1);
const search = (client) => client.crm.contacts.searchApi.doSearch({ limit: 1 });

/** Runs the client's waits at once and tells how long each would have been. */
function waits(t) {
  const waited = [];
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", (run, millis, ...rest) => {
    waited.push(millis);
    return setTimeout(run, 0, ...rest);
  });
  t.mock.method(console, "error", () => {});
  return waited;
}

describe("refusals", () => {
  afterEach(() => faults({}));

  it("no valid token is a 401", async () => {
    for (const [accessToken, category] of [
      ["pat-eu1-rubbish", "INVALID_AUTHENTICATION"],
      ["rubbish", "EXPIRED_AUTHENTICATION"],
    ]) {
      const error = await refused(area, page(connect(OPEN, { accessToken })));
      assert.deepEqual([error.code, error.body.category], [401, category]);
    }
  });

  it("a missing scope is a 403 that names it", async () => {
    await faults({ scopes_lost: ["crm.objects.contacts.read"] });
    const error = await refused(area, page(connect()));
    assert.deepEqual([error.code, error.body.category], [403, "MISSING_SCOPES"]);
    const { requiredGranularScopes } = error.body.errors[0].context;
    assert.deepEqual(requiredGranularScopes, ["crm.objects.contacts.read"]);
  });

  it("an unknown id is a 404 with its correlation id", async () => {
    const error = await refused(area, connect().crm.contacts.basicApi.getById(NO_SUCH_ID));
    assert.deepEqual([error.code, error.body.category], [404, "OBJECT_NOT_FOUND"]);
    assert.equal(error.body.correlationId, error.headers["x-hubspot-correlation-id"]);
  });

  it("a known address is a 409 that names the contact", async () => {
    const api = connect().crm.contacts.basicApi;
    const made = await api.create({ properties: { email: "twice@node.example" } });
    const error = await refused(area, api.create({ properties: { email: "Twice@node.example" } }));
    assert.deepEqual([error.code, error.body.category], [409, "CONFLICT"]);
    assert.equal(error.body.message, `Contact already exists. Existing ID: ${made.id}`);
  });

  it("an unknown property is a 400 that names it", async () => {
    const properties = { email: "x@node.example", nothing: "1" };
    const error = await refused(area, connect().crm.contacts.basicApi.create({ properties }));
    assert.deepEqual([error.code, error.body.category], [400, "VALIDATION_ERROR"]);
    assert.equal(error.body.errors[0].code, "PROPERTY_DOESNT_EXIST");
    assert.deepEqual(error.body.errors[0].context, { propertyName: ["nothing"] });
  });

  it("a burst is a 429 that the client takes for the ten-second limit", async (t) => {
    const waited = waits(t);
    const client = connect(LIMITED, { numberOfApiCallRetries: 2 });
    const burst = await Promise.allSettled(Array.from({ length: 110 }, () => page(client)));
    const refusals = burst.filter((one) => one.status === "rejected").map((one) => one.reason);
    assert.ok(refusals.length > 0);
    for (const { code, body } of refusals) {
      assert.deepEqual([code, body.errorType, body.policyName], [429, "RATE_LIMIT", "TEN_SECONDLY_ROLLING"]);
    }
    assert.deepEqual(new Set(waited), new Set([10_000]));
  });

  it("searches too fast are a 429 that the client takes for the search limit", async (t) => {
    const waited = waits(t);
    const client = connect(LIMITED, { numberOfApiCallRetries: 2 });
    const burst = await Promise.allSettled(Array.from({ length: 30 }, () => search(client)));
    const refusals = burst.filter((one) => one.status === "rejected").map((one) => one.reason);
    assert.ok(refusals.length > 0);
    assert.ok(refusals.every(({ code, body }) => code === 429 && /secondly limit/.test(body.message)));
    assert.deepEqual(new Set(waited), new Set([1_000]));
  });

  for (const [name, effect, expected] of [
    ["a burst", { limited: { limit: "ten_secondly" } }, [10_000, 20_000]],
    ["searches", { limited: { limit: "secondly" } }, [1_000, 2_000]],
    ["searches, in the older words", { limited: { limit: "secondly_by_category" } }, [1_000, 2_000]],
    ["a failing server", { status: { status: 502 } }, [200, 400]],
  ]) {
    it(`the client's own retries outlast ${name}`, async (t) => {
      const waited = waits(t);
      const client = connect(OPEN, { numberOfApiCallRetries: 3 });
      await faults({ rules: [{ times: 2, effect }] });
      assert.equal((await search(client)).results.length, 1);
      assert.deepEqual(waited, expected);
    });
  }

  it("the daily limit is not waited out", async (t) => {
    const waited = waits(t);
    await faults({ rules: [{ effect: { limited: { limit: "daily" } } }] });
    const error = await refused(area, page(connect(OPEN, { numberOfApiCallRetries: 3 })));
    assert.deepEqual([error.code, error.body.policyName, waited], [429, "DAILY", []]);
  });

  it("searches too fast come through when the client waits", async (t) => {
    t.mock.method(console, "error", () => {});
    const client = connect(LIMITED, { numberOfApiCallRetries: 6 });
    const pages = await Promise.all(Array.from({ length: 8 }, () => search(client)));
    assert.ok(pages.every((page) => page.results.length === 1));
  });
});
