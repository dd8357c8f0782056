/**
 * The pretend portals that `tests/sdk/run` started, as HubSpot's own client sees them.
 *
 * Deliberately absent: tests.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { createRequire } from "node:module";

// The client is a CommonJS module; asked for so, it is found through NODE_PATH, outside the tree.
const require = createRequire(import.meta.url);
const { Client } = require("@hubspot/api-client");

/** The models and exceptions of one API (`crm/contacts`). */
export const models = (area) => require(`@hubspot/api-client/lib/codegen/${area}/index.js`);

export const OPEN = JSON.parse(process.env.PORTSIDE_OPEN);
export const LIMITED = JSON.parse(process.env.PORTSIDE_LIMITED);
export const NO_SUCH_ID = "999999999999";

export function connect(portal = OPEN, config = {}) {
  return new Client({ basePath: portal.base_url, accessToken: portal.token, ...config });
}

/** Switches what is wrong with the open portal; `{}` puts it right. (`fetch` would leave timers, which tests count.) */
export async function faults(what) {
  const asked = request(`${OPEN.base_url}/_simulator/faults`, { method: "PUT" });
  asked.end(JSON.stringify(what));
  const [answer] = await once(asked, "response");
  answer.resume();
  assert.equal(answer.statusCode, 204);
}

/** The refusal of a call, which must be the exception of that API. */
export async function refused(area, call) {
  const { ApiException } = models(area);
  const error = await call.then(
    () => assert.fail("it was not refused"),
    (error) => error,
  );
  assert.ok(error instanceof ApiException, `${error}`);
  return error;
}

export const ids = (list) => list.map((entry) => entry.id);
export const sorted = (list) => [...list].sort();
